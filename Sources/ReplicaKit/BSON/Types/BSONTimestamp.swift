/// The timestamp by which the oplog orders its entries: seconds, and a counter within the second.
public struct BSONTimestamp: Sendable, Hashable, Comparable {
    /// Seconds since the Unix epoch.
    public var seconds: UInt32
    /// The position among the entries of the same second, counted from 1.
    public var increment: UInt32

    /// Makes a timestamp.
    public init(seconds: UInt32, increment: UInt32) {
        self.seconds = seconds
        self.increment = increment
    }

    /// Makes a timestamp of its 64 bits on the wire: seconds in the upper half, the counter in the lower.
    public init(rawValue: UInt64) {
        seconds = UInt32(truncatingIfNeeded: rawValue >> 32)
        increment = UInt32(truncatingIfNeeded: rawValue)
    }

    /// The 64 bits on the wire: seconds in the upper half, the counter in the lower.
    public var rawValue: UInt64 {
        UInt64(seconds) << 32 | UInt64(increment)
    }

    /// Orders by seconds, then by the counter: the order of the oplog.
    public static func < (left: BSONTimestamp, right: BSONTimestamp) -> Bool {
        left.rawValue < right.rawValue
    }
}

extension BSONTimestamp: CustomStringConvertible {
    /// The timestamp as the shell prints it, such as `Timestamp(1700000000, 1)`.
    public var description: String { "Timestamp(\(seconds), \(increment))" }
}

extension BSONTimestamp: Codable {
    private enum CodingKeys: String, CodingKey {
        case seconds = "t"
        case increment = "i"
    }

    /// Decodes the timestamp from ``BSONDecoder``, or from `{"t": seconds, "i": increment}`.
    public init(from decoder: any Decoder) throws {
        if decoder is BSONValueDecoder {
            self = try decoder.singleValueContainer().decode(BSONTimestamp.self)
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        seconds = try container.decode(UInt32.self, forKey: .seconds)
        increment = try container.decode(UInt32.self, forKey: .increment)
    }

    /// Encodes the timestamp for ``BSONEncoder``, or as `{"t": seconds, "i": increment}`.
    public func encode(to encoder: any Encoder) throws {
        if encoder is BSONBoxEncoder {
            var container = encoder.singleValueContainer()
            try container.encode(self)
            return
        }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(seconds, forKey: .seconds)
        try container.encode(increment, forKey: .increment)
    }
}
