import ArgumentParser
import ReplicaKit

/// `rkctl logs`.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print a member's log.",
        discussion: "With --json each line becomes {\"member\", \"line\"}."
    )

    @Argument(
        help: ArgumentHelp("The member.", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var member: MemberName

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many of the last lines.", valueName: "n"))
    var lines = 50

    @Flag(name: .shortAndLong, help: "Go on with new lines until Ctrl-C.")
    var follow = false

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if lines < 0 { throw ValidationError("--lines must not be negative") }
    }

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            do {
                let log = try await set.toolbox.host.log(of: member, lastLines: lines, follow: follow)
                for try await line in log {
                    try session.output.event {
                        [line]
                    } json: {
                        ["member": .string(member.rawValue), "line": .string(line)]
                    }
                }
            } catch is CancellationError where follow {
                // Ctrl-C is how following ends.
            }
        }
    }
}
