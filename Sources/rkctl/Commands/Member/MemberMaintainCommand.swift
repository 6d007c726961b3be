import ArgumentParser
import ReplicaKit

/// `rkctl member maintain`.
struct MemberMaintainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "maintain",
        abstract: "Keep a member out of reads and elections while it is worked on; with --end let it back in.",
        discussion: """
            A primary hands its role over first. The member goes on replicating and votes, and its state is RECOVERING. \
            A restart ends it too.
            """
    )

    @Argument(
        help: ArgumentHelp("The member.", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var member: MemberName

    @Flag(help: "Let it back in.")
    var end = false

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            try await session.change(.maintain(member, isOn: !end), changes)
        }
    }
}
