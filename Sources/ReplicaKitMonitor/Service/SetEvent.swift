public import ReplicaKit

/// Something that changed in a set between two looks at it.
public struct SetEvent: Sendable, Hashable {
    /// When the look that saw it was taken: it happened at some time since the look before.
    public var at: BSONDateTime
    /// What kind of thing changed.
    public var kind: Kind
    /// The member that it is about; `nil` when it is about the set.
    public var member: Finding.Subject?
    /// What changed, in one sentence for people.
    public var message: String
    /// The facts behind the sentence, such as `term` and `reason` of an election.
    public var details: [Finding.Evidence]

    /// Creates an event.
    public init(
        at: BSONDateTime,
        kind: Kind,
        member: Finding.Subject? = nil,
        message: String,
        details: [Finding.Evidence] = []
    ) {
        self.at = at
        self.kind = kind
        self.member = member
        self.message = message
        self.details = details
    }

    /// What kind of thing changed.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A member was elected the primary.
        case primaryElected
        /// Nobody is the primary any more, as far as can be told.
        case primaryLost
        /// The primary that was lost is there again, without an election.
        case primaryBack
        /// A member does not answer any more.
        case memberUnreachable
        /// A member answers again.
        case memberReachable
        /// A member is in another state.
        case stateChanged
        /// A member's process is another one.
        case restarted
        /// A member came into the config.
        case memberAdded
        /// A member left the config.
        case memberRemoved
        /// The set has another config.
        case configChanged
        /// A health rule found something that it had not found before.
        case findingAppeared
        /// A finding is worse or better than it was.
        case findingChanged
        /// A finding is gone.
        case findingResolved
    }
}

extension SetEvent: Encodable {
    enum CodingKeys: String, CodingKey {
        case at, event, member, host, message, details
    }

    /// Encodes all keys: `at` in RFC 3339, `member` by its name in the spec or else its address.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(at.rfc3339, forKey: .at)
        try container.encode(kind, forKey: .event)
        try container.encode(member?.description, forKey: .member)
        try container.encode(member?.host.description, forKey: .host)
        try container.encode(message, forKey: .message)
        let details = BSONDocument(details.map { ($0.key, $0.value) })
        try container.encode(details, forKey: .details)
    }
}
