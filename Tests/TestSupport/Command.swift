import Foundation

/// A program of the machine, such as `docker`, that a test runs to its end.
public enum Command {
    /// Runs a program and gives what it prints, standard output and errors together.
    ///
    /// - Parameters:
    ///   - words: Its name, looked up on PATH, and its arguments.
    ///   - directory: Where it runs; `nil` is where the tests run.
    ///   - environment: Variables besides those of the tests.
    /// - Throws: ``TestFailure`` with what it printed, when its exit code is not 0.
    @discardableResult
    public static func run(
        _ words: [String],
        in directory: String? = nil,
        environment: [String: String] = [:]
    ) async throws -> String {
        let files = try TemporaryDirectory(prefix: "command")
        defer { files.remove() }
        // A file, not a pipe: whatever is printed fits.
        let output = files.path("out")
        guard FileManager.default.createFile(atPath: output, contents: nil) else {
            throw TestFailure("cannot make \(output)")
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        if let directory { process.currentDirectoryURL = URL(filePath: directory) }
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        let handle = try FileHandle(forWritingTo: URL(filePath: output))
        process.standardOutput = handle
        process.standardError = handle
        let status = try await withCheckedThrowingContinuation { (waiting: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { waiting.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { waiting.resume(throwing: error) }
        }
        let text = String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self)
        guard status == 0 else { throw TestFailure("\(words): exit code \(status): \(text)") }
        return text
    }
}
