extension ReplicaSetConfig {
    /// The members whose votes count, arbiters included.
    public var voters: [Member] { members.filter(\.isVoter) }

    /// The voters that hold data.
    public var dataBearingVoters: [Member] { members.filter { $0.isVoter && !$0.isArbiter } }

    /// The members that can become the primary, as far as the config says.
    public var electableMembers: [Member] { members.filter(\.isElectable) }

    /// How many votes elect a primary, and keep one.
    public var majorityVoteCount: Int { voters.count / 2 + 1 }

    /// How many data-bearing voters acknowledge a write with `w: "majority"`: as many as a majority of votes, but not
    /// more than there are (`writeMajorityCount` of `replSetGetStatus`).
    public var writeMajority: Int { min(majorityVoteCount, dataBearingVoters.count) }

    /// What another config changes about who votes, by the members' numbers.
    ///
    /// Servers refuse a reconfig without force that gains and loses more than one vote together. (Data-bearing members
    /// with a new number do not count there from 5.0 on, because they only get their vote after the initial sync; this
    /// says what the config asks for in the end, so it names them.)
    public func votingChange(to other: ReplicaSetConfig) -> VotingChange {
        func votes(_ config: ReplicaSetConfig) -> [Member] { config.members.filter { $0.votes > 0 } }
        let (before, after) = (votes(self), votes(other))
        let (idsBefore, idsAfter) = (Set(before.map(\.id)), Set(after.map(\.id)))
        return VotingChange(
            gained: after.filter { !idsBefore.contains($0.id) }.map(\.host),
            lost: before.filter { !idsAfter.contains($0.id) }.map(\.host)
        )
    }

    /// Which members gain or lose their vote from one config to another.
    public struct VotingChange: Sendable, Hashable, Codable {
        /// The members that vote afterwards and did not before.
        public var gained: [MemberAddress]
        /// The members that voted before and do not afterwards.
        public var lost: [MemberAddress]

        /// Creates a change.
        public init(gained: [MemberAddress] = [], lost: [MemberAddress] = []) {
            self.gained = gained
            self.lost = lost
        }

        /// How many votes change: more than one at a time is not safe.
        public var count: Int { gained.count + lost.count }
    }
}
