import ArgumentParser
import ReplicaKit

/// `rkctl member`.
struct MemberCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "member",
        abstract: "List, add, change, replace and remove members.",
        subcommands: [
            MemberListCommand.self, MemberAddCommand.self, MemberSetCommand.self, MemberReplaceCommand.self,
            MemberRemoveCommand.self, MemberMaintainCommand.self,
        ]
    )
}

/// What can be said of a member, beside its name and host.
struct MemberOptions: ParsableArguments {
    @Option(help: ArgumentHelp("How much it is preferred as the primary: 0 to 1000; 0 is never.", valueName: "p"))
    var priority: Double?

    @Option(help: ArgumentHelp("1 if it votes, else 0.", valueName: "n"))
    var votes: Int?

    @Flag(inversion: .prefixedNo, help: "Hide it from clients; needs priority 0.")
    var hidden: Bool?

    @Option(help: ArgumentHelp("How far behind it stays on purpose; needs priority 0.", valueName: "seconds"))
    var delay: Int?

    @Option(
        name: .customLong("tag"),
        help: ArgumentHelp("A tag; once for each. \"KEY=\" removes it.", valueName: "key=value")
    )
    var tags: [String] = []

    func validate() throws {
        if let votes, votes != 0, votes != 1 { throw ValidationError("--votes must be 0 or 1") }
        if let priority, !(0...1000).contains(priority) {
            throw ValidationError("--priority must be from 0 to 1000")
        }
        if let delay, delay < 0 { throw ValidationError("--delay must be 0 or more seconds") }
        for tag in tags where tag.firstIndex(of: "=").map({ $0 == tag.startIndex }) ?? true {
            throw ValidationError("--tag must be KEY=VALUE, not \"\(tag)\"")
        }
    }

    /// Whether anything is said.
    var isEmpty: Bool { priority == nil && votes == nil && hidden == nil && delay == nil && tags.isEmpty }

    /// The member with what is said.
    func applied(to member: MemberSpec) -> MemberSpec {
        var member = member
        if let votes { member.votes = votes }
        if let hidden { member.hidden = hidden }
        if let delay { member.delaySeconds = delay }
        // The server allows no priority there, so to ask for one of these is to ask for priority 0.
        if member.votes == 0 || member.hidden || member.delaySeconds > 0 { member.priority = 0 }
        if let priority { member.priority = priority }
        for tag in tags {
            let parts = tag.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            member.tags[parts[0]] = parts.count > 1 && !parts[1].isEmpty ? parts[1] : nil
        }
        return member
    }
}
