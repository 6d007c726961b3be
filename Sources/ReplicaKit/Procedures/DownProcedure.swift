/// `down`: the set is stopped and its members are removed from their host, with or without their data.
struct DownProcedure {
    let view: SetView

    func propose(includingData: Bool) -> Proposal {
        if view.isExternal { return view.refusalOfExternal("take down") }
        guard view.canProvision else {
            return .refusal(
                Refusal(
                    code: .hostUnsupported,
                    message: "the host of \(view.spec.name) cannot remove members",
                    hint: "Stop the set (rkctl stop) and remove the members with whatever made them."
                )
            )
        }
        var actions: [StepAction] = []
        if !view.running.isEmpty {
            // Data that is removed need not be brought to one history first.
            actions +=
                includingData
                ? [.stopProcesses(view.running, graceSeconds: 0)]
                : StopProcedure(view: view).wholeSet(view.running)
        }
        // With the data goes what is left of members that are absent.
        let present = view.spec.members.map(\.name).filter {
            view.processes[$0] ?? .absent != .absent || includingData && view.traces.contains($0)
        }
        guard !present.isEmpty else { return .nothingToDo("no member of \(view.spec.name) is on this host") }
        actions.append(.removeMembers(present, includingData: includingData))
        let warnings =
            includingData
            ? [
                "ALL DATA of \(present.map(\.rawValue).joined(separator: ", ")) will be deleted and cannot be brought back"
            ]
            : []
        return .plan(Plan(procedure: "down", set: view.spec.name, actions: actions, warnings: warnings))
    }
}
