import Foundation

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

    private static func run(_ request: Data, _ timeout: Duration) async throws -> (
        status: Int32, output: Data, errors: String
    ) {
        let files = try TemporaryDirectory(prefix: "judge")
        defer { files.remove() }
        // Files, not pipes: neither side can wait for the other. They are readable by this user only.
        let (output, errors) = (files.path("out"), files.path("err"))
        for (path, contents) in [(files.path("in"), request), (output, Data()), (errors, Data())] {
            guard
                FileManager.default
                    .createFile(atPath: path, contents: contents, attributes: [.posixPermissions: 0o600])
            else { throw TestFailure("cannot make \(path)") }
        }
        let status = try await JudgeServer.shared.run(in: files.path, timeout: timeout)
        return (
            status, try Data(contentsOf: URL(filePath: output)),
            String(decoding: try Data(contentsOf: URL(filePath: errors)), as: UTF8.self)
        )
    }
}
