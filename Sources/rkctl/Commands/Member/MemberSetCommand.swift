import ArgumentParser
import ReplicaKit

/// `rkctl member set`.
struct MemberSetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change a member's priority, vote, visibility, delay or tags, in the spec and in the set.",
        discussion: "A primary that gets priority 0 hands its role over first."
    )

    @Argument(
        help: ArgumentHelp("The member.", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var member: MemberName

    @OptionGroup var options: MemberOptions
    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if options.isEmpty { throw ValidationError("say what to change, such as --priority 2") }
    }

    func run() async throws {
        try await global.perform { session in
            let present = try session.loadSpec().spec.member(member)
            try await session.change(.set(options.applied(to: present)), applying: member, changes)
        }
    }
}
