/// `restart --rolling`: every process is replaced by a new one, and the set keeps its primary and its majority.
///
/// One member at a time, secondaries first, each back and caught up before the next; the primary last, after another
/// member has taken over from it. Each step looks again before it acts, and the first surprise ends the run.
struct RestartProcedure {
    let view: SetView

    /// How many seconds behind a member may be that must carry the set while another is away.
    static let maximumLagSeconds = 10.0

    /// - Parameter processes: The processes that are to be replaced.
    func propose(_ processes: [MemberName: MemberProcess]) throws -> Proposal {
        if view.isExternal { return view.refusalOfExternal("restart") }
        for name in processes.keys { _ = try view.spec.member(name) }
        let names = view.spec.members.map(\.name).filter { processes[$0] != nil }
        let pending = names.filter { name in
            guard case .running(let process) = view.processes[name] else { return false }
            return process == processes[name]
        }
        // Shut down by a run that ended before it could start them again.
        let down = view.stopped.filter(names.contains)
        guard !pending.isEmpty || !down.isEmpty else {
            return .nothingToDo("\(view.listing(names)) restarted")
        }
        var actions: [StepAction] = down.isEmpty ? [] : [.startMembers(down), .awaitMembers(down)]
        guard !pending.isEmpty else { return plan(actions, []) }
        let (config, primary) = try view.requirePrimary()
        try requireSpare(pending, down: down, config)

        let leader = view.name(of: primary)
        let secondaries = pending.filter { $0 != leader }.sorted { rank($0, config) < rank($1, config) }
        actions += secondaries.compactMap { name in processes[name].map { .restartMember(name, $0) } }
        try requireUnlocked(pending)
        var warnings = backupWarnings(pending)
        if let leader, pending.contains(leader), let process = processes[leader] {
            let succession = Succession(
                view: view,
                config: config,
                maximumLagSeconds: Self.maximumLagSeconds
            )
            guard let successor = succession.best(of: view.spec.members.map(\.name).filter { $0 != leader }) else {
                throw Refusal(
                    message: "\(leader) is the primary, and no other member can take over while it restarts",
                    hint: "Restart the others alone (name them), or stop and start the whole set: rkctl stop, "
                        + "rkctl start."
                )
            }
            warnings += succession.warnings(without: [])
            actions.append(makePrimary(successor))
            actions.append(.restartMember(leader, process))
            // The set would do it by itself some seconds later; so it is done while someone looks.
            if isPreferred(leader, config) { actions.append(makePrimary(leader)) }
        }
        return plan(actions, warnings)
    }

    private func plan(_ actions: [StepAction], _ warnings: [String]) -> Proposal {
        .plan(Plan(procedure: "restart", set: view.spec.name, actions: actions, warnings: warnings))
    }

    private func makePrimary(_ name: MemberName) -> StepAction {
        .makePrimary(name, catchUpSeconds: FailoverProcedure.catchUpSeconds, holdSeconds: 0)
    }

    /// Those that matter least first.
    private func rank(_ name: MemberName, _ config: ReplicaSetConfig) -> (Int, Double) {
        let member = (try? view.spec.member(name).host).flatMap(config.member)
        return (member?.votes ?? 0, member?.priority ?? 0)
    }

    private func isPreferred(_ name: MemberName, _ config: ReplicaSetConfig) -> Bool {
        guard let host = try? view.spec.member(name).host, let own = config.member(host)?.priority else { return false }
        return config.electableMembers.allSatisfy { $0.host == host || $0.priority < own }
    }

    private func requireUnlocked(_ pending: [MemberName]) throws(Refusal) {
        let locked = pending.filter { name in (try? view.spec.member(name).host).map(view.locked.contains) ?? false }
        guard !locked.isEmpty else { return }
        throw Refusal(
            message: "\(view.listing(locked)) locked for a copy of the files (fsyncLock), which a restart would break",
            hint: "Let the copy end, then unlock the member (db.fsyncUnlock()), or restart the others alone: name them."
        )
    }

    private func backupWarnings(_ pending: [MemberName]) -> [String] {
        pending.compactMap { name in
            guard let host = try? view.spec.member(name).host, let programs = view.backups[host] else { return nil }
            return "a backup (\(programs.joined(separator: ", "))) reads from \(name), and loses its connection when "
                + "\(name) restarts"
        }
    }

    private func requireSpare(_ pending: [MemberName], down: [MemberName], _ config: ReplicaSetConfig) throws(Refusal) {
        let hosts = Set(view.spec.members.filter { pending.contains($0.name) }.map(\.host))
        let returning = Set(view.spec.members.filter { down.contains($0.name) }.map(\.host))
        let healthy = Set(view.healthyVoters.map(\.host)).union(config.voters.map(\.host).filter(returning.contains))
        let takesVoter = config.voters.contains { hosts.contains($0.host) }
        if takesVoter, healthy.count - 1 < config.majorityVoteCount {
            throw Refusal(
                message:
                    "while a voting member restarts, \(healthy.count - 1) of \(config.voters.count) would be left, and "
                    + "\(config.majorityVoteCount) are needed for a primary",
                hint: healthy.count < config.voters.count
                    ? "Start the missing members first: rkctl start."
                    : "With fewer than three voting members the whole set restarts: rkctl stop, then rkctl start."
            )
        }
        for member in config.dataBearingVoters {
            guard let lag = view.standings[member.host]?.lagSeconds, lag > Self.maximumLagSeconds else { continue }
            throw Refusal(
                message: "\(member.host) is \(Int(lag)) s behind the primary, and is needed while others restart",
                hint: "Wait until it has caught up: rkctl status --watch."
            )
        }
    }
}
