#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a ``FailoverGuard`` saw or did.
public struct GuardEvent: Sendable, Hashable {
    /// What kind of thing.
    public enum Kind: String, Sendable, Hashable {
        /// There is a primary, and it is watched.
        case watching
        /// The other secondaries replicate from the likeliest successor: majority writes will go on at once.
        case prepared
        /// No member accepts writes.
        case noPrimary
        /// The primary's process has ended.
        case died
        /// The primary's process is there and answers nothing.
        case hung
        /// A hung primary's process was killed.
        case fenced
        /// A member was asked to run for election.
        case asked
        /// There is a primary again.
        case elected
        /// Nothing is done, and why.
        case leftAlone
        /// No successor could be had.
        case failed
    }

    /// When, by the clock of this machine.
    public var at: BSONDateTime
    /// What kind of thing.
    public var kind: Kind
    /// The member that it is about.
    public var member: MemberAddress?
    /// One line for a person.
    public var message: String
    /// With ``Kind/elected``: how long it took since the loss was seen.
    public var seconds: Double?

    init(_ kind: Kind, _ message: String, member: MemberAddress? = nil, seconds: Double? = nil) {
        at = BSONDateTime(milliseconds: Int64(Date.now.timeIntervalSince1970 * 1000))
        self.kind = kind
        self.message = message
        self.member = member
        self.seconds = seconds
    }
}
