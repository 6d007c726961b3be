import ArgumentParser
import ReplicaKit

/// `rkctl start`.
struct StartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start members that were stopped, and wait until they serve.",
        discussion: "All are started at once; the one with the newest history becomes the primary."
    )

    @Argument(
        help: ArgumentHelp("The members to start (default: all).", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var members: [MemberName] = []

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { try await $0.change(.start(members), changes) }
    }
}
