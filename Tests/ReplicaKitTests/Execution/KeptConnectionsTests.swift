import ReplicaKit
import ReplicaKitTesting
import Synchronization
import Testing

/// A driver that counts its connections, and whose connections can be broken from outside.
private final class CountingDriver: MemberDriver {
    struct State {
        var opened = 0
        var open = 0
        var broken: Set<Int> = []
        var refusesAll = false
        /// Whether nobody ever answers.
        var hangs = false
        /// The time that each call for a connection had.
        var timeouts: [Duration] = []
        /// What happens while a connection is asked whether it works.
        var onPing: (@Sendable () -> Void)?
    }
    let state = Mutex(State())

    func breakAll() { state.withLock { $0.broken = Set(1...max(1, $0.opened)) } }

    func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        if state.withLock(\.hangs) { try await Task.sleep(for: .seconds(86_400)) }
        let number = try state.withLock { state in
            state.timeouts.append(timeout)
            guard !state.refusesAll else { throw ReplicaKitError(.connectionRefused, "nothing listens") }
            state.opened += 1
            state.open += 1
            return state.opened
        }
        defer { state.withLock { $0.open -= 1 } }
        return try await body(Connection(address: address, driver: self, number: number))
    }

    struct Connection: MemberConnection {
        let address: MemberAddress
        let driver: CountingDriver
        let number: Int

        func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument {
            if command.keys.first == "ping" { driver.state.withLock { $0.onPing }?() }
            guard !driver.state.withLock({ $0.broken.contains(number) }) else {
                throw ReplicaKitError(.connectionClosed, "it is gone", member: address)
            }
            guard command.keys.first != "refused" else {
                let words = ReplicaKitError.ServerError(code: 13, codeName: "Unauthorized", message: "no")
                throw ReplicaKitError(.notAuthorized, "no", server: words)
            }
            return ["number": .integer(number), "ok": 1.0]
        }

        func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor
        {
            throw ReplicaKitError(.commandFailed, "not here")
        }

        func insert(
            _ documents: DocumentBatch,
            into namespace: Namespace,
            options: InsertOptions,
            timeout: Duration
        ) async throws -> Int { 0 }
    }
}

@Suite("Connections that are kept", .timeLimit(.minutes(20)))
struct KeptConnectionsTests {
    private let driver = CountingDriver()
    private let address = MemberAddress(host: "10.0.0.1", port: 1)
    private let clock = ManualClock()
    private var elapsed: @Sendable () -> Duration { { [clock] in clock.now.sinceStart } }

    /// The number of the connection that a command was answered on.
    private func ask(
        _ kept: KeptConnections,
        _ command: String = "x",
        as authentication: MemberAuthentication = .none
    ) async throws -> Int? {
        try await kept.withConnection(to: address, as: authentication, timeout: .seconds(5)) { connection in
            try await connection.run([command: 1], on: "admin", timeout: .seconds(5))["number"]?.intValue
        }
    }

    @Test("One is used again and again, and closed in the end")
    func reuse() async throws {
        let kept = KeptConnections(driver, elapsed: elapsed)
        for _ in 0..<3 { #expect(try await ask(kept) == 1) }
        #expect(driver.state.withLock { $0.open } == 1)
        await kept.close()
        #expect(driver.state.withLock { $0.open } == 0)
        #expect(try await ask(kept) == 2)
        await kept.close()
    }

    @Test("One that broke meanwhile is replaced before anybody notices")
    func replaced() async throws {
        let kept = KeptConnections(driver, elapsed: elapsed)
        #expect(try await ask(kept) == 1)
        driver.breakAll()
        #expect(try await ask(kept) == 2)
        #expect(driver.state.withLock { $0.open } == 1)
        await kept.close()
    }

    @Test("One on which a call failed is not kept; one on which the server refused something is")
    func failures() async throws {
        let kept = KeptConnections(driver, elapsed: elapsed)
        await #expect(throws: ReplicaKitError.self) { _ = try await ask(kept, "refused") }
        #expect(driver.state.withLock { $0.open } == 0)
        let answered = try await kept.withConnection(to: address, as: .none, timeout: .seconds(5)) { connection in
            // As a look does: it notes the refusal and goes on.
            _ = try? await connection.run(["refused": 1], on: "admin", timeout: .seconds(5))
            return true
        }
        #expect(answered)
        #expect(try await ask(kept) == 2)
        let broke = try await kept.withConnection(to: address, as: .none, timeout: .seconds(5)) { connection in
            driver.breakAll()
            return (try? await connection.run(["x": 1], on: "admin", timeout: .seconds(5))) == nil
        }
        #expect(broke)
        #expect(driver.state.withLock { $0.open } == 0)
    }

    @Test("What the one that broke has taken is missing from the time of the next, by the given clock")
    func deadline() async throws {
        let kept = KeptConnections(driver, elapsed: elapsed)
        #expect(try await ask(kept) == 1)
        driver.breakAll()
        driver.state.withLock { [clock] state in state.onPing = { clock.advance(by: .seconds(2)) } }
        #expect(try await ask(kept) == 2)
        #expect(driver.state.withLock { $0.timeouts } == [.seconds(5), .seconds(3)])
        driver.breakAll()
        driver.state.withLock { [clock] state in state.onPing = { clock.advance(by: .seconds(60)) } }
        #expect(try await ask(kept) == 3)
        #expect(driver.state.withLock { $0.timeouts.last } == .zero)
        await kept.close()
    }

    @Test("Who signs in as somebody else gets another one")
    func identities() async throws {
        let kept = KeptConnections(driver, elapsed: elapsed)
        #expect(try await ask(kept) == 1)
        let admin = MemberAuthentication.password(Credential(user: "admin", password: Secret("hidden")))
        #expect(try await ask(kept, as: admin) == 2)
        #expect(driver.state.withLock { $0.open } == 1)
        await kept.close()
    }

    @Test("What cannot be opened says so, and a caller that is cancelled waits for nothing")
    func refused() async throws {
        driver.state.withLock { $0.refusesAll = true }
        let error = await #expect(throws: ReplicaKitError.self) {
            _ = try await ask(KeptConnections(driver, elapsed: elapsed))
        }
        #expect(error?.code == .connectionRefused)
        driver.state.withLock { ($0.refusesAll, $0.hangs) = (false, true) }
        let kept = KeptConnections(driver, elapsed: elapsed)
        let asking = Task { try await ask(kept) }
        asking.cancel()
        await #expect(throws: CancellationError.self) { _ = try await asking.value }
    }
}
