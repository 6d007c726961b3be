/// What all members of a replica set answered at one time, those that did not answer included.
///
/// A snapshot is a value: it is taken by ``SnapshotTaker`` and judged by pure functions, such as ``primaryVerdict``,
/// ``majority``, ``replicationLag(of:)`` and ``oplogWindow``. Nothing in it is remembered from earlier. The members
/// were asked at the same time, but not in one instant: between two answers an election may lie.
public struct ReplicaSetSnapshot: Sendable {
    /// When asking began, by the clock of this machine.
    public var takenAt: BSONDateTime
    /// The name of the set that was expected.
    public var setName: ReplicaSetName
    /// The members of the spec in its order, and then those that only the config knows, in its order.
    public var members: [MemberSnapshot]

    /// Creates a snapshot.
    public init(takenAt: BSONDateTime, setName: ReplicaSetName, members: [MemberSnapshot]) {
        self.takenAt = takenAt
        self.setName = setName
        self.members = members
    }

    /// The members that answered and belong to the set (or could: started for it and without a config).
    public var reachableMembers: [MemberSnapshot] { members.filter(\.isReachable) }

    /// The member of that name in the spec.
    public func member(named name: MemberName) -> MemberSnapshot? {
        members.first { $0.name == name }
    }

    /// The member at that address, whether it is the one that was asked or the one that the config has.
    public func member(at address: MemberAddress) -> MemberSnapshot? {
        members.first { $0.configAddress == address } ?? members.first { $0.address == address }
    }

    /// The member of that number in the config.
    public func member(_ id: MemberID) -> MemberSnapshot? {
        members.first { $0.id == id }
    }
}
