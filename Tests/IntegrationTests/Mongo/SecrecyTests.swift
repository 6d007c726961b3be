import Foundation
import Logging
import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("Secrets stay secret", .realServers("6.0.5"), .serialized)
struct SecrecyTests {
    @Test("No error, log line or process argument holds a password or a keyfile")
    func everywhere() async throws {
        let recorder = LogRecorder()
        let driver = LibMongoCDriver(logger: recorder.logger)
        let right = "Correct-Horse-1234", wrong = "Battery-Staple-5678", key = "V3J5U2VjcmV0S2V5RmlsZQ"
        var texts: [String] = []
        func collect(_ body: () async throws -> Void) async {
            do {
                try await body()
            } catch {
                var dumped = ""
                dump(error, to: &dumped)
                texts += ["\(error)", dumped, String(reflecting: error), (error as? ReplicaKitError)?.hint ?? ""]
            }
        }
        try await RealMongod.with(arguments: ["--auth"]) { server in
            try await server.createUser("root", password: right)
            let root = MemberAuthentication.user("root", right)
            try await driver.run(["ping": 1], at: server.address, as: root)
            await collect { try await driver.run(["ping": 1], at: server.address, as: .user("root", wrong)) }
            await collect { try await driver.run(["ping": 1], at: server.address, as: .keyFile(Secret(key))) }
            await collect { try await driver.run(["ping": 1], at: MemberAddress(host: "127.0.0.1", port: 1), as: root) }
            // What a caller sends may come back in the server's words; this driver's own password does not.
            await collect {
                let command: BSONDocument = ["find": "x", "filter": ["$bad": .string(right)]]
                try await driver.run(command, at: server.address, as: root)
            }
            await collect {
                try await driver.withConnection(to: server.address, as: root, timeout: .seconds(10)) { connection in
                    _ = try await connection.run([.init(stringLiteral: right): 1], on: "admin", timeout: .seconds(10))
                }
            }
            try await server.hang()
            await collect {
                try await driver.run(["ping": 1], at: server.address, as: root, timeout: .milliseconds(200))
            }
            let arguments = try Data(contentsOf: URL(filePath: "/proc/self/cmdline"))
            texts.append(String(decoding: arguments, as: UTF8.self))
        }
        #expect(texts.count >= 20)
        #expect(recorder.text.contains("127.0.0.1"))
        for secret in [right, wrong, key] {
            #expect(!recorder.text.contains(secret))
            for text in texts { #expect(!text.contains(secret), "\(text)") }
        }
    }

    @Test("libmongoc's log reaches the logger, and nothing else")
    func log() async throws {
        let recorder = LogRecorder()
        let driver = LibMongoCDriver(logger: recorder.logger)
        try await RealMongod.with(arguments: ["--auth"]) { server in
            try await server.createUser("root", password: "first")
            _ = try await replicaKitError {
                try await driver.run(["ping": 1], at: server.address, as: .user("root", "second"))
            }
            #expect(recorder.text.contains("Authentication failed"))
            #expect(recorder.text.contains("\(server.address)"))
        }
    }
}
