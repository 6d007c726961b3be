import Foundation
import Glibc
import ReplicaKit
import TestSupport

/// A `mongod` of its own for a driver test, with whatever arguments the test needs.
struct RealMongod {
    let version: String
    let port: Int
    let directory: TemporaryDirectory
    private let process: Process

    /// Its TCP address on the loopback interface.
    var address: MemberAddress { MemberAddress(host: "127.0.0.1", port: port) }
    /// Its Unix socket.
    var socketPath: String { directory.path("mongodb-\(port).sock") }

    /// Starts a server, lends it to `body` when it listens, and kills and removes it whatever happens.
    static func with<Result>(
        _ version: String = RealServers.defaultVersion,
        arguments: [String] = [],
        files: (TemporaryDirectory) throws -> [String] = { _ in [] },
        _ body: (RealMongod) async throws -> Result
    ) async throws -> Result {
        try await TemporaryDirectory.with(prefix: "rk-mongod") { directory in
            let server = try RealMongod(version, in: directory, arguments: arguments + files(directory))
            do {
                try await server.waitUntilListening()
                let result = try await body(server)
                server.kill()
                return result
            } catch {
                server.kill()
                throw error
            }
        }
    }

    private init(_ version: String, in directory: TemporaryDirectory, arguments: [String]) throws {
        self.version = version
        self.directory = directory
        port = try FreePorts.next()
        process = Process()
        process.executableURL = URL(filePath: try RealServers.mongod(version))
        process.arguments =
            [
                "--dbpath", directory.path, "--port", "\(port)", "--unixSocketPrefix", directory.path,
                "--bind_ip", "127.0.0.1,::1", "--ipv6", "--wiredTigerCacheSizeGB", "0.25", "--quiet",
                "--logpath", directory.path("log"), "--setParameter", "diagnosticDataCollectionEnabled=false",
                "--setParameter", "enableTestCommands=1",
            ] + arguments
        var environment = ProcessInfo.processInfo.environment
        environment["LD_LIBRARY_PATH"] = "\(RealServers.directory)/\(version)/lib"
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    /// Sends it a signal.
    func signal(_ number: Int32) { Glibc.kill(process.processIdentifier, number) }

    /// Makes it answer nothing more.
    func hang() async throws { try await TestSupport.hang(process.processIdentifier) }

    private func kill() {
        signal(SIGCONT)
        signal(SIGKILL)
        process.waitUntilExit()
    }

    /// What it logged, for failures.
    var log: String { (try? String(contentsOfFile: directory.path("log"), encoding: .utf8)) ?? "" }

    private func waitUntilListening() async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(60)
        while clock.now < deadline {
            guard process.isRunning else {
                throw TestFailure("mongod \(version) ended at its start:\n\(log.suffix(3000))")
            }
            if log.contains("Waiting for connections") { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw TestFailure("mongod \(version) does not listen:\n\(log.suffix(3000))")
    }
}
