import ArgumentParser
import ReplicaKit

/// The command line tool.
@main
struct RKCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rkctl",
        abstract: "Sets up, runs and watches a MongoDB replica set.",
        discussion: """
            The set is described by a spec, a YAML file: begin with `rkctl spec init`, then `rkctl up`.

            Results go to stdout, progress and logs to stderr. Exit codes: 0 done; 1 failed; 2 refused by a safety \
            rule or a precondition, nothing was changed; 64 wrong arguments or spec; 130 ended by a second Ctrl-C.

            Completion for your shell: rkctl --generate-completion-script bash (or zsh, fish).
            """,
        version: Version.text,
        groupedSubcommands: [
            CommandGroup(name: "Spec", subcommands: [SpecCommand.self]),
            CommandGroup(
                name: "Set-up, start, stop",
                subcommands: [UpCommand.self, StartCommand.self, StopCommand.self, DownCommand.self]
            ),
            CommandGroup(name: "Compose", subcommands: [ComposeCommand.self]),
            CommandGroup(
                name: "Failover, membership, rolling work",
                subcommands: [
                    FailoverCommand.self, GuardCommand.self, MemberCommand.self, ApplyCommand.self, RestartCommand.self,
                ]
            ),
            CommandGroup(
                name: "State",
                subcommands: [
                    StatusCommand.self, HealthCommand.self, DiagnoseCommand.self, LogsCommand.self,
                    CheckWriteCommand.self,
                ]
            ),
            CommandGroup(
                name: "Backups",
                subcommands: [BackupCommand.self, OplogCommand.self, RestoreCommand.self, RebuildCommand.self]
            ),
            CommandGroup(name: "Monitoring", subcommands: [MonitorCommand.self]),
            CommandGroup(
                name: "Plans",
                subcommands: [HistoryCommand.self, ResumeCommand.self, AbandonCommand.self]
            ),
        ]
    )

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Ends the process as an error asks: help and versions are printed, wrong arguments explained.
    ///
    /// What a command itself throws was reported before it came here and is an `ExitCode`.
    private static func end(with error: any Error) -> Never {
        if !(error is ExitCode), exitCode(for: error) != .success, CommandLine.arguments.contains("--json") {
            // The arguments could not be parsed, so nobody else can know that they asked for JSON.
            Output(isJSON: true).failure(
                ReplicaKitError(
                    .invalidArgument,
                    message(for: error),
                    hint: "See `rkctl help`, or the command with --help."
                )
            )
            exit(withError: ExitCode.usage)
        }
        exit(withError: error)
    }
}
