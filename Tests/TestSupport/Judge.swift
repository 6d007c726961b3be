import Foundation
import Glibc

/// Asks Python, with pymongo, what a server really holds: a client that shares nothing with what is tested.
public enum Judge {
    /// The interpreter: `$RK_PYTHON`, else `.tools/venv/bin/python` of the package.
    public static var python: String {
        ProcessInfo.processInfo.environment["RK_PYTHON"] ?? RealServers.packageRoot + "/.tools/venv/bin/python"
    }

    /// Whether the interpreter is there.
    public static var isAvailable: Bool { FileManager.default.isExecutableFile(atPath: python) }

    /// Runs a script and gives what it assigned to `result`.
    ///
    /// The script finds `input` (what was passed, as Python values) and `json`, `pymongo` to import. Script and input
    /// go over standard input, so that a password in them is never an argument.
    ///
    /// A script that is not done after `timeout` is killed.
    ///
    /// - Throws: ``TestFailure`` with what Python wrote to standard error.
    public static func ask<Input: Encodable & Sendable, Answer: Decodable & Sendable>(
        _ script: String,
        input: Input = [String: String](),
        as answer: Answer.Type = Answer.self,
        timeout: Duration = .seconds(180)
    ) async throws -> Answer {
        let request = try JSONEncoder().encode(Request(script: script, input: input))
        let (status, output, errors) = try await run(request, timeout)
        guard status == 0 else { throw TestFailure("the judge's script failed (\(status)):\n\(errors)") }
        return try JSONDecoder().decode(answer, from: output)
    }

    private struct Request<Input: Encodable>: Encodable {
        let script: String
        let input: Input
    }

    private static let bootstrap = """
        import json, sys
        request = json.load(sys.stdin)
        scope = {"input": request["input"], "result": None}
        exec(compile(request["script"], "judge", "exec"), scope)
        json.dump(scope["result"], sys.stdout, default=str)
        """

    private static func run(_ request: Data, _ timeout: Duration) async throws -> (
        status: Int32, output: Data, errors: String
    ) {
        guard isAvailable else {
            throw TestFailure("there is no \(python): scripts/tools makes it, or set RK_PYTHON")
        }
        let files = try TemporaryDirectory(prefix: "judge")
        defer { files.remove() }
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = ["-c", bootstrap]
        // Files, not pipes: neither side can wait for the other. They are readable by this user only.
        let (input, output, errors) = (files.path("in"), files.path("out"), files.path("err"))
        for path in [input, output, errors] {
            guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
            else { throw TestFailure("cannot make \(path)") }
        }
        try request.write(to: URL(filePath: input))
        process.standardInput = try FileHandle(forReadingFrom: URL(filePath: input))
        process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
        process.standardError = try FileHandle(forWritingTo: URL(filePath: errors))
        let watchdog = Task {
            try await Task.sleep(for: timeout)
            kill(process.processIdentifier, SIGKILL)
        }
        defer { watchdog.cancel() }
        let status = try await withCheckedThrowingContinuation { (waiting: CheckedContinuation<Int32, any Error>) in
            process.terminationHandler = { waiting.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { waiting.resume(throwing: error) }
        }
        return (
            status, try Data(contentsOf: URL(filePath: output)),
            String(decoding: try Data(contentsOf: URL(filePath: errors)), as: UTF8.self)
        )
    }
}
