/// The 12-byte identifier that clients and servers make for documents, and servers for elections and topologies.
public struct ObjectID: Sendable, Hashable, Comparable {
    /// The first eight bytes, the first one in the highest place.
    let high: UInt64
    /// The last four bytes.
    let low: UInt32

    init(high: UInt64, low: UInt32) {
        self.high = high
        self.low = low
    }

    /// Makes an identifier of its bytes, or returns nil unless there are exactly 12.
    public init?(bytes: some Sequence<UInt8>) {
        var value: UInt128 = 0
        var count = 0
        for byte in bytes {
            guard count < 12 else { return nil }
            value = value << 8 | UInt128(byte)
            count += 1
        }
        guard count == 12 else { return nil }
        high = UInt64(truncatingIfNeeded: value >> 32)
        low = UInt32(truncatingIfNeeded: value)
    }

    /// Makes an identifier of 24 hexadecimal digits, or returns nil for any other text.
    public init?(_ hexString: String) {
        guard hexString.utf8.count == 24, let bytes = Hexadecimal.bytes(of: hexString.utf8) else { return nil }
        self.init(bytes: bytes)
    }

    /// The identifier's 12 bytes.
    public var bytes: [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: high >> (56 - 8 * $0)) }
            + (0..<4).map { UInt8(truncatingIfNeeded: low >> (24 - 8 * $0)) }
    }

    /// The identifier as 24 lower-case hexadecimal digits.
    public var hexString: String { Hexadecimal.text(of: bytes) }

    /// When the identifier was made, in seconds since the Unix epoch, as its maker says in the first four bytes.
    public var seconds: UInt32 {
        UInt32(truncatingIfNeeded: high >> 32)
    }

    /// Orders by bytes, as the server does.
    public static func < (left: ObjectID, right: ObjectID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension ObjectID: CustomStringConvertible {
    /// The identifier as 24 hexadecimal digits.
    public var description: String { hexString }
}
