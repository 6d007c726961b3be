import ArgumentParser
import ReplicaKit

/// `rkctl member remove`.
struct MemberRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a member out of the set, then away from its host, then out of the spec.",
        discussion: """
            A primary hands its role over first. Refused where no majority would be left. The data stay, unless \
            --volumes removes them.
            """
    )

    @Argument(
        help: ArgumentHelp("The member.", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var member: MemberName

    @Flag(help: "Remove all data of the member too. It cannot be brought back.")
    var volumes = false

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { try await $0.change(.remove(member, includingData: volumes), changes) }
    }
}

/// `rkctl member replace`.
struct MemberReplaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replace",
        abstract: "Give a member that is dead, corrupt or too stale a fresh process and a fresh copy of the data.",
        discussion: """
            It keeps its name, address and place in the set. Its vote is taken while it has no data, and given back \
            when it serves. Refused where no other member has the data, or no majority would be left.
            """
    )

    @Argument(
        help: ArgumentHelp("The member.", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var member: MemberName

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            try await session.change(try await set.resync(of: member), of: set, changes)
        }
    }
}
