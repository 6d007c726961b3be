/// A UTC date and time, in milliseconds since the Unix epoch.
public struct BSONDateTime: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970-01-01T00:00:00Z; negative before it.
    public var milliseconds: Int64

    /// Makes a date and time of milliseconds since the Unix epoch.
    public init(milliseconds: Int64) {
        self.milliseconds = milliseconds
    }

    /// Orders by time.
    public static func < (left: BSONDateTime, right: BSONDateTime) -> Bool {
        left.milliseconds < right.milliseconds
    }
}
