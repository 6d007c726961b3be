import Glibc
import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("Members that are there, gone or hanging", .realServers("6.0.5"), .serialized)
struct ReachabilityTests {
    private let driver = LibMongoCDriver.quiet
    private let clock = ContinuousClock()

    /// Makes a call that the server answers after a minute, as it does to a client that waits for news.
    private func waitForNews(_ connection: any MemberConnection, timeout: Duration) async throws {
        let hello = try await connection.run(["hello": 1], on: "admin", timeout: .seconds(10))
        guard let version = hello["topologyVersion"] else { throw TestFailure("no topologyVersion") }
        let command: BSONDocument = ["hello": 1, "topologyVersion": version, "maxAwaitTimeMS": 60000]
        _ = try await connection.run(command, on: "admin", timeout: timeout)
    }

    @Test("IPv4, IPv6, names and Unix sockets lead to the same server")
    func addresses() async throws {
        try await RealMongod.with { server in
            for text in [
                "127.0.0.1:\(server.port)", "[::1]:\(server.port)", "localhost:\(server.port)", server.socketPath,
            ] {
                let status = try await driver.run(["serverStatus": 1], at: MemberAddress(text))
                #expect(status["pid"]?.intValue != nil, "\(text)")
            }
        }
    }

    @Test("Nobody there is said at once, not at the deadline", arguments: ["127.0.0.1", "localhost", "::1"])
    func refused(host: String) async throws {
        let address = MemberAddress(host: host, port: try FreePorts.next())
        let start = clock.now
        let error = try await replicaKitError { try await driver.run(["hello": 1], at: address) }
        #expect(error.code == .connectionRefused, "\(error)")
        #expect(clock.now - start < .seconds(15))
        #expect(error.member == address)
    }

    @Test("A Unix socket that is not there is nobody, too")
    func missingSocket() async throws {
        let error = try await replicaKitError {
            try await driver.run(["hello": 1], at: MemberAddress("/tmp/rk-no-such-socket.sock"))
        }
        #expect(error.code == .connectionRefused)
    }

    @Test("A host name without an address")
    func unknownHost() async throws {
        let start = clock.now
        let error = try await replicaKitError {
            try await driver.run(["hello": 1], at: MemberAddress("no-such-host.invalid:27017"), timeout: .seconds(5))
        }
        #expect(error.code == .hostNotFound || error.code == .connectionTimedOut, "\(error)")
        #expect(clock.now - start < .seconds(15))
    }

    @Test("A server that hangs is given up at the deadline")
    func hanging() async throws {
        try await RealMongod.with { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                _ = try await connection.run(["hello": 1], on: "admin", timeout: .seconds(20))
                try await server.hang()
                let start = clock.now
                let call = try await replicaKitError {
                    _ = try await connection.run(["ping": 1], on: "admin", timeout: .milliseconds(500))
                }
                let took = clock.now - start
                #expect(call.code == .connectionTimedOut)
                #expect(took >= .milliseconds(500) && took < .seconds(10), "\(took)")
                // The connection is dead, and says so without another wait.
                let next = try await replicaKitError {
                    _ = try await connection.run(["ping": 1], on: "admin", timeout: .seconds(20))
                }
                #expect(next.code == .connectionClosed)
                #expect(clock.now - start < .seconds(15))
            }
            let start = clock.now
            let opening = try await replicaKitError {
                try await driver.run(["ping": 1], at: server.address, timeout: .milliseconds(500))
            }
            let took = clock.now - start
            #expect(opening.code == .connectionTimedOut)
            #expect(took >= .milliseconds(500) && took < .seconds(10), "\(took)")
        }
    }

    @Test("Cancellation returns at once, whatever the server does")
    func cancellation() async throws {
        try await RealMongod.with { server in
            let task = Task {
                try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                    try await waitForNews(connection, timeout: .seconds(60))
                }
            }
            try await server.waitUntilInProgress(1)
            try await server.hang()
            let start = clock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(clock.now - start < .seconds(15))
        }
    }

    @Test("A call that waits behind another is cancelled alone")
    func cancellationInLine() async throws {
        try await RealMongod.with { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                let first = Task { try await waitForNews(connection, timeout: .seconds(20)) }
                try await server.waitUntilInProgress(1)
                let second = Task { try await connection.run(["ping": 1], on: "admin", timeout: .seconds(60)) }
                let start = clock.now
                second.cancel()
                await #expect(throws: CancellationError.self) { try await second.value }
                let third = try await replicaKitError {
                    _ = try await connection.run(["ping": 1], on: "admin", timeout: .milliseconds(200))
                }
                #expect(third.code == .connectionTimedOut)
                #expect(clock.now - start < .seconds(10))
                first.cancel()
                await #expect(throws: CancellationError.self) { try await first.value }
            }
        }
    }

    @Test("A server that dies in the middle")
    func death() async throws {
        try await RealMongod.with { server in
            let task = Task {
                try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                    try await waitForNews(connection, timeout: .seconds(60))
                }
            }
            try await server.waitUntilInProgress(1)
            server.signal(SIGKILL)
            let error = try await replicaKitError { try await task.value }
            #expect(error.code == .connectionClosed, "\(error)")
        }
    }

    @Test("A cancelled task opens nothing")
    func cancelledBefore() async throws {
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            _ = try await driver.run(["hello": 1], at: MemberAddress(host: "127.0.0.1", port: 1))
        }
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}

extension RealMongod {
    /// Waits until so many calls for news are in progress on the server.
    func waitUntilInProgress(_ count: Int) async throws {
        let pipeline: BSONArray = [
            ["$currentOp": ["allUsers": true]], ["$match": ["command.maxAwaitTimeMS": 60000, "active": true]],
            ["$count": "n"],
        ]
        let command: BSONDocument = ["aggregate": 1, "pipeline": .array(pipeline), "cursor": [:]]
        let deadline = ContinuousClock.now + .seconds(30)
        try await LibMongoCDriver.quiet.withConnection(to: address, as: .none, timeout: .seconds(20)) { connection in
            while ContinuousClock.now < deadline {
                let reply = try await connection.run(command, on: "admin", timeout: .seconds(20))
                if reply[path: "cursor", "firstBatch", "0", "n"]?.intValue ?? 0 >= count { return }
                try await Task.sleep(for: .milliseconds(20))
            }
            throw TestFailure("\(count) calls are not in progress")
        }
    }
}
