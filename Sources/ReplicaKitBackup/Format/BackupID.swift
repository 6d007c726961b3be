import ReplicaKit

/// The id of a backup: when it was begun (UTC), and a few random letters, so that ids sort by time.
///
/// It names the backup's folder: `2026-11-24T02-00-00Z-k3x9`.
public struct BackupID: Sendable, Hashable, Codable, Comparable, RawRepresentable, CustomStringConvertible {
    /// The text.
    public let rawValue: String

    /// Takes a text: letters, digits, `-` and `_`, 1 to 80 of them; `nil` for anything else, such as a path.
    public init?(rawValue: String) {
        let isValid = rawValue.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isValid, (1...80).contains(rawValue.utf8.count) else { return nil }
        self.rawValue = rawValue
    }

    /// Makes an id for a backup that begins at this time.
    init(begun: BSONDateTime) {
        let letters = Array("abcdefghijkmnpqrstuvwxyz23456789")
        let tail = String((0..<4).map { _ in letters[Int.random(in: letters.indices)] })
        let time = begun.rfc3339.prefix(19).map { $0 == ":" ? "-" : $0 }
        rawValue = "\(String(time))Z-\(tail)"
    }

    /// The text.
    public var description: String { rawValue }

    /// By text, so by time.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// The folder in the store.
    var folder: String { "backups/\(rawValue)" }
}
