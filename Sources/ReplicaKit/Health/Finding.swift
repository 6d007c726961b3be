/// The name of a health rule, such as `replication.lag`: stable, so that it can be silenced and routed by.
public struct HealthRuleID: Hashable, Sendable, RawRepresentable, Codable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
{
    /// The name.
    public let rawValue: String
    /// Wraps a name.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// Wraps a literal name.
    public init(stringLiteral value: String) { rawValue = value }
    /// The name.
    public var description: String { rawValue }
    /// By text.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

/// Something that a health rule found.
public struct Finding: Sendable, Hashable {
    /// The rule that found it.
    public var rule: HealthRuleID
    /// How bad it is.
    public var severity: Severity
    /// How soon somebody must look.
    public var priority: AlertPriority
    /// The member that it is about; `nil` when it is about the set.
    public var member: Subject?
    /// What is wrong, in one sentence for people, with the numbers.
    public var message: String
    /// The numbers and words that it was judged by, in the order they are shown. The unit is the end of the key, as in
    /// `lagSeconds`.
    public var evidence: [Evidence]
    /// What to do next: a command to run, or where to look.
    public var remedy: String

    /// Creates a finding.
    public init(
        rule: HealthRuleID,
        severity: Severity,
        priority: AlertPriority,
        member: Subject? = nil,
        message: String,
        evidence: [Evidence] = [],
        remedy: String
    ) {
        self.rule = rule
        self.severity = severity
        self.priority = priority
        self.member = member
        self.message = message
        self.evidence = evidence
        self.remedy = remedy
    }

    /// The member that a finding is about.
    public struct Subject: Sendable, Hashable {
        /// Its name in the spec; `nil` for one that only the config knows.
        public var name: MemberName?
        /// Its address, as the config has it where it is in it.
        public var host: MemberAddress

        /// Creates a subject.
        public init(name: MemberName?, host: MemberAddress) {
            self.name = name
            self.host = host
        }
    }

    /// One number or word that a finding was judged by.
    public struct Evidence: Sendable, Hashable {
        /// What it is, in camel case with its unit at the end.
        public var key: String
        /// The number, or the word.
        public var value: BSONValue

        /// Creates a piece of evidence.
        public init(_ key: String, _ value: BSONValue) {
            self.key = key
            self.value = value
        }
    }

    /// What makes it the same finding at another look: its rule and its member, whatever the numbers are then.
    public var key: Key { Key(rule: rule, member: member) }

    /// What makes a finding the same at another look.
    public struct Key: Sendable, Hashable, CustomStringConvertible {
        /// The rule.
        public var rule: HealthRuleID
        /// The member; `nil` for the set.
        public var member: Subject?

        /// Creates a key.
        public init(rule: HealthRuleID, member: Subject?) {
            self.rule = rule
            self.member = member
        }

        /// The rule, and the member after a slash.
        public var description: String { member.map { "\(rule)/\($0)" } ?? rule.rawValue }
    }
}

extension Finding.Subject: CustomStringConvertible {
    /// The name, or the address where it has none.
    public var description: String { name?.rawValue ?? host.description }
}

extension Finding: Encodable {
    enum CodingKeys: String, CodingKey {
        case rule, severity, priority, member, host, message, evidence, remedy
    }

    /// Encodes all keys; `member` is the name in the spec or else the address, and both are null for the whole set.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rule, forKey: .rule)
        try container.encode(severity, forKey: .severity)
        try container.encode(priority, forKey: .priority)
        try container.encode(member?.description, forKey: .member)
        try container.encode(member?.host.description, forKey: .host)
        try container.encode(message, forKey: .message)
        var nested = container.nestedContainer(keyedBy: AnyCodingKey.self, forKey: .evidence)
        for piece in evidence { try nested.encode(piece.value, forKey: AnyCodingKey(stringValue: piece.key)) }
        try container.encode(remedy, forKey: .remedy)
    }
}
