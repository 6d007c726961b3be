extension ReplicaSetSnapshot {
    /// The newest config that any member of the set has; `nil` when no config could be read.
    ///
    /// Members may hold different ones for a moment after a reconfig, and for long when cut off. Servers compare them
    /// by term and then by version; where one of two has no term, as after a forced reconfig, by version alone.
    public var currentConfig: ReplicaSetConfig? {
        members.compactMap { try? $0.view?.config.get() }
            .filter { $0.setName == setName }
            .max { $1.isNewer(than: $0) }
    }

    /// The member in the newest config; `nil` when it is not in it.
    public func configMember(of member: MemberSnapshot) -> ReplicaSetConfig.Member? {
        guard let config = currentConfig else { return nil }
        return config.member(of: member)
    }

    /// The members whose votes count by the newest config; where none could be read, those that vote by the spec.
    var voterAddresses: [MemberAddress] {
        if let config = currentConfig { return config.voters.map(\.host) }
        guard members.contains(where: { $0.view?.membership == .active }) else { return [] }
        return members.filter { ($0.spec?.votes ?? 0) > 0 }.map(\.configAddress)
    }
}

extension ReplicaSetConfig {
    /// Whether servers would take this config over the other.
    public func isNewer(than other: ReplicaSetConfig) -> Bool {
        guard let term, let otherTerm = other.term else { return version > other.version }
        return (term, version) > (otherTerm, other.version)
    }

    /// The entry of a member that was asked at one address and may call itself by another.
    func member(of snapshot: MemberSnapshot) -> Member? {
        if let id = snapshot.id, let found = member(id) { return found }
        return member(snapshot.configAddress) ?? member(snapshot.address)
    }
}
