/// The state of a member as `replSetGetStatus` numbers it.
///
/// Source: MongoDB manual, "Replica Set Member States".
public struct MemberState: RawRepresentable, Hashable, Sendable, Codable {
    /// The server's number (`myState`, `members[].state`).
    public let rawValue: Int
    /// Wraps a number; unknown ones of later servers are kept.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// 0: parsing its config, not yet a member.
    public static let startup = Self(rawValue: 0)
    /// 1: accepts writes.
    public static let primary = Self(rawValue: 1)
    /// 2: replicates from another member.
    public static let secondary = Self(rawValue: 2)
    /// 3: cannot serve reads yet or any more (maintenance, too stale).
    public static let recovering = Self(rawValue: 3)
    /// 5: initial sync.
    public static let startup2 = Self(rawValue: 5)
    /// 6: another member has not heard of it yet.
    public static let unknown = Self(rawValue: 6)
    /// 7: votes and holds no data.
    public static let arbiter = Self(rawValue: 7)
    /// 8: another member cannot reach it.
    public static let down = Self(rawValue: 8)
    /// 9: takes back writes that the set does not have.
    public static let rollback = Self(rawValue: 9)
    /// 10: was taken out of the config.
    public static let removed = Self(rawValue: 10)
}

extension MemberState: CustomStringConvertible {
    /// The manual's name of the state, for example `SECONDARY`.
    public var description: String {
        switch self {
        case .startup: "STARTUP"
        case .primary: "PRIMARY"
        case .secondary: "SECONDARY"
        case .recovering: "RECOVERING"
        case .startup2: "STARTUP2"
        case .unknown: "UNKNOWN"
        case .arbiter: "ARBITER"
        case .down: "DOWN"
        case .rollback: "ROLLBACK"
        case .removed: "REMOVED"
        default: "STATE \(rawValue)"
        }
    }
}
