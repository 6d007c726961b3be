/// A place in the oplog: the timestamp of an entry and the election term it was written in.
///
/// Two optimes compare by term first, as the servers compare them: an entry of a later term is newer whatever its
/// timestamp says.
public struct OpTime: Hashable, Sendable, Codable {
    /// The entry's timestamp.
    public var timestamp: BSONTimestamp
    /// The election term; -1 where a server gives none.
    public var term: Int64

    /// Creates an optime.
    public init(timestamp: BSONTimestamp, term: Int64) {
        self.timestamp = timestamp
        self.term = term
    }

    /// Reads `{ts, t}`; `nil` for anything else.
    public init?(_ value: BSONValue?) {
        guard let document = value?.documentValue, let timestamp = document["ts"]?.timestampValue else { return nil }
        self.init(timestamp: timestamp, term: document["t"]?.int64Value ?? -1)
    }
}

extension OpTime: Comparable, CustomStringConvertible {
    /// By term, then by timestamp.
    public static func < (left: Self, right: Self) -> Bool {
        (left.term, left.timestamp) < (right.term, right.timestamp)
    }

    /// `seconds,increment term t`.
    public var description: String { "\(timestamp.seconds),\(timestamp.increment) term \(term)" }
}
