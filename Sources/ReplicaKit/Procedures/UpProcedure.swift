/// `up`: from nothing, or from an interrupted set-up, to the set of the spec.
///
/// All members are in the first config, but only the first votes: so it is the primary at once (a config with several
/// voters waits for the election timeout, 10 s), and no empty member counts for a majority before it has the data.
/// The others get their votes one reconfig at a time when their initial sync is done. Heartbeats are quick until then,
/// and the unusual interval is also the mark by which an interrupted set-up is known.
struct UpProcedure {
    let view: SetView

    func propose() -> Proposal {
        if view.isExternal { return view.refusalOfExternal("set up or start") }
        if let refusal = refusal() { return .refusal(refusal) }
        var actions: [StepAction] = []
        let absent = view.absent
        if !absent.isEmpty { actions.append(.createMembers(absent)) }
        // A start that was killed leaves processes that do not listen yet: to start them is to wait for their answer.
        let idle = view.members { if case .running = $0 { false } else { true } } + view.silent
        if !idle.isEmpty { actions.append(.startMembers(idle)) }
        if let config = view.config {
            if view.primary == nil { actions.append(.electPrimary) }
            actions += foundation(exists: true)
            actions += completion(of: config)
            let back = idle.filter { isMember($0, of: config) }
            if !back.isEmpty, !actions.contains(where: { $0.kind == "awaitMembers" }) {
                actions.append(.awaitMembers(back))
            }
        } else if view.stopped.isEmpty && view.silent.isEmpty {
            actions.append(.initiate(first))
            actions.append(.electPrimary)
            actions += foundation(exists: false)
            actions += firstCompletion()
        }
        // Else members that are started or waited for now may hold a config: what it lacks is planned when they answer.
        guard !actions.isEmpty else {
            return .nothingToDo("\(view.spec.name) is up: all members run and the set is complete")
        }
        return .plan(Plan(procedure: "up", set: view.spec.name, actions: actions, warnings: warnings()))
    }

    // MARK: What each case needs

    /// The data-bearing members, the preferred primary first: it gets the set's first vote.
    private var first: [MemberName] {
        let bearing = view.spec.members.filter { !$0.arbiter }
        let leader = bearing.filter { $0.priority > 0 && $0.votes > 0 }.max { $0.priority < $1.priority }
        // max(by:) gives the last of equals; the first in the spec is what an operator expects.
        let chosen = bearing.first { $0.votes > 0 && $0.priority > 0 && $0.priority == leader?.priority }
        return (bearing.filter { $0.name == chosen?.name } + bearing.filter { $0.name != chosen?.name }).map(\.name)
    }

    private func foundation(exists: Bool) -> [StepAction] {
        var actions: [StepAction] = []
        if !exists || view.hasAdministrator != true { actions.append(.createAdministrator) }
        if !exists || view.hasDefaultWriteConcern != true { actions.append(.setDefaultWriteConcern) }
        return actions
    }

    private func firstCompletion() -> [StepAction] {
        let members = view.spec.members.filter { first.contains($0.name) }
        var actions: [StepAction] = []
        if members.count > 1 { actions.append(.awaitMembers(first)) }
        var edits = members.filter { $0.name != first.first && $0.votes > 0 }.map(vote)
        edits += view.spec.members.filter(\.arbiter).map { [.addMember(.init($0))] }
        actions += finishing(edits, marked: SetUpMark.isUsed(for: view.spec))
        let arbiters = view.spec.members.filter(\.arbiter).map(\.name)
        if !arbiters.isEmpty { actions.append(.awaitMembers(arbiters)) }
        return actions
    }

    /// What the config still lacks of the spec. Members that the spec does not have stay; values that someone changed
    /// after the set-up stay too, and are warned of.
    private func completion(of config: ReplicaSetConfig) -> [StepAction] {
        let unfinished = SetUpMark.isSet(in: config, spec: view.spec)
        let missing = view.spec.members.filter { config.member($0.host) == nil }
        var actions: [StepAction] = []
        for member in missing where !member.arbiter {
            actions.append(.editConfig([.addMember(.init(member, votes: 0, priority: 0))]))
        }
        var edits: [[ConfigEdit]] = []
        for member in view.spec.members where !member.arbiter {
            let present = config.member(member.host)
            if member.votes > 0, present == nil || (unfinished && present?.votes == 0) { edits.append(vote(member)) }
        }
        edits += missing.filter(\.arbiter).map { [.addMember(.init($0))] }
        guard unfinished || !missing.isEmpty else { return [] }
        let bearing = view.spec.members.filter { !$0.arbiter }.map(\.name)
        if !edits.isEmpty { actions.append(.awaitMembers(bearing)) }
        actions += finishing(edits, marked: unfinished)
        let arbiters = missing.filter(\.arbiter).map(\.name)
        if !arbiters.isEmpty { actions.append(.awaitMembers(arbiters)) }
        return actions
    }

    private func vote(_ member: MemberSpec) -> [ConfigEdit] {
        [.setVotes(of: member.host, to: member.votes), .setPriority(of: member.host, to: member.priority)]
    }

    /// The edits one by one; the last also takes the set-up's mark away.
    private func finishing(_ edits: [[ConfigEdit]], marked: Bool) -> [StepAction] {
        var edits = edits
        if marked {
            let unmark = SetUpMark.removal(for: view.spec)
            if edits.isEmpty { edits.append([unmark]) } else { edits[edits.count - 1].append(unmark) }
        }
        return edits.map { .editConfig($0) }
    }

    // MARK: What is in the way, and what to say

    private func refusal() -> Refusal? {
        guard let (name, problem) = view.problems.min(by: { $0.key < $1.key }) else { return nil }
        return Refusal(
            code: problem.code,
            message: "\(name) runs, but not as a member of this set: \(problem.message)",
            hint: problem.hint ?? "Look at its log: rkctl logs \(name)"
        )
    }

    private func isMember(_ name: MemberName, of config: ReplicaSetConfig) -> Bool {
        view.spec.members.contains { $0.name == name && config.member($0.host) != nil }
    }

    private func warnings() -> [String] {
        var warnings = SpecAdvice(spec: view.spec).warnings
        guard let config = view.config, !SetUpMark.isSet(in: config, spec: view.spec) else { return warnings }
        for member in view.spec.members {
            guard let present = config.member(member.host) else { continue }
            if present.priority != member.priority || present.votes != member.votes {
                warnings.append(
                    "\(member.name) has other votes or another priority than the spec says; `up` leaves it so"
                )
            }
        }
        let known = Set(view.spec.members.map(\.host))
        for member in config.members where !known.contains(member.host) {
            warnings.append("\(member.host) is in the config and not in the spec; `up` leaves it there")
        }
        return warnings
    }
}
