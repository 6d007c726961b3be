/// `start`: members that were made and stopped run again, and the set has a primary.
///
/// All are started at once, and the one with the newest history is asked to run for election when all have answered.
/// Starting some first would let them elect a primary without writes that only the others have.
struct StartProcedure {
    let view: SetView

    func propose(_ names: [MemberName]) throws(ReplicaKitError) -> Proposal {
        if view.isExternal { return view.refusalOfExternal("start") }
        for name in names { _ = try view.spec.member(name) }
        let targets = names.isEmpty ? view.spec.members.map(\.name) : names
        let absent = view.absent.filter(targets.contains)
        guard absent.isEmpty else {
            return .refusal(
                Refusal(
                    code: .memberAbsent,
                    message: "\(absent.map(\.rawValue).joined(separator: ", ")) was never created",
                    hint: "Run `rkctl up`, which makes what is missing."
                )
            )
        }
        let stopped = (view.stopped + view.silent).filter(targets.contains)
        var actions: [StepAction] = []
        if !stopped.isEmpty { actions.append(.startMembers(stopped)) }
        var warnings: [String] = []
        if view.primary == nil {
            if let votes = view.votes(of: Set(view.running + stopped)), votes.running < votes.majority {
                warnings.append(
                    "\(votes.running) voting members will run and \(votes.majority) are needed for a primary: there will be none"
                )
            } else {
                actions.append(.electPrimary)
            }
        }
        if warnings.isEmpty, !stopped.isEmpty { actions.append(.awaitMembers(stopped)) }
        guard !actions.isEmpty else {
            return .nothingToDo("\(view.listing(names)) running")
        }
        return .plan(Plan(procedure: "start", set: view.spec.name, actions: actions, warnings: warnings))
    }
}
