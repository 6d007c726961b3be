/// A member's state, and whose word it is.
public struct MemberStateReading: Sendable, Hashable {
    /// Who says so.
    public enum Source: Sendable, Hashable {
        /// The member itself.
        case own
        /// Another member, whose view of it may be 10 seconds old.
        case reported(by: MemberAddress)
    }

    /// The state.
    public var state: MemberState
    /// Who says so.
    public var source: Source

    /// Creates a reading.
    public init(_ state: MemberState, source: Source) {
        self.state = state
        self.source = source
    }
}

extension ReplicaSetSnapshot {
    /// A member's state: by its own answer; where it gave none, as the primary sees it, else as the member sees it that
    /// heard from it last. `nil` when nobody says anything.
    public func state(of member: MemberSnapshot) -> MemberStateReading? {
        JudgedSnapshot(self).state(of: member)
    }
}
