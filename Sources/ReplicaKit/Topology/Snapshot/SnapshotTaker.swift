#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Takes snapshots of a replica set: asks all members at the same time, each on a connection of its own.
///
/// Every member has the same deadline. One that hangs costs that long once and hides nothing of the others. Members
/// that only the config of an answering member names are asked too, within the same deadline. Nothing is changed
/// anywhere, and nothing is kept between two snapshots.
public struct SnapshotTaker: Sendable {
    /// What the set should be: who is asked.
    public var spec: ReplicaSetSpec
    /// Who to be. A user needs no more than the role `clusterMonitor`. Arbiters have no users: they are asked without
    /// login.
    public var authentication: MemberAuthentication
    /// What the members are reached with.
    public var toolbox: Toolbox
    /// How long a member may take to answer everything.
    public var timeout: Duration
    /// Whether members are asked for what health is judged by, too (``MemberView/figures``): ten more questions, some
    /// 200 kB in all.
    public var isForHealth = false

    /// Creates a taker.
    public init(
        spec: ReplicaSetSpec,
        authentication: MemberAuthentication,
        toolbox: Toolbox,
        timeout: Duration = .seconds(5)
    ) {
        self.spec = spec
        self.authentication = authentication
        self.toolbox = toolbox
        self.timeout = timeout
    }

    /// Asks all members once.
    ///
    /// - Returns: What they answered. That members, even all, did not is part of it and no error: see
    ///   ``ReplicaSetSnapshot/requireAnyReachable()``.
    /// - Throws: ``ReplicaKitError/Code/invalidSpec`` when the spec has no members or two of the same address;
    ///   `CancellationError` at once when the task is cancelled.
    public func take() async throws -> ReplicaSetSnapshot {
        try check()
        let takenAt = BSONDateTime(Date())
        let snapshot = await take(takenAt: takenAt, clock: toolbox.clock)
        try Task.checkCancellation()
        return snapshot
    }

    private func take(takenAt: BSONDateTime, clock: some Clock<Duration>) async -> ReplicaSetSnapshot {
        let deadline = clock.now.advanced(by: timeout)
        let answers = await MemberPoll(taker: self, clock: clock, deadline: deadline).answers()
        var snapshot = assemble(answers, takenAt: takenAt)
        await OplogLookup(driver: toolbox.driver, authentication: authentication, clock: clock, deadline: deadline)
            .complete(&snapshot)
        return snapshot
    }

    private func check() throws(ReplicaKitError) {
        guard !spec.members.isEmpty else {
            throw ReplicaKitError(.invalidSpec, "the spec of \(spec.name) has no members", hint: "List its members.")
        }
        var seen: Set<MemberAddress> = []
        for member in spec.members where !seen.insert(member.host).inserted {
            throw ReplicaKitError(
                .invalidSpec,
                "two members of the spec of \(spec.name) have the address \(member.host)",
                hint: "Give each member a host of its own."
            )
        }
    }

    /// Puts the answers in order, and gives each its number in the config.
    private func assemble(
        _ answers: [MemberAddress: MemberSnapshot.Outcome],
        takenAt: BSONDateTime
    ) -> ReplicaSetSnapshot {
        func member(_ address: MemberAddress, _ spec: MemberSpec?) -> MemberSnapshot {
            let outcome = answers[address] ?? .unreachable(.notAsked)
            return MemberSnapshot(address: address, spec: spec, outcome: outcome, timeout: timeout)
        }
        let listed = spec.members.map { member($0.host, $0) }
        // A member that calls itself by another address than the spec does may have been asked by both.
        let known = Set(listed.flatMap { [$0.address, $0.configAddress] })
        let others = answers.keys.filter { !known.contains($0) }.sorted().map { member($0, nil) }
        var snapshot = ReplicaSetSnapshot(takenAt: takenAt, setName: spec.name, members: listed + others)
        guard let config = snapshot.currentConfig else { return snapshot }
        for index in snapshot.members.indices {
            snapshot.members[index].id = config.member(of: snapshot.members[index])?.id
        }
        // Only an older config names the others that have no number.
        let order = config.members.map(\.id)
        let added = snapshot.members.dropFirst(listed.count).filter { $0.id != nil }.sorted { left, right in
            (left.id.flatMap(order.firstIndex) ?? 0) < (right.id.flatMap(order.firstIndex) ?? 0)
        }
        snapshot.members = snapshot.members.prefix(listed.count) + added
        return snapshot
    }
}
