/// `apply`: the config of a running set becomes what the spec says, member by member.
///
/// New members join without a vote and get it when they have the data. Each change of a vote is a reconfig of its own.
/// Members that the spec does not have stay: to take one out is ``RemoveProcedure``.
struct ApplyProcedure {
    let view: SetView

    /// - Parameter names: The members to look at; none are all, and the settings.
    func propose(_ names: [MemberName]) throws -> Proposal {
        for name in names { _ = try view.spec.member(name) }
        let (config, _) = try view.requirePrimary()
        let members = view.spec.members.filter { names.isEmpty || names.contains($0.name) }
        for member in members { try requirePossible(member, config) }
        var actions = joining(members.filter { config.member($0.host) == nil })
        // Who cannot be the primary afterwards does not become it on the way.
        let barred = members.filter { $0.priority == 0 }.map(\.name)
        // Who may be the primary from now on comes first: it may be the only one to hand the role over to.
        let rising = members.filter { member in
            config.member(member.host).map { $0.priority == 0 && member.priority > 0 } ?? false
        }
        let risen = Self.raised(config, rising)
        for member in rising + members.filter({ !rising.contains($0) }) {
            if let present = config.member(member.host) {
                actions += try changing(member, from: present, barring: barred, risen)
            }
        }
        let settings = names.isEmpty ? settingEdits(config) : []
        if !settings.isEmpty { actions.append(.editConfig(settings)) }
        guard !actions.isEmpty else {
            return .nothingToDo(
                names.isEmpty
                    ? "\(view.spec.name) is as the spec says"
                    : "\(view.listing(names)) as the spec says"
            )
        }
        return .plan(
            Plan(procedure: "apply", set: view.spec.name, actions: actions, warnings: warnings(config, names))
        )
    }

    // MARK: Members that are not in the config

    private func joining(_ members: [MemberSpec]) -> [StepAction] {
        if members.isEmpty { return [] }
        let names = members.map(\.name)
        var actions: [StepAction] = []
        let absent = view.absent.filter(names.contains)
        if !absent.isEmpty { actions.append(.createMembers(absent)) }
        let idle = (view.absent + view.stopped + view.silent).filter(names.contains)
        if !idle.isEmpty { actions.append(.startMembers(view.spec.members.map(\.name).filter(idle.contains))) }
        for member in members where !member.arbiter {
            actions.append(.editConfig([.addMember(.init(member, votes: 0, priority: 0))]))
        }
        let bearing = members.filter { !$0.arbiter }.map(\.name)
        if !bearing.isEmpty { actions.append(.awaitMembers(bearing)) }
        for member in members where !member.arbiter && member.votes > 0 {
            actions.append(
                .editConfig([.setVotes(of: member.host, to: 1), .setPriority(of: member.host, to: member.priority)])
            )
        }
        let arbiters = members.filter(\.arbiter)
        actions += arbiters.map { .editConfig([.addMember(.init($0))]) }
        if !arbiters.isEmpty { actions.append(.awaitMembers(arbiters.map(\.name))) }
        return actions
    }

    // MARK: Members that are

    private func changing(
        _ member: MemberSpec,
        from present: ReplicaSetConfig.Member,
        barring barred: [MemberName],
        _ config: ReplicaSetConfig
    ) throws(Refusal) -> [StepAction] {
        var edits: [ConfigEdit] = []
        if present.delaySeconds != member.delaySeconds {
            edits.append(.setDelay(of: member.host, toSeconds: member.delaySeconds))
        }
        if present.isHidden != member.hidden { edits.append(.setHidden(of: member.host, to: member.hidden)) }
        if present.tags != member.tags { edits.append(.setTags(of: member.host, to: member.tags)) }
        if present.votes != member.votes { edits.append(.setVotes(of: member.host, to: member.votes)) }
        if !present.isArbiter, present.priority != member.priority {
            edits.append(.setPriority(of: member.host, to: member.priority))
        }
        guard !edits.isEmpty else { return [] }
        var actions: [StepAction] = []
        if member.priority == 0, let handover = try view.handover(from: member.name, barring: barred, in: config) {
            actions.append(handover)
        }
        // A vote counts for majorities at once, so whoever gets one must have the data.
        if member.votes > present.votes { actions.append(.awaitMembers([member.name])) }
        return actions + [.editConfig(edits)]
    }

    /// The config when members have got their votes and priorities. What they lack to be elected is for others to find.
    private static func raised(_ config: ReplicaSetConfig, _ members: [MemberSpec]) -> ReplicaSetConfig {
        let edits = members.flatMap { member in
            [
                ConfigEdit.setVotes(of: member.host, to: member.votes),
                .setPriority(of: member.host, to: member.priority),
            ]
        }
        // No edit here depends on the version.
        return (try? config.applying(edits, serverVersion: ServerVersion(6, 0))) ?? config
    }

    private func settingEdits(_ config: ReplicaSetConfig) -> [ConfigEdit] {
        let spec = view.spec.settings
        let present = config.settings
        let numbers: [(String, Int?, Int)] = [
            ("heartbeatIntervalMillis", spec.heartbeatIntervalMillis, present.heartbeatIntervalMillis),
            ("heartbeatTimeoutSecs", spec.heartbeatTimeoutSecs, present.heartbeatTimeoutSecs),
            ("electionTimeoutMillis", spec.electionTimeoutMillis, present.electionTimeoutMillis),
            ("catchUpTimeoutMillis", spec.catchUpTimeoutMillis, present.catchUpTimeoutMillis),
        ]
        var edits: [ConfigEdit] = numbers.compactMap { name, wanted, now in
            guard let wanted, wanted != now else { return nil }
            return .setSetting(name, to: .integer(wanted))
        }
        if let chaining = spec.chainingAllowed, chaining != present.isChainingAllowed {
            edits.append(.setSetting("chainingAllowed", to: .boolean(chaining)))
        }
        return edits
    }

    // MARK: What is in the way, and what to say

    private func requirePossible(_ member: MemberSpec, _ config: ReplicaSetConfig) throws(Refusal) {
        if let present = config.member(member.host) { return try requirePossible(member, from: present, config) }
        if let problem = view.problems[member.name] {
            throw Refusal(
                code: problem.code,
                message: "\(member.name) runs, but not as a new member of this set: \(problem.message)",
                hint: problem.hint ?? "Look at its log: rkctl logs \(member.name)"
            )
        }
        if view.isExternal, !view.answering.contains(member.name) {
            throw Refusal(
                code: .hostUnsupported,
                message: "\(member.name) does not answer at \(member.host), and someone else runs it",
                hint: "Start it with --replSet \(view.spec.name) and the set's keyfile, on an empty directory."
            )
        }
    }

    private func requirePossible(
        _ member: MemberSpec,
        from present: ReplicaSetConfig.Member,
        _ config: ReplicaSetConfig
    ) throws(Refusal) {
        if present.isArbiter != member.arbiter {
            throw Refusal(
                message:
                    "\(member.name) is \(present.isArbiter ? "an arbiter" : "no arbiter"), and that cannot be changed",
                hint: "Remove it (rkctl member remove \(member.name)) and add it again."
            )
        }
        if member.votes > present.votes, view.standings[member.host] == nil {
            throw Refusal(
                message: "\(member.name) does not answer, and a vote would count for majorities at once",
                hint: "Start it first: rkctl start \(member.name)."
            )
        }
        if member.votes < present.votes { try view.requireMajority(without: present, in: config) }
    }

    private func warnings(_ config: ReplicaSetConfig, _ names: [MemberName]) -> [String] {
        var warnings = SpecAdvice(spec: view.spec).warnings
        guard names.isEmpty else { return warnings }
        for member in config.members where !view.spec.members.contains(where: { $0.host == member.host }) {
            warnings.append("\(member.host) is in the config and not in the spec; it stays there")
        }
        return warnings
    }
}
