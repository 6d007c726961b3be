/// The name of a replica set (`_id` of its config, `--replSet` of its members).
public struct ReplicaSetName: Hashable, Sendable, RawRepresentable, Codable, CustomStringConvertible,
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
}

/// A member's name in the spec: what people call it, and what hosts name its container or directory after.
///
/// Servers do not know it; they know the member's address and its number in the config.
public struct MemberName: Hashable, Sendable, RawRepresentable, Codable, Comparable, CustomStringConvertible,
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

/// A member's number in the replica set config (`members[].\_id`): unique in the set and never reused for another host.
public struct MemberID: Hashable, Sendable, RawRepresentable, Codable, Comparable, CustomStringConvertible,
    ExpressibleByIntegerLiteral
{
    /// The number.
    public let rawValue: Int
    /// Wraps a number.
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// Wraps a literal number.
    public init(integerLiteral value: Int) { rawValue = value }
    /// The number as text.
    public var description: String { String(rawValue) }
    /// By number.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
