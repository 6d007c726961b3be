import Foundation
import ReplicaKit
import ReplicaKitMongo
import TestSupport

/// A member's directory, used by a server that is in no set.
enum Standalone {
    private struct Input: Codable, Sendable {
        var mongod: String
        var dbpath: String
        var port: Int
    }

    /// Runs a standalone on the member's data once, and writes a document that a set-up must not lose.
    static func write(into fixture: LifecycleFixture, member: MemberName) async throws {
        guard case .process(let runtime) = fixture.set.spec.runtime else { throw TestFailure("not a process runtime") }
        let input = Input(
            mongod: runtime.mongod,
            dbpath: fixture.members.directory.path("\(runtime.directory)/\(member)/db"),
            port: try FreePorts.next()
        )
        let written = try await Judge.ask(
            """
            import os, pymongo, subprocess
            os.makedirs(input["dbpath"], exist_ok=True)
            server = subprocess.Popen([input["mongod"], "--dbpath", input["dbpath"], "--port", str(input["port"]),
                "--bind_ip", "127.0.0.1", "--nounixsocket"], stdout=subprocess.DEVNULL)
            try:
                client = pymongo.MongoClient("127.0.0.1", input["port"], directConnection=True,
                    serverSelectionTimeoutMS=30000)
                client.shop.orders.insert_one({"a": 1})
                result = client.shop.orders.count_documents({})
            finally:
                server.terminate()
                server.wait()
            """,
            input: input,
            as: Int.self
        )
        guard written == 1 else { throw TestFailure("the standalone holds \(written) documents") }
    }
}

extension Standalone {
    /// Runs a server that is in no set on a member's data and at its address, while `body` looks.
    static func run<Result>(
        _ mongod: String,
        data: String,
        at address: MemberAddress,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let process = Process()
        process.executableURL = URL(filePath: mongod)
        process.arguments = [
            "--dbpath", data, "--port", "\(address.port)", "--bind_ip", address.host, "--nounixsocket",
        ]
        process.standardOutput = FileHandle.nullDevice
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        do {
            let driver = LibMongoCDriver(logger: .silent)
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(60)
            while clock.now < deadline {
                let hello = try? await driver.withConnection(to: address, as: .none, timeout: .seconds(2)) {
                    try await $0.run(Hello(), timeout: .seconds(2))
                }
                if hello != nil { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            let result = try await body()
            process.terminate()
            for await _ in ended {}
            return result
        } catch {
            kill(process.processIdentifier, SIGKILL)
            for await _ in ended {}
            throw error
        }
    }
}
