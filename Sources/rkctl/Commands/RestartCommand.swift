import ArgumentParser
import ReplicaKit

/// `rkctl restart`.
struct RestartCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Restart members one after the other, while the set serves.",
        discussion: """
            Secondaries first, each back and caught up before the next; the primary last, after another member has taken \
            over. Refused where the set would lose its majority meanwhile. What was interrupted goes on with `rkctl resume`.
            """
    )

    @Flag(help: "Restart all members (default: those that are named).")
    var rolling = false

    @Argument(
        help: ArgumentHelp("The members to restart.", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var members: [MemberName] = []

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if !rolling, members.isEmpty {
            throw ValidationError("name the members, or say --rolling for all, one after the other")
        }
    }

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            try await session.change(try await set.restart(of: members), of: set, changes)
        }
    }
}
