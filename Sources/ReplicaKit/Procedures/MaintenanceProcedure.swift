/// `member maintain`: keeps a member out of reads and elections while it is worked on, or lets it back in.
struct MaintenanceProcedure {
    let view: SetView

    func propose(_ name: MemberName, isOn: Bool) throws -> Proposal {
        let member = try view.spec.member(name)
        let (config, _) = try view.requirePrimary()
        guard !member.arbiter else {
            throw Refusal(
                message: "\(name) is an arbiter: it serves no reads and cannot be elected anyway",
                hint: "Stop it while you work on it: rkctl stop \(name)."
            )
        }
        guard let state = view.standings[member.host]?.state else {
            throw Refusal(
                message: "\(name) does not answer, or is not in the set",
                hint: "Start it first: rkctl start \(name)."
            )
        }
        guard isOn else {
            guard state == .recovering else { return .nothingToDo("\(name) is not in maintenance: it is \(state)") }
            return .plan(plan([.setMaintenance(name, isOn: false), .awaitMembers([name])]))
        }
        if state == .recovering { return .nothingToDo("\(name) is in maintenance") }
        var actions: [StepAction] = []
        if let handover = try view.handover(from: name, in: config) { actions.append(handover) }
        actions.append(.setMaintenance(name, isOn: true))
        return .plan(plan(actions, warnings: warnings(member, config)))
    }

    private func plan(_ actions: [StepAction], warnings: [String] = []) -> Plan {
        Plan(procedure: "member maintain", set: view.spec.name, actions: actions, warnings: warnings)
    }

    private func warnings(_ member: MemberSpec, _ config: ReplicaSetConfig) -> [String] {
        let left = config.electableMembers.filter { other in
            let state = view.standings[other.host]?.state
            return other.host != member.host && (state == .primary || state == .secondary)
        }
        return left.count > 1 ? [] : ["nobody could take over from the primary while \(member.name) is in maintenance"]
    }
}
