/// `start`: members that were made and stopped run again, and the set has a primary.
///
/// All are started at once, and the one with the newest history is asked to run for election when all have answered.
/// Starting some first would let them elect a primary without writes that only the others have.
///
/// Comparing histories goes further: what stopped members have is read before any of them takes part, so that a start
/// without the newest is refused instead of losing what only it has.
struct StartProcedure {
    let view: SetView

    func propose(_ names: [MemberName], comparingHistories: Bool = false) throws(ReplicaKitError) -> Proposal {
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
        guard view.canRunStandalones || !comparingHistories else { return refusalToCompare }
        let stopped = (view.stopped + view.silent).filter(targets.contains)
        var actions: [StepAction] = []
        let compares = comparingHistories && view.primary == nil
        if !stopped.isEmpty { actions.append(compares ? .startNewestFirst(stopped) : .startMembers(stopped)) }
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
        if comparingHistories, let primary = view.primary {
            warnings.append("\(primary) is the primary: its history is the set's, and no other is read")
        }
        return .plan(Plan(procedure: "start", set: view.spec.name, actions: actions, warnings: warnings))
    }

    private var refusalToCompare: Proposal {
        .refusal(
            Refusal(
                code: .hostUnsupported,
                message: "where the histories of stopped members end can only be read where their servers can be run "
                    + "apart from the set, and what runs \(view.spec.name) cannot do that",
                hint: "Start them without comparing: all start at once, and the newest of all that answer is asked to "
                    + "be the primary."
            )
        )
    }
}
