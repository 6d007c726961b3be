/// How far a member is behind the primary.
public struct ReplicationLag: Sendable, Hashable {
    /// Seconds behind the primary, the configured delay included.
    public var behindSeconds: Double
    /// How many seconds behind the member stays on purpose.
    public var delaySeconds: Int
    /// Whether the number is only the difference between two optimes, which on an idle set jumps to the 10 seconds
    /// between two entries although the member is not behind.
    public var isEstimate: Bool

    /// Creates a lag.
    public init(behindSeconds: Double, delaySeconds: Int = 0, isEstimate: Bool = false) {
        self.behindSeconds = behindSeconds
        self.delaySeconds = delaySeconds
        self.isEstimate = isEstimate
    }

    /// Seconds behind beyond the delay that is configured: what is wrong, if anything.
    public var seconds: Double { max(0, behindSeconds - Double(delaySeconds)) }
}

extension ReplicationLag {
    /// Below this many seconds the difference of two optimes is precise enough.
    static let precisionSeconds = 1.0

    /// Compares the member with the primary, each by its own answer.
    ///
    /// A member that has the primary's last write is not behind. One that has not is behind since the first write that
    /// it lacks was made. The primary writes an entry every 10 seconds even when idle, so a plain difference of two
    /// optimes would call a member that has just not fetched that entry 10 seconds behind.
    /// - Returns: nil when one of the two does not say what it has applied, or when.
    static func between(
        primary: ReplSetStatusReply,
        member: ReplSetStatusReply,
        firstMissing: OplogEntry?,
        delaySeconds: Int
    ) -> ReplicationLag? {
        guard let primaryApplied = primary.applied, let applied = member.applied else { return nil }
        if applied >= primaryApplied { return ReplicationLag(behindSeconds: 0, delaySeconds: delaySeconds) }
        if let missing = firstMissing?.wall {
            let seconds = max(0, primary.date.seconds(since: missing))
            return ReplicationLag(behindSeconds: seconds, delaySeconds: delaySeconds)
        }
        guard let primaryWall = primary.appliedWall, let wall = member.appliedWall else { return nil }
        return ReplicationLag(
            behindSeconds: max(0, primaryWall.seconds(since: wall)),
            delaySeconds: delaySeconds,
            isEstimate: isAmbiguous(primary: primary, member: member, delaySeconds: delaySeconds)
        )
    }

    /// Whether only the first write that the member lacks tells how far it is behind.
    ///
    /// It was made after the member's last write, so when that one is recent, nothing needs to be looked up.
    static func isAmbiguous(primary: ReplSetStatusReply, member: ReplSetStatusReply, delaySeconds: Int) -> Bool {
        guard let primaryApplied = primary.applied, let applied = member.applied, applied < primaryApplied,
            let wall = member.appliedWall
        else { return false }
        return primary.date.seconds(since: wall) - Double(delaySeconds) > precisionSeconds
    }
}

extension ReplicaSetSnapshot {
    /// How far a member is behind the primary; 0 for the primary itself.
    ///
    /// `nil` when there is no primary, when either could not be asked, and for an arbiter, which has no data.
    public func replicationLag(of member: MemberSnapshot) -> ReplicationLag? {
        JudgedSnapshot(self).lag(of: member)
    }
}

extension BSONDateTime {
    /// The seconds from an earlier time to this one; negative when it is later.
    package func seconds(since earlier: BSONDateTime) -> Double {
        Double(milliseconds - earlier.milliseconds) / 1000
    }
}
