public import ReplicaKit

/// What an ``OplogArchiver`` saw or did.
public enum OplogArchiveEvent: Sendable {
    /// A new timeline begins after an entry; it needs a backup to begin from.
    case began(timeline: String, after: OpTime)
    /// A member's oplog is followed, from the last saved entry on, which the member has.
    case following(timeline: String, after: OpTime, member: MemberAddress)
    /// A slice is saved.
    case saved(OplogSlice, entries: Int, bytes: Int)
    /// Reading or writing failed; it is tried again, on whichever member is best then.
    case interrupted(ReplicaKitError, retryingIn: Duration)
    /// The timeline ended; ``OplogArchiver/run(untilCaughtUp:_:)`` throws.
    case ended(timeline: String, OplogTimeline.End)
}
