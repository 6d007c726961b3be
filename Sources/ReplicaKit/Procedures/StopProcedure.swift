/// `stop`: processes end cleanly, and no acknowledged write is only where it cannot be found again.
///
/// One member: another one takes over from a primary first; refused where a majority would be lost, or nobody can.
/// The whole set: all members catch up, writes are stopped, and then all processes end with the same history, so that
/// the order of the next start does not matter.
struct StopProcedure {
    let view: SetView

    /// How long a process may take to end by itself after SIGTERM: a 6.0 member of a set stays 15 s in quiesce mode.
    static let graceSeconds = 60
    /// The grace of an emergency.
    static let emergencyGraceSeconds = 10

    func propose(_ names: [MemberName], emergency: Bool) throws -> Proposal {
        if view.isExternal { return view.refusalOfExternal("stop") }
        for name in names { _ = try view.spec.member(name) }
        let targets = names.isEmpty ? view.running : view.running.filter(names.contains)
        guard !targets.isEmpty else {
            return .nothingToDo("\(view.listing(names)) not running")
        }
        if emergency { return .plan(emergencyPlan(targets)) }
        let actions: [StepAction]
        if targets.count == view.running.count {
            actions = wholeSet(targets)
        } else {
            let rest = view.running.filter { !targets.contains($0) }
            if let refusal = refusal(targets, rest: rest) { return .refusal(refusal) }
            actions = try handover(from: targets, to: rest) + [.shutDown(targets)]
        }
        return .plan(Plan(procedure: "stop", set: view.spec.name, actions: actions))
    }

    /// The steps that stop all that runs.
    func wholeSet(_ targets: [MemberName]) -> [StepAction] {
        // Without a primary there are no writes to stop.
        let quiesce: [StepAction] = view.primary != nil && targets.count > 1 ? [.quiesce] : []
        return quiesce + [.shutDown(targets)]
    }

    private func emergencyPlan(_ targets: [MemberName]) -> Plan {
        Plan(
            procedure: "stop",
            set: view.spec.name,
            actions: [.stopProcesses(targets, graceSeconds: Self.emergencyGraceSeconds)],
            warnings: [
                "members are terminated at once and killed after \(Self.emergencyGraceSeconds) s: writes that a majority "
                    + "has not acknowledged may be rolled back at the next start"
            ]
        )
    }

    /// Why these cannot be stopped while the others go on: they would have no majority, or nobody to elect. A process
    /// that runs is no vote yet: it may hang, or not be in the set.
    private func refusal(_ targets: [MemberName], rest: [MemberName]) -> Refusal? {
        let listing = targets.map(\.rawValue).joined(separator: ", ")
        guard let config = view.config else {
            return Refusal(
                message: "cannot tell what stopping \(listing) would mean: no running member gave its config",
                hint: "Stop the whole set (rkctl stop), or use --emergency for these members alone."
            )
        }
        let ending = Set(view.spec.members.filter { targets.contains($0.name) }.map(\.host))
        let left = Set(view.healthyVoters.map(\.host)).subtracting(ending)
        let takesVote = config.voters.contains { ending.contains($0.host) }
        if takesVote, left.count < config.majorityVoteCount {
            let idle = rest.filter { name in
                config.voters.contains { view.name(of: $0.host) == name && !left.contains($0.host) }
            }
            let ailing = idle.isEmpty ? "" : "; \(idle.map(\.rawValue).joined(separator: ", ")) would run and not vote"
            return Refusal(
                message:
                    "stopping \(listing) would leave \(left.count) healthy voting members, and "
                    + "\(config.majorityVoteCount) are a majority: the set would have no primary\(ailing)",
                hint: idle.isEmpty
                    ? "Start other members first (rkctl start), stop the whole set (rkctl stop), or use --emergency."
                    : "See what ails the others (rkctl status), stop the whole set (rkctl stop), or use --emergency."
            )
        }
        return nil
    }

    /// The step by which another member takes over, where the primary is among those that stop.
    ///
    /// - Throws: The refusal where none that goes on can: one that is behind would keep writes waiting until it is not.
    private func handover(from targets: [MemberName], to rest: [MemberName]) throws(Refusal) -> [StepAction] {
        guard let config = view.config, let leader = view.primary.flatMap(view.name(of:)), targets.contains(leader)
        else { return [] }
        let succession = Succession(view: view, config: config, maximumLagSeconds: 10)
        guard let successor = succession.best(of: rest) else {
            let reasons = rest.map { "\($0): \(succession.obstacle($0) ?? "it can")" }
            throw Refusal(
                message: "\(leader) is the primary, and no other member can take over. "
                    + reasons.joined(separator: "; "),
                hint: "Wait until one has caught up, or give it a priority above 0 (rkctl status); or stop the whole "
                    + "set (rkctl stop), or use --emergency."
            )
        }
        return [.makePrimary(successor, catchUpSeconds: FailoverProcedure.catchUpSeconds, holdSeconds: 0)]
    }
}
