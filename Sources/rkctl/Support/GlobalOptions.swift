import ArgumentParser
import Foundation
import Logging
import ReplicaKit

/// The options of every command.
struct GlobalOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The spec of the set (default: $RKCTL_SET, else replicaset.yaml).",
            valueName: "file"
        ),
        completion: .file(extensions: ["yaml", "yml"])
    )
    var set: String?

    @Flag(help: "Print the result, or the error, as one JSON document on stdout.")
    var json = false

    @Option(help: ArgumentHelp("How long a member may take to answer.", valueName: "seconds"))
    var timeout = 5.0

    @Flag(help: "Print results and errors only.")
    var quiet = false

    @Flag(help: "Print no colours; $NO_COLOR does the same.")
    var noColor = false

    @Flag(help: "Log to stderr what is done and answered, secrets left out.")
    var verbose = false

    func validate() throws {
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be more than 0 and at most 86400 seconds")
        }
    }

    /// Where the spec is, or is to be.
    var specPath: String { self.set ?? Self.defaultSpecPath }

    /// Where the spec is when no option says it.
    static var defaultSpecPath: String {
        let fromEnvironment = ProcessInfo.processInfo.environment["RKCTL_SET"] ?? ""
        return fromEnvironment.isEmpty ? "replicaset.yaml" : fromEnvironment
    }

    /// How long a member may take to answer.
    var answerTimeout: Duration { .seconds(timeout) }

    /// Where the command's results go.
    var output: Output { Output(isJSON: json, isQuiet: quiet, wantsColour: !noColor) }

    /// Does what a command does: logging on, Ctrl-C cancels it, errors are printed and become exit codes.
    ///
    /// - Parameter applicationName: What servers show as the name of the program.
    func perform(
        as applicationName: String = "rkctl",
        _ body: @escaping @Sendable (Session) async throws -> Void
    ) async throws {
        let level: Logger.Level = verbose ? .debug : .warning
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let session = Session(options: self, applicationName: applicationName)
        do {
            try await Interrupts.cancelling { try await body(session) }
        } catch let code as ExitCode {
            throw code
        } catch {
            let error = ReplicaKitError(presenting: error)
            output.failure(error)
            throw ExitCode(for: error)
        }
    }
}

/// The options of commands that change something.
struct ChangeOptions: ParsableArguments {
    @Flag(help: "Do not ask for confirmation.")
    var yes = false

    @Flag(help: "Print the plan and change nothing.")
    var dryRun = false
}

extension ReplicaKitError {
    /// Any error, as the one type that is printed.
    init(presenting error: any Error) {
        switch error {
        case let error as ReplicaKitError: self = error
        case is CancellationError: self.init(.interrupted, "interrupted")
        case let error as BSONError: self.init(.invalidBSON, "\(error)")
        default: self.init(Code(rawValue: "internal.unexpected"), "\(error)", cause: error)
        }
    }
}
