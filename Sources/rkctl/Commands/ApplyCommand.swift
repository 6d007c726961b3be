import ArgumentParser
import ReplicaKit

/// `rkctl apply`.
struct ApplyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Bring a running set to what the spec says: members, votes, priorities, tags, settings.",
        discussion: """
            Members that the spec has and the set has not are made and added; differences are set, one vote at a time. \
            Members that only the set has stay: take them out with `rkctl member remove`.
            """
    )

    @Argument(
        help: ArgumentHelp("The members to look at (default: all, and the settings).", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var members: [MemberName] = []

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { try await $0.change(.apply(members), changes) }
    }
}
