/// A snapshot with the judgments that every member's figures need, each made once.
struct JudgedSnapshot {
    let snapshot: ReplicaSetSnapshot
    let config: ReplicaSetConfig?
    let verdict: PrimaryVerdict
    let primary: MemberSnapshot?

    init(_ snapshot: ReplicaSetSnapshot) {
        self.snapshot = snapshot
        config = snapshot.currentConfig
        verdict = snapshot.primaryVerdict
        primary = verdict.primary.flatMap { snapshot.member(at: $0.address) }
    }

    /// How far a member is behind the primary: see ``ReplicaSetSnapshot/replicationLag(of:)``.
    func lag(of member: MemberSnapshot) -> ReplicationLag? {
        guard let primaryStatus = try? primary?.view?.status.get(), let view = member.view, !view.hello.isArbiter,
            let status = try? view.status.get()
        else { return nil }
        return ReplicationLag.between(
            primary: primaryStatus,
            member: status,
            firstMissing: view.firstMissingEntry,
            delaySeconds: config?.member(of: member)?.delaySeconds ?? member.spec?.delaySeconds ?? 0
        )
    }

    /// A member's state: see ``ReplicaSetSnapshot/state(of:)``.
    func state(of member: MemberSnapshot) -> MemberStateReading? {
        if let own = member.view?.ownState { return MemberStateReading(own, source: .own) }
        if case .foreign = member.outcome { return nil }
        let newest = reports(of: member).max { $0.weight < $1.weight }
        return newest.map { MemberStateReading($0.entry.state, source: .reported(by: $0.by)) }
    }

    /// How another member sees a member.
    struct Report {
        let by: MemberAddress
        let entry: ReplSetStatusReply.Member
        let isFromPrimary: Bool

        /// The primary's word first, then by how fresh it is.
        var weight: Int64 {
            isFromPrimary ? .max : entry.lastHeartbeatReceived?.milliseconds ?? entry.lastHeartbeat?.milliseconds ?? 0
        }
    }

    private func reports(of member: MemberSnapshot) -> [Report] {
        snapshot.members.compactMap { other in
            guard other.address != member.address, let status = try? other.view?.status.get(),
                let entry = status.members.first(where: {
                    !$0.isSelf && ($0.address == member.configAddress || $0.address == member.address)
                })
            else { return nil }
            return Report(
                by: other.configAddress,
                entry: entry,
                isFromPrimary: other.address == primary?.address
            )
        }
    }
}
