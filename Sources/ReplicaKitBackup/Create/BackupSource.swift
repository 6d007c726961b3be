import ReplicaKit

/// Chooses the members that a backup is read from, best first.
enum BackupSource {
    /// Members that hold the set's data now: hidden ones first, then those that cannot be elected, then other
    /// secondaries, the one that is least behind first, and the primary last.
    ///
    /// - Throws: ``ReplicaKitError/Code/noMemberReachable`` and the like when no member can be read, or the one that was
    ///   named cannot, with the reason.
    static func candidates(
        in snapshot: ReplicaSetSnapshot,
        from wanted: MemberName?,
        maximumLag: Duration
    ) throws(ReplicaKitError) -> [MemberSpec] {
        try snapshot.requireAuthenticated()
        var ranked: [(member: MemberSpec, rank: Int, lag: Double)] = []
        var reasons: [String] = []
        for member in snapshot.members {
            guard let spec = member.spec, wanted == nil || spec.name == wanted else { continue }
            if let reason = reason(against: member, spec, in: snapshot, maximumLag) {
                reasons.append("\(spec.name): \(reason)")
                continue
            }
            let isPrimary = member.view?.ownState == .primary
            let rank = isPrimary ? 3 : spec.hidden ? 0 : spec.priority == 0 ? 1 : 2
            ranked.append((spec, rank, snapshot.replicationLag(of: member)?.seconds ?? 0))
        }
        guard !ranked.isEmpty else {
            throw ReplicaKitError(
                .refused,
                "no member can be backed up from. \(reasons.joined(separator: "; "))",
                hint: wanted == nil ? "Look at `rkctl status`." : "Leave out --from, or name another member."
            )
        }
        return ranked.sorted { ($0.rank, $0.lag) < ($1.rank, $1.lag) }.map(\.member)
    }

    private static func reason(
        against member: MemberSnapshot,
        _ spec: MemberSpec,
        in snapshot: ReplicaSetSnapshot,
        _ maximumLag: Duration
    ) -> String? {
        guard let view = member.view else { return member.error?.message ?? "it did not answer" }
        if spec.arbiter { return "it is an arbiter and holds no data" }
        guard view.ownState == .secondary || view.ownState == .primary else {
            return "it is \(view.ownState.map(String.init(describing:)) ?? "in an unknown state")"
        }
        if spec.delaySeconds > 0 { return "it is behind on purpose" }
        if let lag = snapshot.replicationLag(of: member), lag.seconds > maximumLag / .seconds(1) {
            return "it is \(Int(lag.seconds)) s behind"
        }
        return nil
    }
}
