/// `stop`: processes end cleanly, and no acknowledged write is only where it cannot be found again.
///
/// One member: a primary steps down first and its successor is waited for; refused where a majority would be lost.
/// The whole set: all members catch up, writes are stopped, and then all processes end with the same history, so that
/// the order of the next start does not matter.
struct StopProcedure {
    let view: SetView

    /// How long a process may take to end by itself after SIGTERM: a 6.0 member of a set stays 15 s in quiesce mode.
    static let graceSeconds = 60
    /// The grace of an emergency.
    static let emergencyGraceSeconds = 10

    func propose(_ names: [MemberName], emergency: Bool) throws(ReplicaKitError) -> Proposal {
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
            let leader = view.primary.flatMap(view.name(of:))
            let stepDown = leader.flatMap { targets.contains($0) ? [StepAction.stepDown($0)] : nil } ?? []
            actions = stepDown + [.shutDown(targets)]
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

    private func refusal(_ targets: [MemberName], rest: [MemberName]) -> Refusal? {
        let listing = targets.map(\.rawValue).joined(separator: ", ")
        guard let votes = view.votes(of: rest) else {
            return Refusal(
                message: "cannot tell what stopping \(listing) would mean: no running member gave its config",
                hint: "Stop the whole set (rkctl stop), or use --emergency for these members alone."
            )
        }
        guard votes.running >= votes.majority else {
            return Refusal(
                message:
                    "stopping \(listing) would leave \(votes.running) voting members running, and \(votes.majority) "
                    + "are a majority: the set would have no primary",
                hint: "Start other members first (rkctl start), stop the whole set (rkctl stop), or use --emergency."
            )
        }
        guard let leader = view.primary, let name = view.name(of: leader), targets.contains(name) else { return nil }
        let hosts = Set(view.spec.members.filter { rest.contains($0.name) }.map(\.host))
        let successors = view.config?.electableMembers.filter { hosts.contains($0.host) } ?? []
        guard successors.isEmpty else { return nil }
        return Refusal(
            message: "\(name) is the primary and no other running member can be elected",
            hint: "Give another member a priority above 0, stop the whole set (rkctl stop), or use --emergency."
        )
    }
}
