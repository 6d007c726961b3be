import ArgumentParser
import ReplicaKit

/// `rkctl start`.
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start members that were stopped, and wait until they serve.",
        discussion: """
            All are started at once; the one with the newest history becomes the primary.

            With --compare-histories, and without a primary, it is read first where the oplog of each member ends: of \
            those that are stopped by running each one's server apart from the set for a moment. Then the newest starts \
            first. A start that leaves out a member with writes that no other has is refused.
            """
    )

    @Argument(
        help: ArgumentHelp("The members to start (default: all).", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var members: [MemberName] = []

    @Flag(help: "Read where each stopped member's history ends first, and start the newest first.")
    var compareHistories = false

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { try await $0.change(.start(members, comparingHistories: compareHistories), changes) }
    }
}
