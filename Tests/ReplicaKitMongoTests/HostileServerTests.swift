import Glibc
import Logging
import ReplicaKit
import Testing

@testable import ReplicaKitMongo

@Suite("Servers that break the rules", .serialized)
struct HostileServerTests {
    private let driver = LibMongoCDriver(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    private let clock = ContinuousClock()

    private static let hello: BSONDocument = [
        "ismaster": true, "maxBsonObjectSize": 16_777_216, "maxMessageSizeBytes": 48_000_000,
        "maxWriteBatchSize": 100_000, "minWireVersion": 0, "maxWireVersion": 17, "ok": 1.0,
    ]

    private func ping(
        _ server: FakeServer,
        authentication: MemberAuthentication = .none,
        timeout: Duration = .seconds(2)
    ) async -> (any Error)? {
        do {
            let address = MemberAddress(host: "127.0.0.1", port: server.port)
            try await driver.withConnection(to: address, as: authentication, timeout: timeout) { connection in
                _ = try await connection.run(["ping": 1], on: "admin", timeout: timeout)
            }
            return nil
        } catch {
            return error
        }
    }

    private func code(_ error: (any Error)?) -> ReplicaKitError.Code? { (error as? ReplicaKitError)?.code }

    /// A document so deep that code which calls itself for each level would run out of stack.
    private static func nested(_ depth: Int) -> [UInt8] {
        var document: [UInt8] = [5, 0, 0, 0, 0]
        for _ in 0..<depth {
            document = WireMessage.int32(document.count + 8) + [3, 0x61, 0] + document + [0]
        }
        return document
    }

    @Test("A well-behaved one, to know that the others are what fails")
    func wellBehaved() async throws {
        let server = try FakeServer { message in
            WireMessage.isQuery(message)
                ? WireMessage.reply(Array(Self.hello.bytes), to: message)
                : WireMessage.command(Array((["ok": 1.0] as BSONDocument).bytes), to: message)
        }
        #expect(await ping(server) == nil)
    }

    @Test("Silence, at any point, ends at the deadline")
    func silence() async throws {
        let mute = try FakeServer { _ in [] }
        let afterHello = try FakeServer { message in
            WireMessage.isQuery(message) ? WireMessage.reply(Array(Self.hello.bytes), to: message) : []
        }
        let afterHalf = try FakeServer { message in
            Array(WireMessage.reply(Array(Self.hello.bytes), to: message).prefix(40))
        }
        for server in [mute, afterHello, afterHalf] {
            let start = clock.now
            #expect(code(await ping(server, timeout: .milliseconds(300))) == .connectionTimedOut)
            #expect(clock.now - start < .seconds(10))
        }
    }

    @Test("A system that answers no connection is given up at the deadline, or when cancelled")
    func noAnswer() async throws {
        let server = try FakeServer(backlog: 0)
        server.fill()
        let start = clock.now
        #expect(code(await ping(server, timeout: .milliseconds(300))) == .connectionTimedOut)
        #expect(clock.now - start < .seconds(10))
        let task = Task { await ping(server, timeout: .seconds(60)) }
        try await Task.sleep(for: .milliseconds(20))
        task.cancel()
        #expect(await task.value is CancellationError)
        #expect(clock.now - start < .seconds(20))
    }

    @Test("Hanging up, at any point, is a closed connection")
    func hangingUp() async throws {
        let atOnce = try FakeServer { _ in nil }
        #expect(code(await ping(atOnce)) == .connectionClosed)
        let afterHello = try FakeServer { message in
            WireMessage.isQuery(message) ? WireMessage.reply(Array(Self.hello.bytes), to: message) : nil
        }
        #expect(code(await ping(afterHello)) == .connectionClosed)
        let user = MemberAuthentication.password(Credential(user: "u", password: Secret("secret")))
        #expect(code(await ping(afterHello, authentication: user)) == .connectionClosed)
    }

    @Test("Depth costs no stack", arguments: [150, 5000])
    func depth(levels: Int) async throws {
        let deep = Self.nested(levels)
        let inHello = try FakeServer { message in
            var bytes = Array(Self.hello.bytes.dropFirst(4).dropLast()) + [3, 0x78, 0] + deep + [0]
            bytes = WireMessage.int32(bytes.count + 4) + bytes
            return WireMessage.isQuery(message)
                ? WireMessage.reply(bytes, to: message)
                : WireMessage.command(bytes, to: message)
        }
        let error = await ping(inHello, timeout: .seconds(20))
        #expect(error == nil || error is ReplicaKitError)
        let inAnswer = try FakeServer { message in
            WireMessage.isQuery(message)
                ? WireMessage.reply(Array(Self.hello.bytes), to: message)
                : WireMessage.command(deep, to: message)
        }
        let second = await ping(inAnswer, timeout: .seconds(20))
        #expect(second == nil || second is ReplicaKitError)
    }

    @Test("A greeting that is not BSON inside is an error, and not the end of the process")
    func damagedGreetings() async throws {
        let whole = Array(Self.hello.bytes)
        // Every byte between the length and the end, made a type or a length that there is none of.
        for offset in 4..<(whole.count - 1) {
            var damaged = whole
            damaged[offset] = 0xEE
            let greeting = damaged
            let server = try FakeServer { message in WireMessage.reply(greeting, to: message) }
            let credential = MemberAuthentication.password(Credential(user: "a", password: Secret("secret")))
            #expect(await ping(server, authentication: credential, timeout: .seconds(20)) != nil)
        }
    }

    @Test("Random damage ends in an error or in a reply, never in a crash")
    func damage() async throws {
        var random = SystemRandomNumberGenerator()
        for round in 0..<300 {
            let seed = random.next()
            let inHello = round.isMultiple(of: 2)
            let server = try FakeServer { message in
                let isQuery = WireMessage.isQuery(message)
                let answer: BSONDocument = ["ok": 1.0, "x": ["a": [1, 2, 3]], "s": "text"]
                var reply =
                    isQuery
                    ? WireMessage.reply(Array(Self.hello.bytes), to: message)
                    : WireMessage.command(Array(answer.bytes), to: message)
                guard isQuery == inHello else { return reply }
                var state = seed
                for _ in 0...(seed % 4) {
                    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                    reply[Int(state >> 33) % reply.count] = UInt8(truncatingIfNeeded: state >> 17)
                }
                return reply
            }
            let error = await ping(server, timeout: .milliseconds(150))
            #expect(error == nil || error is ReplicaKitError, "seed \(seed)")
        }
    }
}
