import Foundation
import ReplicaKit
import Subprocess
import SystemPackage

/// Tells a program: the alerts are on its standard input, as JSON in the shape of a webhook. Exit code 0 is yes.
struct CommandSender: AlertSender {
    let words: [String]
    /// Where it runs: the directory of the spec.
    let directory: String
    /// The environment variables that it must not see.
    let hidden: Set<String>

    let capacity = 100

    func send(_ notification: AlertNotification) async throws -> String {
        let program = words.first ?? ""
        var options = PlatformOptions()
        // A session of its own, so that it is ended with all that it started, and not by our Ctrl-C.
        options.createSession = true
        options.teardownSequence = [
            .send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: .milliseconds(500))
        ]
        let variables = ProcessInfo.processInfo.environment.filter { !hidden.contains($0.key) }
        let environment = Dictionary(
            variables.compactMap { name, value in Environment.Key(rawValue: name).map { ($0, value) } },
            uniquingKeysWith: { first, _ in first }
        )
        do {
            let result = try await Subprocess.run(
                program.contains("/") ? .path(FilePath(path(program))) : .name(program),
                arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(environment),
                workingDirectory: FilePath(directory),
                platformOptions: options,
                // A file, not a pipe: whoever reads nothing of it breaks nothing.
                input: .fileDescriptor(
                    try Self.file(notification.webhookJSON.text() + "\n"),
                    closeAfterSpawningProcess: true
                ),
                output: .discarded,
                error: .string(limit: 1 << 16)
            )
            guard case .exited(0) = result.terminationStatus else {
                let said = result.standardError.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                throw DeliveryFailure(
                    message: "\(program) ended with \(result.terminationStatus)"
                        + (said.isEmpty ? "" : ": \(said.cut(to: 200))")
                )
            }
            return "exit code 0"
        } catch let error as SubprocessError {
            try Task.checkCancellation()
            throw DeliveryFailure(message: "\(program) cannot be run: \(error)")
        }
    }

    func preview(_ notification: AlertNotification) throws -> String {
        "\(JSONValue.array(words.map { .string($0) }))\n\n\(notification.webhookJSON.text(pretty: true))"
    }

    /// A file without a name that has this content, to be read from its beginning.
    private static func file(_ content: String) throws -> FileDescriptor {
        var template = Array("\(FileManager.default.temporaryDirectory.path)/rk-alert-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw failed() }
        unlink(template)
        // Not for other programs that are started meanwhile.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let file = FileDescriptor(rawValue: descriptor)
        do {
            try file.writeAll(content.utf8)
            try file.seek(offset: 0, from: .start)
        } catch {
            try? file.close()
            throw failed()
        }
        return file
    }

    private static func failed() -> DeliveryFailure {
        DeliveryFailure(message: "no file for its standard input: \(String(cString: strerror(errno)))")
    }

    private func path(_ program: String) -> String { program.hasPrefix("/") ? program : directory + "/" + program }
}
