import Foundation
import ReplicaKit
import TestSupport
import Testing

/// A real server on a free loopback port, in Python: what alerts are sent to in tests.
final class PythonServer: Sendable {
    let port: Int
    private let directory: TemporaryDirectory
    private let process: Process
    private let lifeline = Pipe()

    private static let prelude = """
        import os, sys, threading
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()

        """

    /// Starts a script. It prints its port, and then one JSON document a line of what it received.
    private init(_ script: String, _ arguments: [String]) async throws {
        directory = try TemporaryDirectory(prefix: "receiver")
        let output = directory.path("out")
        guard FileManager.default.createFile(atPath: output, contents: nil) else {
            throw TestFailure("cannot make \(output)")
        }
        process = Process()
        process.executableURL = URL(filePath: Judge.python)
        process.arguments = ["-u", "-c", Self.prelude + script] + arguments
        // It ends with the tests, however they end: its standard input does then.
        process.standardInput = lifeline
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        process.standardError = FileHandle.nullDevice
        try process.run()
        let clock = ContinuousClock()
        let found = try await clock.poll(for: .seconds(20), every: .milliseconds(20)) { [process] () -> Int? in
            guard process.isRunning else { throw TestFailure("the receiver ended: is aiosmtpd there? scripts/tools") }
            return try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n").first.flatMap { Int($0) }
        }
        guard let found else { throw TestFailure("the receiver did not start") }
        port = found
    }

    /// Lends a server, and ends it.
    static func with(
        _ script: String,
        _ arguments: [String] = [],
        _ body: (PythonServer) async throws -> Void
    ) async throws {
        let server = try await PythonServer(script, arguments)
        defer {
            server.process.terminate()
            server.directory.remove()
        }
        try await body(server)
    }

    /// What it received: a line is written before it answers.
    func received() throws -> [BSONDocument] {
        let lines = try String(contentsOfFile: directory.path("out"), encoding: .utf8).split(separator: "\n")
        return try lines.dropFirst().map { try BSONDocument(extendedJSON: String($0)) }
    }
}

extension Trait where Self == ConditionTrait {
    /// Disables a test, visibly, where the tests' Python is missing; with `RK_REQUIRE_REAL=1` it runs and fails.
    static var receivers: Self {
        .enabled(if: Judge.isAvailable || RealServers.areRequired, "no \(Judge.python): scripts/tools makes it")
    }
}
