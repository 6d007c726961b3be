import Foundation
import Testing

/// Runs the rkctl that was built with the tests, in a directory of its own.
struct Tool {
    struct Result {
        var status: Int32
        var output: String
        var error: String

        /// The one JSON document on stdout.
        func json() throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any], "\(output)")
        }
    }

    let directory: URL

    /// Makes a directory, lends it, and removes it.
    static func with(_ body: (Tool) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "rkctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(Tool(directory: directory))
    }

    /// The product stands beside the test bundle.
    static func executable() throws -> URL {
        let beside = Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        let places = [URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()] + beside
        let found = places.map { $0.appending(path: "rkctl") }.first {
            FileManager.default.isExecutableFile(atPath: $0.path)
        }
        return try #require(found, "rkctl was not built beside the tests")
    }

    /// Runs it to its end.
    @discardableResult
    func run(_ arguments: String..., environment: [String: String] = [:]) async throws -> Result {
        try await run(arguments, environment) { _, _ in }
    }

    /// Runs it to its end.
    func run(_ arguments: [String], environment: [String: String]) async throws -> Result {
        try await run(arguments, environment) { _, _ in }
    }

    /// Runs it until it has printed that many lines, and interrupts it, as Ctrl-C does.
    func run(_ arguments: String..., untilLines count: Int) async throws -> Result {
        try await run(arguments, [:]) { process, streams in
            // A program that ends by itself is as good a reason to look no further; its status is judged later.
            while process.isRunning {
                let text = try String(contentsOf: streams[0], encoding: .utf8)
                if text.count(where: \.isNewline) >= count { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            process.interrupt()
        }
    }

    /// Runs it until something is so, and interrupts it, as Ctrl-C does.
    func run(_ arguments: [String], until isEnough: @escaping () throws -> Bool) async throws -> Result {
        try await run(arguments, [:]) { process, _ in
            while try process.isRunning && !isEnough() { try await Task.sleep(for: .milliseconds(20)) }
            process.interrupt()
        }
    }

    /// Runs it, and kills it with SIGKILL after that time, wherever it is then.
    func run(_ arguments: String..., killedAfter delay: Duration) async throws -> Result {
        try await run(arguments, [:]) { process, _ in
            // The one place where a test waits for a time and not for an event: no place is safer than another.
            try await Task.sleep(for: delay)
            kill(process.processIdentifier, SIGKILL)
        }
    }

    /// Runs it, and kills it with SIGKILL as soon as it says that so many steps of its plan are done.
    func run(_ arguments: [String], killedAfterStep step: Int) async throws -> Result {
        try await run(arguments, [:]) { process, streams in
            while process.isRunning {
                let text = try String(contentsOf: streams[1], encoding: .utf8)
                let isDone = text.split(separator: "\n").contains { line in
                    line.hasPrefix("[\(step)/") && (line.contains("] done in ") || line.hasSuffix("] was so already"))
                }
                if isDone {
                    kill(process.processIdentifier, SIGKILL)
                    return
                }
                try await Task.sleep(for: .milliseconds(3))
            }
        }
    }

    /// Runs it, and looks at something again and again while it runs.
    func run(_ arguments: [String], meanwhile look: @escaping () throws -> Void) async throws -> Result {
        try await run(arguments, [:]) { process, _ in
            while process.isRunning {
                try look()
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    private func run(
        _ arguments: [String],
        _ environment: [String: String],
        _ meanwhile: (Process, [URL]) async throws -> Void
    ) async throws -> Result {
        let process = Process()
        process.executableURL = try Self.executable()
        process.arguments = arguments
        process.currentDirectoryURL = directory
        var variables = ProcessInfo.processInfo.environment
        variables["RKCTL_SET"] = nil
        process.environment = variables.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        // Files, not pipes: whatever is written fits.
        let streams = ["out", "err"].map { directory.appending(path: ".\($0)-\(UUID().uuidString)") }
        for stream in streams { try Data().write(to: stream) }
        defer { for stream in streams { try? FileManager.default.removeItem(at: stream) } }
        process.standardOutput = try FileHandle(forWritingTo: streams[0])
        process.standardError = try FileHandle(forWritingTo: streams[1])
        let (ended, end) = AsyncStream.makeStream(of: Never.self)
        process.terminationHandler = { _ in end.finish() }
        try process.run()
        try await meanwhile(process, streams)
        for await _ in ended {}
        return Result(
            status: process.terminationStatus,
            output: try String(contentsOf: streams[0], encoding: .utf8),
            error: try String(contentsOf: streams[1], encoding: .utf8)
        )
    }

    /// Writes a file into the directory.
    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: directory.appending(path: name))
    }
}
