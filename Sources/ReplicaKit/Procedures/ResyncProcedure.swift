/// `member replace`: a member gets a fresh process and a fresh copy of the data, and keeps its place in the set.
///
/// It has no vote meanwhile: an empty member would count for majorities, and would have forgotten whom it voted for.
struct ResyncProcedure {
    let view: SetView

    func propose(_ resync: Resync) throws -> Proposal {
        let name = resync.member
        let member = try view.spec.member(name)
        if view.isExternal { return view.refusalOfExternal("replace a member of") }
        guard view.canProvision else {
            throw Refusal(
                code: .hostUnsupported,
                message: "the host of \(view.spec.name) cannot make and remove members",
                hint: "Stop the member, empty its directory and start it: it copies the data from the others."
            )
        }
        let (config, _) = try view.requirePrimary()
        guard let present = config.member(member.host) else {
            throw Refusal(
                message: "\(name) is not in the set's config, so there is nothing to replace",
                hint: "Add it: rkctl member add \(name)."
            )
        }
        let isFresh = isFresh(resync)
        var actions: [StepAction] = []
        if !isFresh {
            try requireSource(member, present, config)
            try view.requireMajority(without: present, in: config)
            if let handover = try view.handover(from: name, in: config) { actions.append(handover) }
            if present.votes > 0 {
                actions.append(
                    .editConfig([.setPriority(of: member.host, to: 0), .setVotes(of: member.host, to: 0)])
                )
            }
            if view.running.contains(name) {
                actions.append(
                    view.answering.contains(name) ? .shutDown([name]) : .stopProcesses([name], graceSeconds: 10)
                )
            }
            actions.append(.removeMembers([name], includingData: true))
            actions.append(.createMembers([name]))
            actions.append(.startMembers([name]))
        }
        if !isFresh || view.standings[member.host]?.state != .secondary { actions.append(.awaitMembers([name])) }
        if resync.votes > 0, !isFresh || present.votes == 0 {
            actions.append(
                .editConfig([
                    .setVotes(of: member.host, to: resync.votes), .setPriority(of: member.host, to: resync.priority),
                ])
            )
        }
        guard !actions.isEmpty else { return .nothingToDo("\(name) has a fresh copy of the data") }
        return .plan(
            Plan(
                procedure: "member replace",
                set: view.spec.name,
                actions: actions,
                warnings: isFresh ? [] : ["the data of \(name) will be deleted, and copied anew from another member"]
            )
        )
    }

    /// Whether an earlier run has replaced the process already.
    private func isFresh(_ resync: Resync) -> Bool {
        guard case .running(let process) = view.processes[resync.member] else { return false }
        return process != resync.process
    }

    /// Demands that the data can be copied from somewhere.
    private func requireSource(
        _ member: MemberSpec,
        _ present: ReplicaSetConfig.Member,
        _ config: ReplicaSetConfig
    ) throws(Refusal) {
        if present.isArbiter {
            throw Refusal(
                message: "\(member.name) is an arbiter and holds no data",
                hint: "Remove it and add it again: rkctl member remove \(member.name); rkctl member add \(member.name)."
            )
        }
        let hasSource = config.members.contains { other in
            guard other.host != member.host, let standing = view.standings[other.host] else { return false }
            return standing.state == .primary
                || standing.state == .secondary && other.delaySeconds == 0 && (standing.lagSeconds ?? .infinity) <= 10
        }
        guard !hasSource else { return }
        throw Refusal(
            message: "no other member has an up-to-date copy of the data that \(member.name) could be given",
            hint: "Look at `rkctl status`; \(member.name) may hold the only copy."
        )
    }
}

extension Resync {
    /// What is wanted of a member as it is now, going on with what an unfinished run was for.
    init(of member: MemberSpec, in view: SetView, after record: JournalRecord?) {
        var process: MemberProcess?
        if case .running(let running) = view.processes[member.name] { process = running }
        var earlier: Resync?
        if case .resync(let resync)? = record?.plan.intent, resync.member == member.name { earlier = resync }
        // What runs is the new process where the old data went before. Else it may have been started on the old data.
        if let earlier, let record, process == nil || record.hasRemovedData {
            self = earlier
            return
        }
        let present = view.config?.member(member.host)
        self.init(
            member: member.name,
            process: process,
            // A run that was cut short may have taken them away.
            votes: earlier?.votes ?? present.flatMap { $0.votes > 0 ? $0.votes : nil } ?? member.votes,
            priority: earlier?.priority ?? present.flatMap { $0.priority > 0 ? $0.priority : nil } ?? member.priority
        )
    }
}

extension JournalRecord {
    /// Whether the data that was to go is gone: by this run, or by one before it, so that this one had none to remove.
    fileprivate var hasRemovedData: Bool {
        let removals = plan.steps.filter { if case .removeMembers = $0.action { true } else { false } }
        return removals.allSatisfy { removal in
            entries.contains { $0.event == .stepFinished && $0.step == removal.id }
        }
    }
}
