extension StepPerformer {
    /// Starts members after a look at where the histories of all of them end, the one with the newest first.
    ///
    /// Those that run tell by themselves. Of those that do not, each one's server is run on its data as a standalone and
    /// ended again: also of those that are not to be started, for what only they have would be lost.
    func startNewestFirst(
        _ targets: [MemberName],
        _ note: @escaping @Sendable (String) -> Void
    ) async throws -> StepOutcome {
        let states = try await states(of: spec.members.map(\.name))
        let stopped = spec.members.map(\.name).filter { if case .stopped = states[$0] { true } else { false } }
        guard targets.contains(where: stopped.contains) else { return try await startMembers(targets) }
        if let leader = leader(of: await ballots()), isSupported(leader) {
            note("\(leader.address) is the primary by now: its history is the set's, and no other is read")
            return try await startMembers(targets)
        }
        let ends = try await ends(of: stopped, states, note)
        guard let newest = ends.values.compactMap(\.last).max() else {
            note("no member has a history: all start at once")
            return try await startMembers(targets)
        }
        try requireNothingLost(newest, ends, without: stopped.filter { !targets.contains($0) })
        let having = spec.members.map(\.name).filter { ends[$0]?.last == newest }
        guard let first = try having.filter(targets.contains).filter(stopped.contains).max(by: isLessWanted),
            !having.contains(where: { !stopped.contains($0) }), having.count < ends.count
        else {
            note(
                having.count == ends.count
                    ? "all end at the same write: they start at once"
                    : "\(listing(having)) has the newest history and runs: the others start at once"
            )
            return try await startMembers(targets)
        }
        note("\(first) has the newest history, up to \(newest): it starts first")
        _ = try await startMembers([first])
        let diverged = await tellWhatBecomesOfTheOthers(ends, newest: first, note)
        _ = try await startMembers(targets)
        try await awaitRollback(of: diverged.filter(targets.contains), to: newest, note)
        return .done
    }

    /// Waits until members have taken back what only they had: until then they may serve it.
    ///
    /// Without a majority nobody leads them to do so: then it is only told, and so is a rollback that takes very long.
    private func awaitRollback(
        of names: [MemberName],
        to newest: OpTime,
        _ note: @escaping @Sendable (String) -> Void
    ) async throws {
        guard !names.isEmpty else { return }
        let voters = spec.members.filter { $0.votes > 0 }.map(\.name)
        let running = try await states(of: voters).values.count { if case .running = $0 { true } else { false } }
        guard running > voters.count / 2 else {
            return note("\(listing(names)) will take them back once a majority runs and there is a primary")
        }
        do {
            try await toolbox.clock.wait(for: "\(listing(names)) to take writes back", within: limits.agreement) {
                let ballots = await ballots()
                return try names.allSatisfy { name in
                    let host = try spec.member(name).host
                    guard let status = ballots.first(where: { $0.address == host })?.status else { return false }
                    return [.secondary, .primary].contains(status.myState)
                        && status.applied.map { $0 >= newest } ?? false
                }
            }
        } catch let error as ReplicaKitError where error.code == .stepTimedOut {
            note("not done yet, see `rkctl status`: \(error.message)")
        }
    }

    /// Where the history of each member that has data ends, told one by one.
    private func ends(
        of stopped: [MemberName],
        _ states: [MemberName: MemberProcessState],
        _ note: @escaping @Sendable (String) -> Void
    ) async throws -> [MemberName: HistoryEnd] {
        guard let host = toolbox.host as? any StandaloneRunning else {
            throw ReplicaKitError(
                .hostUnsupported,
                "the \(toolbox.host.kind) host cannot run a member's server apart from its set",
                hint: "Without --compare-histories all members start at once, and the newest of them is asked to lead."
            )
        }
        var ends: [MemberName: HistoryEnd] = [:]
        let ballots = await ballots()
        for member in spec.members where !member.arbiter {
            if stopped.contains(member.name) {
                let end = try await end(of: member.name, on: host)
                ends[member.name] = end
                note("\(member.name), stopped, \(end)")
            } else if let applied = ballots.first(where: { $0.address == member.host })?.status.applied {
                ends[member.name] = .at(applied)
                note("\(member.name), running, \(HistoryEnd.at(applied))")
            } else if states[member.name] != .absent {
                note("\(member.name) runs and does not say where its history ends: it is not compared")
            }
        }
        return ends
    }

    private func end(of name: MemberName, on host: any StandaloneRunning) async throws -> HistoryEnd {
        do {
            let end = try await host.withStandalone(of: name) { address in
                try await access.with(address, as: .setItself) {
                    try await HistoryEnd.read(from: $0, timeout: limits.call)
                }
            }
            return end ?? .nothing
        } catch var error as ReplicaKitError {
            error.message = "where the history of \(name) ends could not be read: \(error.message)"
            error.hint = [error.hint, "Without --compare-histories the members start without this look."]
                .compactMap(\.self).joined(separator: " ")
            throw error
        }
    }

    /// Refuses to start a set without the member that has writes which none of the others has.
    private func requireNothingLost(
        _ newest: OpTime,
        _ ends: [MemberName: HistoryEnd],
        without left: [MemberName]
    ) throws(ReplicaKitError) {
        let kept = ends.filter { !left.contains($0.key) }.compactMap(\.value.last).max()
        guard kept.map({ $0 < newest }) ?? true else { return }
        let holders = left.filter { ends[$0]?.last == newest }
        throw ReplicaKitError(
            .refused,
            "\(listing(holders)) has writes up to \(newest), and what is to be started ends at "
                + "\(kept?.description ?? "nothing"): started without it, the set would lose them",
            hint: "Start it too. To lose them knowingly, leave out --compare-histories. No member was started."
        )
    }

    /// Says of each other member whether it only lacks writes, or has some that the newest has not; gives the latter.
    private func tellWhatBecomesOfTheOthers(
        _ ends: [MemberName: HistoryEnd],
        newest: MemberName,
        _ note: @escaping @Sendable (String) -> Void
    ) async -> [MemberName] {
        guard let address = try? spec.member(newest).host, let last = ends[newest]?.last else { return [] }
        var diverged: [MemberName] = []
        for member in spec.members where member.name != newest {
            guard let end = ends[member.name]?.last, end < last else { continue }
            let found = try? await toolbox.clock.observe("the oplog of \(newest)", within: limits.call) {
                try await access.run(FindOplogEntry(.upTo(end.timestamp)), on: address)
            }
            let seconds = Int(last.timestamp.seconds) - Int(end.timestamp.seconds)
            switch found?.entry {
            case .some(let entry) where entry.timestamp == end.timestamp && entry.term ?? -1 == end.term:
                note("\(member.name) lacks the last \(seconds) s of it, and fetches them")
            case .some:
                diverged.append(member.name)
                note(
                    "\(member.name) has writes that \(newest) has not: they will be rolled back, into its rollback files"
                )
            case nil where found != nil:
                note(
                    "\(member.name) ends before what the oplog of \(newest) still has: it will need `rkctl member replace`"
                )
            case nil: note("what \(member.name) lacks could not be found out")
            }
        }
        return diverged
    }

    private func isLessWanted(_ left: MemberName, _ right: MemberName) throws -> Bool {
        let (left, right) = (try spec.member(left), try spec.member(right))
        return (left.priority, right.name.rawValue) < (right.priority, left.name.rawValue)
    }

    private func listing(_ names: [MemberName]) -> String { names.map(\.rawValue).joined(separator: ", ") }
}
