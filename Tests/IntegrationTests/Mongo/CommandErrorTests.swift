import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("What servers refuse", .realServers("6.0.5", "4.4.2"), .serialized)
struct CommandErrorTests {
    private let driver = LibMongoCDriver.quiet

    /// Makes the next command of that name fail once.
    private func fail(_ command: String, _ data: BSONDocument, on connection: any MemberConnection) async throws {
        var data = data
        data.append("failCommands", [.string(command)])
        let failPoint: BSONDocument = [
            "configureFailPoint": "failCommand", "mode": ["times": 1], "data": .document(data),
        ]
        _ = try await connection.run(failPoint, on: "admin", timeout: .seconds(10))
    }

    private func failing(
        _ command: BSONDocument,
        on database: String = "test",
        over connection: any MemberConnection
    ) async throws -> ReplicaKitError {
        try await replicaKitError { _ = try await connection.run(command, on: database, timeout: .seconds(10)) }
    }

    @Test("The server's code, name, message and labels are kept", arguments: RealServers.tested)
    func codes(version: String) async throws {
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(10)) { connection in
                let unknown = try await failing(["noSuchCommand": 1], over: connection)
                #expect(unknown.code == .commandFailed)
                #expect(unknown.server?.code == 59)
                #expect(unknown.server?.codeName == "CommandNotFound")
                #expect(unknown.server?.message.contains("noSuchCommand") == true)

                let codes: [(Int32, ReplicaKitError.Code)] = [
                    (10107, .notPrimary), (13435, .notPrimary), (189, .notPrimary), (11602, .notPrimary),
                    (50, .serverTimedOut), (13, .notAuthorized),
                    (79, .writeConcernFailed), (100, .writeConcernFailed), (8000, .commandFailed),
                ]
                for (number, code) in codes {
                    try await fail(
                        "ping",
                        ["errorCode": .int32(number), "errorLabels": ["First", "Second"]],
                        on: connection
                    )
                    let error = try await failing(["ping": 1], over: connection)
                    #expect(error.code == code, "\(number): \(error)")
                    #expect(error.server?.code == Int(number))
                    #expect(error.server?.labels == ["First", "Second"])
                    // A refusal is no reason to lose the connection, nor to wait.
                    _ = try await connection.run(["ping": 1], on: "admin", timeout: .seconds(1))
                }
            }
        }
    }

    @Test("A member that shuts down ends its connections", arguments: RealServers.tested)
    func shutdown(version: String) async throws {
        try await RealMongod.with(version) { server in
            for number in [91, 11600] {
                try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(10)) { connection in
                    try await fail("ping", ["errorCode": .int32(Int32(number))], on: connection)
                    for _ in 0..<2 {
                        let error = try await failing(["ping": 1], over: connection)
                        #expect(error.code == .connectionClosed)
                    }
                }
            }
        }
    }

    @Test("Write errors and write concern errors are errors though the server says ok", arguments: RealServers.tested)
    func writes(version: String) async throws {
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(10)) { connection in
                let insert: BSONDocument = ["insert": "docs", "documents": [["_id": 1]]]
                let concern: BSONDocument = [
                    "code": 64, "codeName": "WriteConcernFailed", "errmsg": "waiting timed out",
                ]
                try await fail("insert", ["writeConcernError": .document(concern)], on: connection)
                let late = try await failing(insert, over: connection)
                #expect(late.code == .writeConcernFailed)
                #expect(late.server?.code == 64)
                #expect(late.server?.codeName == "WriteConcernFailed")
                #expect(late.server?.message == "waiting timed out")

                let twice = try await failing(insert, over: connection)
                #expect(twice.code == .commandFailed)
                #expect(twice.server?.code == 11000)
                #expect(twice.server?.codeName == "DuplicateKey")
            }
        }
    }

    @Test("A server that hangs up is a closed connection", arguments: RealServers.tested)
    func hangUp(version: String) async throws {
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(10)) { connection in
                try await fail("ping", ["closeConnection": true], on: connection)
                let error = try await failing(["ping": 1], over: connection)
                #expect(error.code == .connectionClosed)
                let next = try await failing(["ping": 1], over: connection)
                #expect(next.code == .connectionClosed)
            }
            try await driver.run(["ping": 1], at: server.address)
        }
    }

    @Test("A command's own time limit is the server's")
    func maxTime() async throws {
        try await RealMongod.with { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(10)) { connection in
                let failPoint: BSONDocument = ["configureFailPoint": "maxTimeAlwaysTimeOut", "mode": "alwaysOn"]
                _ = try await connection.run(failPoint, on: "admin", timeout: .seconds(10))
                let error = try await failing(["find": "docs", "maxTimeMS": 1000], over: connection)
                #expect(error.code == .serverTimedOut)
                #expect(error.server?.codeName == "MaxTimeMSExpired")
            }
        }
    }

    @Test("A member without a primary, and a write that too few members can confirm", arguments: RealServers.tested)
    func replicaSet(version: String) async throws {
        try await RealMongod.with(version, arguments: ["--replSet", "rs"]) { server in
            let insert: BSONDocument = ["insert": "docs", "documents": [["_id": 1]]]
            let before = try await replicaKitError { try await driver.run(insert, on: "test", at: server.address) }
            #expect(before.code == .notPrimary, "\(before)")
            #expect(before.server?.code == 10107)

            let config: BSONDocument = ["_id": "rs", "members": [["_id": 0, "host": .string("\(server.address)")]]]
            try await driver.run(["replSetInitiate": .document(config)], at: server.address)
            try await server.waitUntilPrimary()
            var impossible = insert
            impossible.append("writeConcern", ["w": 3, "wtimeout": 1000])
            let error = try await replicaKitError { try await driver.run(impossible, on: "test", at: server.address) }
            #expect(error.code == .writeConcernFailed, "\(error)")
            #expect([64, 100].contains(error.server?.code))

            // The same connection goes on after the member stepped down and knows no primary.
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(10)) { connection in
                _ = try await connection.run(
                    ["replSetStepDown": 60, "force": true],
                    on: "admin",
                    timeout: .seconds(20)
                )
                let start = ContinuousClock.now
                // A driver that chose a server would look for a primary for 30 s, each time.
                for _ in 0..<5 {
                    let error = try await failing(["insert": "docs", "documents": [["_id": 2]]], over: connection)
                    #expect(error.code == .notPrimary)
                }
                #expect(ContinuousClock.now - start < .seconds(15))
            }
        }
    }
}

extension RealMongod {
    /// Waits until the member accepts writes.
    func waitUntilPrimary() async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let hello = try await LibMongoCDriver.quiet.run(["isMaster": 1], at: address)
            if hello["ismaster"]?.isTruthy == true { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestFailure("no primary:\n\(log.suffix(2000))")
    }
}
