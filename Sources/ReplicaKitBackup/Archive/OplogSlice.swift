internal import Crypto
public import ReplicaKit

/// A piece of the archive: all entries of the oplog after one place and through another, as one object.
///
/// Its name has both, so that a listing alone shows what is covered: a slice begins where the one before it ends.
public struct OplogSlice: Sendable, Hashable {
    /// The timeline that it belongs to.
    public let timeline: String
    /// Where the slice before it ended: the first entry is the next one.
    public let after: BSONTimestamp
    /// The last entry.
    public let last: BSONTimestamp

    /// The object's name.
    public var name: String {
        "\(OplogTimeline.folder)/\(timeline)/\(Self.text(after))-\(Self.text(last))\(Self.suffix)"
    }

    private static let suffix = ".bson.zst"

    init(timeline: String, after: BSONTimestamp, last: BSONTimestamp) {
        self.timeline = timeline
        self.after = after
        self.last = last
    }

    /// Reads a name; `nil` for one that is no slice's.
    init?(name: String) {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == OplogTimeline.folder, parts[2].hasSuffix(Self.suffix) else { return nil }
        let range = parts[2].dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard range.count == 2, let after = Self.timestamp(range[0]), let last = Self.timestamp(range[1]), after < last
        else { return nil }
        self.init(timeline: String(parts[1]), after: after, last: last)
    }

    private static func text(_ timestamp: BSONTimestamp) -> String {
        padded(timestamp.seconds) + "." + padded(timestamp.increment)
    }

    private static func padded(_ number: UInt32) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 10 - digits.utf8.count) + digits
    }

    private static func timestamp(_ text: Substring) -> BSONTimestamp? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 10 && $0.utf8.allSatisfy { (48...57).contains($0) } }),
            let seconds = UInt32(parts[0]), let increment = UInt32(parts[1])
        else { return nil }
        return BSONTimestamp(seconds: seconds, increment: increment)
    }
}

/// What a slice says of itself, in a document before its entries.
struct OplogSliceHeader: Sendable, Hashable, Codable {
    static let currentFormat = 1

    var format = Self.currentFormat
    var timeline: String
    var set: String
    var setID: String?
    /// The last entry of the slice before.
    var after: OpTime
    var first: OpTime
    var last: OpTime
    var count: Int
    /// The SHA-256 of the entries, in hexadecimal.
    var sha256: String
    /// The SHA-256 of the header before it; of the timeline's first document for the first slice.
    var previous: String
    var created: BSONDateTime

    /// What the next slice names as its predecessor.
    static func hash(of document: BSONDocument) -> String {
        Hexadecimal.text(of: SHA256.hash(data: Array(document.bytes)))
    }
}
