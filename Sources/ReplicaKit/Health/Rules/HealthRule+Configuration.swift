extension HealthRule {
    /// Whether the set is built so that it can lose a member.
    static let configuration: [HealthRule] = [
        evenVoters, arbiterOfThree, votingDelay, votingHidden, successors, priorities, electionTimeout, oneMachine,
        specDrift, configsDiffer, defaultWriteConcern,
    ]

    private static func advice(
        _ rule: HealthRuleID,
        _ severity: Severity,
        _ message: String,
        remedy: String,
        member: Finding.Subject? = nil,
        evidence: [Finding.Evidence] = []
    ) -> Finding {
        Finding(
            rule: rule,
            severity: severity,
            priority: severity == .critical ? .p1 : .p3,
            member: member,
            message: message,
            evidence: evidence,
            remedy: remedy
        )
    }

    private static let evenVoters = HealthRule(
        "config.even-voters",
        looksFor: "an even number of votes",
        in: "replSetGetConfig.members[].votes"
    ) { context in
        guard let config = context.config, !config.voters.isEmpty, config.voters.count.isMultiple(of: 2) else {
            return []
        }
        let count = config.voters.count
        return [
            advice(
                "config.even-voters",
                .warning,
                "\(count) members vote: they survive the loss of \(count - config.majorityVoteCount), as \(count - 1) would",
                remedy: "rkctl member add another, or rkctl member set NAME --votes 0 --priority 0",
                evidence: [.init("voters", .integer(count))]
            )
        ]
    }

    private static let arbiterOfThree = HealthRule(
        "config.arbiter",
        looksFor: "an arbiter beside too few data-bearing members",
        in: "replSetGetConfig.members[].arbiterOnly"
    ) { context in
        guard let config = context.config, config.voters.contains(where: \.isArbiter),
            config.writeMajority >= config.dataBearingVoters.count
        else { return [] }
        return [
            advice(
                "config.arbiter",
                .warning,
                "all \(config.dataBearingVoters.count) data-bearing voters are needed for `w: majority`: with one of "
                    + "them down the set elects a primary whose majority writes wait for ever",
                remedy: "Replace the arbiter by a data-bearing member: rkctl member add, then rkctl member remove",
                evidence: [
                    .init("dataBearingVoters", .integer(config.dataBearingVoters.count)),
                    .init("writeMajority", .integer(config.writeMajority)),
                ]
            )
        ]
    }

    private static let votingDelay = HealthRule(
        "config.delayed-voter",
        looksFor: "delayed members that vote",
        in: "replSetGetConfig.members[].secondaryDelaySecs and .votes"
    ) { context in
        context.members.compactMap { member in
            guard let config = member.config, config.isVoter, config.delaySeconds > 0 else { return nil }
            return advice(
                "config.delayed-voter",
                .warning,
                "it is \(config.delaySeconds) s behind on purpose and votes: with another voter down majority writes "
                    + "take as long",
                remedy: "rkctl member set \(member.subject) --votes 0 --priority 0",
                member: member.subject,
                evidence: [.init("delaySeconds", .integer(config.delaySeconds))]
            )
        }
    }

    private static let votingHidden = HealthRule(
        "config.hidden-voter",
        looksFor: "hidden members that vote",
        in: "replSetGetConfig.members[].hidden and .votes"
    ) { context in
        context.members.compactMap { member in
            guard let config = member.config, config.isVoter, config.isHidden, config.delaySeconds == 0 else {
                return nil
            }
            return advice(
                "config.hidden-voter",
                .info,
                "it is hidden and votes: its acknowledgement counts for `w: majority`, and no client reads from it",
                remedy: "If it is for backups or reports only: rkctl member set \(member.subject) --votes 0",
                member: member.subject
            )
        }
    }

    private static let successors = HealthRule(
        "config.successors",
        looksFor: "a set with one electable member",
        in: "replSetGetConfig.members[].priority"
    ) { context in
        guard let config = context.config, config.members.count > 1, config.electableMembers.count == 1,
            let only = config.electableMembers.first
        else { return [] }
        return [
            advice(
                "config.successors",
                .warning,
                "nobody can succeed it: all others have priority 0 or are arbiters",
                remedy: "rkctl member set NAME --priority 1",
                member: context.member(at: only.host)?.subject
            )
        ]
    }

    private static let priorities = HealthRule(
        "config.priorities",
        looksFor: "a member that is preferred as the primary, healthy, and is not it",
        in: "replSetGetConfig.members[].priority, replSetGetStatus"
    ) { context in
        guard let primary = context.primary, let own = primary.config?.priority, let previous = context.previous,
            let before = previous.snapshot.primaryVerdict.primary, before.address == primary.subject.host,
            // The preferred one takes over some ten seconds after it has caught up.
            context.look.snapshot.takenAt.seconds(since: previous.snapshot.takenAt) >= 30
        else { return [] }
        return context.members.compactMap { member in
            guard let config = member.config, config.isElectable, config.priority > own,
                member.view?.ownState == .secondary, let lag = member.values[.lagSeconds], lag < 2
            else { return nil }
            return advice(
                "config.priorities",
                .warning,
                "its priority \(config.priority.forPeople) is above that of the primary (\(own.forPeople)), and it does "
                    + "not take over: it is frozen, or something keeps the primary in its place",
                remedy:
                    "rkctl failover --to \(member.subject), or make the priorities say what is wanted: rkctl member set",
                member: member.subject
            )
        }
    }

    private static let electionTimeout = HealthRule(
        "config.election-timeout",
        looksFor: "an election timeout that healthy members miss",
        in: "replSetGetConfig.settings"
    ) { context in
        guard let settings = context.config?.settings else { return [] }
        let (timeout, heartbeat) = (settings.electionTimeoutMillis, settings.heartbeatIntervalMillis)
        guard timeout < 2 * heartbeat else { return [] }
        return [
            advice(
                "config.election-timeout",
                timeout < heartbeat ? .critical : .warning,
                "members run for election after \(timeout) ms without word from the primary, and heartbeats come every "
                    + "\(heartbeat) ms: healthy primaries are lost",
                remedy: "settings: {electionTimeoutMillis: 10000} in the spec, then rkctl apply",
                evidence: [
                    .init("electionTimeoutMillis", .integer(timeout)),
                    .init("heartbeatIntervalMillis", .integer(heartbeat)),
                ]
            )
        ]
    }

    private static let oneMachine = HealthRule(
        "config.one-machine",
        looksFor: "a majority of votes on one machine",
        in: "replSetGetConfig.members[].host, the engines of the spec"
    ) { context in
        guard let config = context.config, config.voters.count > 1 else { return [] }
        // Containers of one machine have addresses of their own: they are told apart by their engine.
        var votes: [String: Int] = [:]
        for voter in config.voters {
            guard let machine = context.machine(of: voter.host) else { continue }
            votes[machine, default: 0] += 1
        }
        guard let (machine, count) = votes.max(by: { $0.value < $1.value }), count >= config.majorityVoteCount else {
            return []
        }
        return [
            advice(
                "config.one-machine",
                .info,
                "\(count) of \(config.voters.count) votes are on one machine (\(machine)): its loss ends writes",
                remedy: "Spread the voters over machines that do not fail together.",
                evidence: [.init("votes", .integer(count)), .init("machine", .string(machine))]
            )
        ]
    }

    private static let specDrift = HealthRule(
        "config.spec",
        looksFor: "members that only the spec or only the config has",
        in: "replSetGetConfig.members[].host, the spec"
    ) { context in
        guard let config = context.config else { return [] }
        return context.members.compactMap { member in
            if member.config == nil, member.subject.name != nil, member.view?.membership != .removed {
                return advice(
                    "config.spec",
                    .warning,
                    "the spec has it and the config of the set does not",
                    remedy: "rkctl apply, or take it out of the spec",
                    member: member.subject
                )
            }
            if member.subject.name == nil, config.member(of: member.snapshot) != nil {
                return advice(
                    "config.spec",
                    .warning,
                    "the config of the set has it and the spec does not",
                    remedy: "Add it to the spec, or rkctl apply to remove it from the set",
                    member: member.subject
                )
            }
            return nil
        }
    }

    private static let configsDiffer = HealthRule(
        "config.spread",
        looksFor: "members that do not take over the newest config",
        in: "replSetGetConfig of every member, at two looks"
    ) { context in
        guard let config = context.config, let earlier = context.previous?.snapshot.currentConfig,
            !config.isNewer(than: earlier)
        else { return [] }
        return context.members.compactMap { member in
            guard let view = member.view, view.membership == .active, let own = try? view.config.get(),
                config.isNewer(than: own)
            else { return nil }
            return advice(
                "config.spread",
                .warning,
                own.version == config.version
                    ? "it has version \(own.version) of the config as of an earlier primary's term"
                    : "it has version \(own.version) of the config, and the set has version \(config.version)",
                remedy: "rkctl diagnose member: it does not hear the others",
                member: member.subject,
                evidence: [
                    .init("configVersion", .integer(own.version)),
                    .init("newestConfigVersion", .integer(config.version)),
                ]
            )
        }
    }

    private static let defaultWriteConcern = HealthRule(
        "config.write-concern",
        looksFor: "a default write concern that does not wait for a majority",
        in: "getDefaultRWConcern"
    ) { context in
        guard let primary = context.primary, let defaults = try? primary.view?.figures?.defaults.get(),
            let config = context.config, config.dataBearingVoters.count > 1
        else { return [] }
        let version = primary.view?.serverVersion
        let isImplicitMajority = version?.isAtLeast(5, 0) ?? false && !config.voters.contains(where: \.isArbiter)
        let w = defaults.document["defaultWriteConcern"]?.documentValue?["w"]
        guard w != "majority", !(w == nil && isImplicitMajority) else { return [] }
        // A number or a mode of one's own is somebody's decision, if it is more than the primary alone.
        if let w, w.intValue.map({ $0 > 1 }) ?? true { return [] }
        return [
            advice(
                "config.write-concern",
                .warning,
                "writes that name no write concern are acknowledged by the primary alone: a failover may take them back",
                remedy: "writeConcern: {w: majority} in the spec, then rkctl up",
                evidence: [.init("w", w ?? .null)]
            )
        ]
    }
}

extension HealthContext {
    /// What tells the machines of members apart: the engine of containers, the loopback, or the host.
    func machine(of host: MemberAddress) -> String? {
        if case .docker(let runtime) = spec.runtime, let member = spec.members.first(where: { $0.host == host }) {
            return runtime.endpoint(of: member) ?? "the Docker engine"
        }
        return host.isLocal ? "this machine" : host.host
    }
}
