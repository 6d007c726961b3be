#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a ``LostMemberWatch`` saw of a lost member.
public struct LostMemberEvent: Sendable, Hashable {
    /// What kind of thing.
    public enum Kind: String, Sendable, Hashable {
        /// Its process does not run, or it does not answer.
        case absent
        /// It answers.
        case answering
        /// It accepts writes although another member is the primary that a majority follows: it knows nothing of that.
        case stalePrimary
        /// It has writes that the set has not: it must roll them back before it serves.
        case diverged
        /// It takes back writes.
        case rollingBack
        /// It has taken back writes, and the message says where they are.
        case rolledBack
        /// It serves and has caught up.
        case back
    }

    /// When, by the clock of this machine.
    public var at: BSONDateTime
    /// What kind of thing.
    public var kind: Kind
    /// The member.
    public var member: MemberName
    /// One line for a person.
    public var message: String

    init(_ kind: Kind, _ member: MemberName, _ message: String) {
        at = BSONDateTime(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
        self.kind = kind
        self.member = member
        self.message = message
    }
}
