/// `failover`: a healthy set gets another primary, and clients hardly notice.
///
/// The successor is a caught-up secondary with a majority behind it. It runs for election itself, which takes
/// milliseconds; freezing the others, or waiting for a priority to be noticed, takes the election timeout.
struct FailoverProcedure {
    let view: SetView

    /// How long a successor that is within the limit may take to have all but the last second.
    static let catchUpSeconds = 10
    /// How long one may take that is waited for.
    static let syncSeconds = 24 * 3600

    func propose(_ failover: Failover) throws -> Proposal {
        if let successor = failover.successor { _ = try view.spec.member(successor) }
        let (config, primary) = try view.requirePrimary()
        if let successor = failover.successor, try view.spec.member(successor).host == primary {
            return .nothingToDo("\(successor) is the primary")
        }
        if failover.successor == nil {
            guard let predecessor = failover.predecessor else {
                throw ReplicaKitError(.invalidArgument, "a failover must say from whom or to whom")
            }
            if predecessor != primary {
                return .nothingToDo("\(view.name(of: primary)?.rawValue ?? primary.description) is the primary")
            }
        }
        try requireMajority(config)
        let succession = Succession(view: view, config: config, maximumLagSeconds: failover.maximumLagSeconds)
        try succession.requireUnlocked(primary)
        let others = view.spec.members.filter { $0.host != primary }.map(\.name)
        let wanted = failover.successor.map { [$0] } ?? others
        guard let successor = succession.best(of: wanted, waitsForSync: failover.waitsForSync) else {
            throw refusal(wanted, succession, failover)
        }
        let old = config.member(primary)
        let new = config.member(try view.spec.member(successor).host)
        let comesBack = (old?.priority ?? 0) > (new?.priority ?? 0)
        var warnings = succession.warnings(without: [successor])
        if comesBack {
            warnings.append(
                "\(primary) has a higher priority than \(successor), so the set makes it the primary again "
                    + "\(failover.holdSeconds > 0 ? "some seconds after those \(failover.holdSeconds) s" : "within about half a minute")"
            )
        }
        for member in config.electableMembers where member.priority > (new?.priority ?? 0) && member.host != primary {
            guard view.standings[member.host]?.state == .secondary else { continue }
            warnings.append(
                "\(member.host) has a higher priority than \(successor), so the set makes it the primary within about "
                    + "half a minute"
            )
        }
        let action = StepAction.makePrimary(
            successor,
            catchUpSeconds: failover.waitsForSync ? Self.syncSeconds : Self.catchUpSeconds,
            holdSeconds: comesBack ? failover.holdSeconds : 0
        )
        return .plan(Plan(procedure: "failover", set: view.spec.name, actions: [action], warnings: warnings))
    }

    private func requireMajority(_ config: ReplicaSetConfig) throws(Refusal) {
        let healthy = view.healthyVoters.count
        guard healthy < config.majorityVoteCount else { return }
        throw Refusal(
            message: "\(healthy) of \(config.voters.count) voting members answer, and \(config.majorityVoteCount) are "
                + "needed to elect a primary",
            hint: "Start the missing members first: rkctl start."
        )
    }

    private func refusal(_ names: [MemberName], _ succession: Succession, _ failover: Failover) -> Refusal {
        let reasons = names.map { name in
            "\(name): \(succession.obstacle(name, waitsForSync: failover.waitsForSync) ?? "it can")"
        }
        let couldWait = names.contains { succession.obstacle($0, waitsForSync: true) == nil }
        return Refusal(
            message: "no member can take over. \(reasons.joined(separator: "; "))",
            hint: couldWait
                ? "Wait until it has caught up: rkctl failover --wait-for-sync."
                : "A successor must hold data, have a priority above 0, and be a healthy secondary: rkctl status."
        )
    }
}
