/// Whether enough voters answered, in a state in which they vote, to elect and keep a primary.
public struct MajorityReachability: Sendable, Hashable {
    /// The members whose votes count.
    public var voters: [MemberAddress]
    /// Those that answered and are in a state in which they vote.
    public var healthy: [MemberAddress]

    /// Creates a judgment.
    public init(voters: [MemberAddress], healthy: [MemberAddress]) {
        self.voters = voters
        self.healthy = healthy
    }

    /// How many votes are a majority.
    public var needed: Int { voters.count / 2 + 1 }
    /// Whether they are reached. A set without voters, such as one that was never initiated, has no majority.
    public var isReachable: Bool { !voters.isEmpty && healthy.count >= needed }
    /// How many more voters can be lost before there is no majority; negative when there is none.
    public var margin: Int { healthy.count - needed }
    /// The voters that did not answer, or cannot vote.
    public var missing: [MemberAddress] { voters.filter { !healthy.contains($0) } }
}

extension ReplicaSetSnapshot {
    /// Whether enough voters answered to elect and keep a primary, by their own answers: what other members report of
    /// them is up to 10 seconds old.
    public var majority: MajorityReachability {
        let voters = voterAddresses
        let healthy = voters.filter { address in
            guard let view = member(at: address)?.view, view.membership == .active else { return false }
            // `hello` from an active member that keeps its state to itself: it takes part.
            guard let state = view.ownState else { return true }
            return MemberState.voting.contains(state)
        }
        return MajorityReachability(voters: voters, healthy: healthy)
    }
}

extension MemberState {
    /// The states in which a member with a vote can give it (MongoDB manual, "Replica Set Elections").
    static let voting: Set<MemberState> = [.primary, .secondary, .startup2, .recovering, .arbiter, .rollback]
}
