import ArgumentParser
import ReplicaKit

/// `rkctl failover`.
struct FailoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "failover",
        abstract: "Make another member the primary; clients notice some 50 ms.",
        discussion: """
            The successor is a healthy, caught-up secondary with a majority behind it: the one that is named, or the one \
            with the highest priority. Refused where there is none.

            With --force, and only when a majority is lost for good: the survivor with the newest history becomes the \
            primary, and the lost members lose their votes. Writes that only they had may be lost. With --await-lost it \
            then follows the lost members until they serve again: start them one at a time, so that they never are a \
            majority among themselves. The same command goes on with that where it was interrupted.

            A member with a higher priority takes the role back by itself some seconds after --hold has passed.
            """
    )

    @Option(
        name: .customLong("to"),
        help: ArgumentHelp("The member that is to be the primary (default: the best).", valueName: "member"),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var successor: MemberName?

    @Flag(help: "Wait until the successor has caught up, however far it is behind.")
    var waitForSync = false

    @Option(help: ArgumentHelp("How far the successor may be behind.", valueName: "seconds"))
    var maxLag = 10.0

    @Option(help: ArgumentHelp("How long the old primary may not take the role back.", valueName: "seconds"))
    var hold = 60

    @Flag(help: "The majority is lost for good: go on with those that survive.")
    var force = false

    @Option(
        name: .customLong("presume-dead"),
        help: ArgumentHelp(
            "With --force: a member that you know to be dead, where nobody here can tell; once for each.",
            valueName: "member"
        ),
        completion: .members,
        transform: MemberName.init(rawValue:)
    )
    var presumedDead: [MemberName] = []

    @Option(
        name: .customLong("await-lost"),
        help: ArgumentHelp("With --force: then follow the lost members coming back, for so long.", valueName: "seconds")
    )
    var awaitLost: Double?

    @Flag(help: "With --await-lost: give each lost member its vote again when all are back.")
    var restoreVotes = false

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard maxLag >= 0, maxLag.isFinite else { throw ValidationError("--max-lag must be 0 or more seconds") }
        if force, successor != nil || waitForSync {
            throw ValidationError("--force goes on with the survivor that has the newest history: name no other")
        }
        if !force, !presumedDead.isEmpty { throw ValidationError("--presume-dead is for --force") }
        if !force, awaitLost != nil { throw ValidationError("--await-lost is for --force") }
        if awaitLost == nil, restoreVotes { throw ValidationError("--restore-votes is for --await-lost") }
        guard awaitLost.map({ $0 > 0 && $0 <= 604_800 }) ?? true else {
            throw ValidationError("--await-lost must be more than 0 and at most 604800 seconds")
        }
        guard (0...86_400).contains(hold) else { throw ValidationError("--hold must be from 0 to 86400 seconds") }
    }

    func run() async throws {
        let failover = Failover(
            to: successor,
            waitsForSync: waitForSync,
            maximumLagSeconds: maxLag,
            holdSeconds: hold
        )
        try await global.perform { session in
            let set = try session.replicaSet()
            guard force else { return try await session.change(try await set.failover(failover), of: set, changes) }
            try await session.change(.forceFailover(presumedDead: presumedDead), of: set, changes)
            if let awaitLost, !changes.dryRun { try await follow(set, for: .seconds(awaitLost), session) }
        }
    }

    /// Follows the lost members until all serve again, one line an event.
    private func follow(_ set: ReplicaSet, for limit: Duration, _ session: Session) async throws {
        let lost = try await LostMemberWatch.lost(in: set)
        try await LostMemberWatch(set: set, members: lost).run(within: limit) { event in
            try? session.output.event {
                ["\(event.at.rfc3339) \(event.kind.rawValue): \(event.message)"]
            } json: {
                [
                    "at": .string(event.at.rfc3339), "event": .string(event.kind.rawValue),
                    "member": .string(event.member.rawValue), "message": .string(event.message),
                ]
            }
        }
        guard !lost.isEmpty else { return }
        if restoreVotes {
            // The run that has started the last of them may not have come to its end yet.
            try await set.waitForOtherRuns(within: .seconds(60))
            return try await session.change(.apply(lost), of: set, changes)
        }
        session.output.note("all lost members are back, without votes: rkctl apply gives them their votes again")
    }
}
