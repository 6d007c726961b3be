import ReplicaKit

/// A moment as engines write it, to the nanosecond, by the engine's clock.
struct EngineTime: Sendable, Hashable, Comparable {
    /// Since 1970.
    var nanoseconds: Int64

    init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Reads RFC 3339; `nil` for what is none, and for times before 1970, by which engines mean "never".
    init?(_ text: String) {
        guard let time = BSONDateTime(rfc3339: text), (0..<9_000_000_000_000).contains(time.milliseconds) else {
            return nil
        }
        let digits = text.split(separator: ".").dropFirst().first?.prefix { $0.isASCII && $0.isNumber } ?? ""
        let fraction = (digits + "000000000").prefix(9)
        nanoseconds = time.milliseconds / 1000 * 1_000_000_000 + (Int64(fraction) ?? 0)
    }

    var seconds: Double { Double(nanoseconds) / 1_000_000_000 }

    /// As the engine's `since` takes it: seconds with a fraction.
    var since: String {
        let fraction = String(nanoseconds % 1_000_000_000)
        return "\(nanoseconds / 1_000_000_000).\(String(repeating: "0", count: 9 - fraction.count))\(fraction)"
    }

    static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }
}
