/// Who can take over from the primary, judged by what the members say of themselves.
struct Succession {
    let view: SetView
    let config: ReplicaSetConfig
    /// How many seconds a successor may be behind.
    let maximumLagSeconds: Double

    /// Why a member cannot be the next primary, as the end of "… because"; `nil` when it can.
    func obstacle(_ name: MemberName, waitsForSync: Bool = false) -> String? {
        guard let host = try? view.spec.member(name).host, let member = config.member(host) else {
            return "it is not in the set's config"
        }
        if member.isArbiter { return "it is an arbiter and holds no data" }
        guard member.isElectable else { return "its priority is 0" }
        guard let standing = view.standings[host] else { return "it does not answer" }
        guard standing.state == .secondary else {
            return "it is \(standing.state?.description ?? "in an unknown state"), not SECONDARY"
        }
        if view.locked.contains(host) { return "it is locked for a copy of its files (fsyncLock)" }
        if waitsForSync { return nil }
        guard let lag = standing.lagSeconds else { return "how far it is behind cannot be told" }
        return lag <= maximumLagSeconds ? nil : "it is \(Int(lag)) s behind the primary"
    }

    /// The member that takes over best: the highest priority, of equals one that no backup reads from, then the least
    /// lag, then the order of the spec.
    ///
    /// - Parameter names: Who is asked.
    func best(of names: [MemberName], waitsForSync: Bool = false) -> MemberName? {
        names.filter { obstacle($0, waitsForSync: waitsForSync) == nil }.min { rank($0) < rank($1) }
    }

    private func rank(_ name: MemberName) -> (Double, Int, Double) {
        let host = try? view.spec.member(name).host
        let lag = host.flatMap { view.standings[$0]?.lagSeconds } ?? .infinity
        let backups = host.flatMap { view.backups[$0]?.count } ?? 0
        return (-(host.flatMap(config.member)?.priority ?? 0), backups, lag)
    }

    /// Demands that the primary can step down: a lock keeps it from that, and writes would stand still meanwhile.
    ///
    /// - Throws: The refusal where it is locked.
    func requireUnlocked(_ primary: MemberAddress) throws(Refusal) {
        guard view.locked.contains(primary) else { return }
        throw Refusal(
            message: "\(view.name(of: primary)?.rawValue ?? primary.description), the primary, is locked for a copy of "
                + "its files (fsyncLock), so it can neither step down nor take writes",
            hint: "Let the copy end, then unlock the member: db.fsyncUnlock()."
        )
    }

    /// What is worth knowing before the primary changes: what it works on, and who would be late to acknowledge.
    func warnings(without names: [MemberName]) -> [String] {
        var warnings = view.operations.map { operation in
            operation.isIndexBuild
                ? "\(operation) goes on under the new primary; the client that asked for it gets an error"
                : "\(operation) is under way on the primary, and may be ended by the change"
        }
        for name in names {
            guard let host = try? view.spec.member(name).host, let programs = view.backups[host] else { continue }
            warnings.append(
                "a backup (\(programs.joined(separator: ", "))) reads from \(name): it goes on, and slows down the new "
                    + "primary"
            )
        }
        let skipped = Set(names.compactMap { try? view.spec.member($0).host })
        for member in config.dataBearingVoters where !skipped.contains(member.host) {
            guard let lag = view.standings[member.host]?.lagSeconds, lag > maximumLagSeconds else { continue }
            warnings.append("\(member.host) is \(Int(lag)) s behind: majority writes may wait for it after the change")
        }
        return warnings
    }
}
