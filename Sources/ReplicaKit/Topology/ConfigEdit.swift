/// One change of a replica set config.
///
/// Edits are data: they stand in plans and journals, and are applied to the config as it is at that moment with
/// ``ReplicaSetConfig/applying(_:serverVersion:)``. Members are named by their address, since a plan is written before
/// it is known which number a new member gets.
///
/// An edit does what it says and nothing else: a member that loses its vote needs priority 0 too, and that is an edit
/// of its own in the same list.
public enum ConfigEdit: Sendable, Hashable, Codable {
    /// Add a member.
    case addMember(NewMember)
    /// Remove a member.
    case removeMember(MemberAddress)
    /// Say that a member listens elsewhere now. It keeps its number and everything else.
    case setHost(of: MemberAddress, to: MemberAddress)
    /// Set how much a member is preferred as the primary, 0 to 1000.
    case setPriority(of: MemberAddress, to: Double)
    /// Give or take a member's vote: 1 or 0.
    case setVotes(of: MemberAddress, to: Int)
    /// Hide a member from clients, or show it.
    case setHidden(of: MemberAddress, to: Bool)
    /// Set how many seconds behind a member stays on purpose; 0 ends the delay.
    case setDelay(of: MemberAddress, toSeconds: Int)
    /// Replace all tags of a member.
    case setTags(of: MemberAddress, to: [String: String])
    /// Replace all horizons of a member; an empty set removes them.
    case setHorizons(of: MemberAddress, to: [String: String])
    /// Set a field of `settings`, such as `heartbeatIntervalMillis`.
    case setSetting(String, to: SettingValue)
    /// Remove a field of `settings`, so that the server puts its default there.
    case removeSetting(String)

    /// The value of a setting.
    public enum SettingValue: Sendable, Hashable, Codable {
        /// A number, as of all times and intervals.
        case integer(Int)
        /// Yes or no, as of `chainingAllowed`.
        case boolean(Bool)
        /// Custom write concerns (`getLastErrorModes`): by name, how many different values of which tags.
        case modes([String: [String: Int]])
    }

    /// A member to be added.
    public struct NewMember: Sendable, Hashable, Codable {
        /// Where it listens.
        public var host: MemberAddress
        /// How much it is preferred as the primary, 0 to 1000.
        public var priority: Double
        /// 1 if it votes, else 0.
        public var votes: Int
        /// Hidden from clients.
        public var hidden: Bool
        /// Votes and holds no data.
        public var arbiter: Bool
        /// How many seconds behind it stays on purpose.
        public var delaySeconds: Int
        /// Tags for read preferences and write concerns.
        public var tags: [String: String]
        /// The member's number; `nil` takes the next one, see ``ReplicaSetConfig/nextMemberID(serverVersion:)``.
        public var id: MemberID?

        /// Creates a member.
        public init(
            host: MemberAddress,
            priority: Double,
            votes: Int,
            hidden: Bool = false,
            arbiter: Bool = false,
            delaySeconds: Int = 0,
            tags: [String: String] = [:],
            id: MemberID? = nil
        ) {
            self.host = host
            self.priority = priority
            self.votes = votes
            self.hidden = hidden
            self.arbiter = arbiter
            self.delaySeconds = delaySeconds
            self.tags = tags
            self.id = id
        }

        /// Creates the member that a spec describes.
        ///
        /// - Parameters:
        ///   - spec: The member.
        ///   - votes: Its vote for now, when it must wait for the one that the spec gives it.
        ///   - priority: Its priority for now.
        public init(_ spec: MemberSpec, votes: Int? = nil, priority: Double? = nil) {
            self.init(
                host: spec.host,
                priority: priority ?? spec.priority,
                votes: votes ?? spec.votes,
                hidden: spec.hidden,
                arbiter: spec.arbiter,
                delaySeconds: spec.delaySeconds,
                tags: spec.tags
            )
        }
    }
}

extension ConfigEdit: CustomStringConvertible {
    /// One line that says what changes, as an instruction.
    public var description: String {
        switch self {
        case .addMember(let new):
            "add \(new.arbiter ? "arbiter" : "member") \(new.host) with votes \(new.votes), "
                + "priority \(Self.text(new.priority))" + (new.hidden ? ", hidden" : "")
                + (new.delaySeconds > 0 ? ", delayed by \(new.delaySeconds) s" : "")
        case .removeMember(let host): "remove member \(host)"
        case .setHost(let host, let new): "move member \(host) to \(new)"
        case .setPriority(let host, let priority): "set priority of \(host) to \(Self.text(priority))"
        case .setVotes(let host, let votes): "set votes of \(host) to \(votes)"
        case .setHidden(let host, let hidden): hidden ? "hide \(host)" : "stop hiding \(host)"
        case .setDelay(let host, let seconds):
            seconds == 0 ? "end the delay of \(host)" : "delay \(host) by \(seconds) s"
        case .setTags(let host, let tags): "set tags of \(host) to \(Self.text(tags))"
        case .setHorizons(let host, let horizons): "set horizons of \(host) to \(Self.text(horizons))"
        case .setSetting(let name, let value): "set settings.\(name) to \(value)"
        case .removeSetting(let name): "remove settings.\(name)"
        }
    }

    /// The member that the edit is about; `nil` for settings.
    public var member: MemberAddress? {
        switch self {
        case .addMember(let new): new.host
        case .removeMember(let host), .setHost(let host, _), .setPriority(let host, _), .setVotes(let host, _),
            .setHidden(let host, _), .setDelay(let host, _), .setTags(let host, _), .setHorizons(let host, _):
            host
        case .setSetting, .removeSetting: nil
        }
    }

    private static func text(_ priority: Double) -> String {
        Int(exactly: priority).map(String.init) ?? String(priority)
    }

    private static func text(_ texts: [String: String]) -> String {
        if texts.isEmpty { return "none" }
        return texts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }
}

extension ConfigEdit.SettingValue: CustomStringConvertible {
    /// The value as text.
    public var description: String {
        switch self {
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .modes(let modes): modes.keys.sorted().joined(separator: ", ")
        }
    }
}
