extension ReplicaSet {
    /// The intent that another member than the present primary is the primary.
    ///
    /// - Parameter failover: What is wanted; without a successor, the present primary is filled in as the predecessor.
    /// - Throws: ``ReplicaKitError/Code/noPrimary`` where one is needed and there is none.
    public func failover(_ failover: Failover = Failover()) async throws -> Intent {
        guard failover.successor == nil, failover.predecessor == nil else { return .failover(failover) }
        var failover = failover
        failover.predecessor = try await snapshot().requirePrimary().configAddress
        return .failover(failover)
    }

    /// The intent to restart members one after the other: the processes that run now, or those of them that are named.
    ///
    /// - Throws: ``ReplicaKitError/Code/unknownMember`` for a name that the spec does not have;
    ///   ``ReplicaKitError/Code/memberAbsent`` when nothing of what was named runs.
    public func restart(of names: [MemberName] = []) async throws -> Intent {
        for name in names { _ = try spec.member(name) }
        var processes: [MemberName: MemberProcess] = [:]
        for (name, state) in try await performer.states(of: names.isEmpty ? spec.members.map(\.name) : names) {
            if case .running(let process) = state { processes[name] = process }
        }
        guard !processes.isEmpty || spec.runtime == .external else {
            throw ReplicaKitError(
                .memberAbsent,
                "no member that could be restarted runs",
                hint: "Start what is stopped: rkctl start."
            )
        }
        return .restart(processes)
    }

    /// The intent to give a member a fresh copy of the data, which remembers what it is now.
    ///
    /// Where the last run was to do the same and did not come to its end, it is what that run was for: the copy that it
    /// has begun is not thrown away.
    ///
    /// - Throws: ``ReplicaKitError/Code/unknownMember`` for a name that the spec does not have;
    ///   ``ReplicaKitError/Code/journalFailed``.
    public func resync(of name: MemberName) async throws -> Intent {
        let member = try spec.member(name)
        return .resync(Resync(of: member, in: try await view(), after: try unfinishedRun()))
    }
}
