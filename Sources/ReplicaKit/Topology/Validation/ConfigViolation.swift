/// Why a server would refuse a replica set config.
public struct ConfigViolation: Sendable, Hashable, Codable {
    /// The rule that is broken.
    public var rule: ConfigRule
    /// The member that breaks it; `nil` when it is no single one.
    public var member: Member?
    /// The field, as a path: `members.1.votes`; `nil` when it is no single one.
    public var field: String?
    /// What is wrong, in one sentence for a person.
    public var message: String
    /// The error code that the server would answer, such as 93 (InvalidReplicaSetConfig) or 103
    /// (NewReplicaSetConfigurationIncompatible); 0 for a rule that protects the server, which would answer nothing.
    public var serverCode: Int

    /// Creates a violation.
    public init(
        _ rule: ConfigRule,
        member: Member? = nil,
        field: String? = nil,
        _ message: String,
        serverCode: Int
    ) {
        self.rule = rule
        self.member = member
        self.field = field
        self.message = message
        self.serverCode = serverCode
    }

    /// A member of a config that may be malformed.
    public struct Member: Sendable, Hashable, Codable {
        /// The place in `members`, from 0.
        public var index: Int
        /// The number, where there is a usable one.
        public var id: MemberID?
        /// The `host` as it is written, where there is one.
        public var host: String?

        /// Creates a reference.
        public init(index: Int, id: MemberID? = nil, host: String? = nil) {
            self.index = index
            self.id = id
            self.host = host
        }
    }
}

extension ConfigViolation: CustomStringConvertible {
    /// The member, if it is one, and what is wrong.
    public var description: String {
        guard let member else { return message }
        return "members[\(member.index)]\(member.host.map { " (\($0))" } ?? ""): \(message)"
    }
}

extension ConfigViolation.Member: CustomStringConvertible {
    /// The address or the number, or else the place.
    public var description: String { host ?? id.map { "member \($0)" } ?? "members[\(index)]" }
}
