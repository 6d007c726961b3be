import ArgumentParser
import ReplicaKit

/// `rkctl stop`.
struct StopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop members so that nothing that was acknowledged is lost.",
        discussion: """
            Another member takes over from a primary first; what would leave the set without a primary is \
            refused. Without names the whole set is stopped: writes first, then all members with the same history.
            """
    )

    @Argument(
        help: ArgumentHelp("The members to stop (default: all).", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var members: [MemberName] = []

    @Flag(help: "Terminate the processes without asking the set; kill those that do not end.")
    var emergency = false

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { try await $0.change(.stop(members, emergency: emergency), changes) }
    }
}
