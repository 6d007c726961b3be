/// `member remove`: a member leaves the set; its process and its data go last.
struct RemoveProcedure {
    let view: SetView

    func propose(_ name: MemberName, includingData: Bool) throws -> Proposal {
        let member = try view.spec.member(name)
        let isPresent = view.processes[name].map { $0 != .absent && $0 != .unknown } ?? false
        let isLeft = isPresent || includingData && view.traces.contains(name)
        let (config, _) = try view.requirePrimary()
        var actions: [StepAction] = []
        if let present = config.member(member.host) {
            guard config.members.contains(where: { $0.host != member.host && $0.isElectable }) else {
                throw Refusal(
                    message: "no member that can be the primary would be left without \(name)",
                    hint: "To take the whole set away: rkctl down."
                )
            }
            if present.isVoter { try view.requireMajority(without: present, in: config) }
            if let handover = try view.handover(from: name, in: config) { actions.append(handover) }
            actions.append(.editConfig([.removeMember(member.host)]))
        }
        if !view.isExternal, isLeft {
            if view.running.contains(name) {
                actions.append(
                    view.answering.contains(name) ? .shutDown([name]) : .stopProcesses([name], graceSeconds: 10)
                )
            }
            if view.canProvision { actions.append(.removeMembers([name], includingData: includingData)) }
        }
        guard !actions.isEmpty else { return .nothingToDo("\(name) is neither in the set nor on its host") }
        return .plan(
            Plan(
                procedure: "member remove",
                set: view.spec.name,
                actions: actions,
                warnings: warnings(name, includingData)
            )
        )
    }

    private func warnings(_ name: MemberName, _ includingData: Bool) -> [String] {
        var spec = view.spec
        spec.members.removeAll { $0.name == name }
        return SpecAdvice(spec: spec).warnings
            + (includingData ? ["all data of \(name) will be deleted"] : [])
    }
}
