import ReplicaKit

/// Entries that were read and are not saved yet, in order.
struct OplogEntryBuffer: Sendable {
    /// A run of entries.
    struct Slice: Sendable {
        var first: OpTime
        var last: OpTime
        var count: Int
        var bytes: [UInt8]
    }

    private var bytes: [UInt8] = []
    private var entries: [(time: OpTime, end: Int)] = []

    /// How many bytes wait.
    var byteCount: Int { bytes.count }
    /// The newest entry.
    var last: OpTime? { entries.last?.time }

    mutating func append(_ entry: BSONDocument, at time: OpTime) {
        bytes += entry.bytes
        entries.append((time, bytes.count))
    }

    /// Takes entries from the front: those that a majority has, as many as the limit allows, at least one of them.
    mutating func take(through committed: OpTime, limit: Int) -> Slice? {
        var count = 0
        for entry in entries {
            guard entry.time <= committed, count == 0 || entry.end <= limit else { break }
            count += 1
        }
        guard count > 0 else { return nil }
        let (first, last) = (entries[0].time, entries[count - 1])
        defer {
            bytes.removeSubrange(..<last.end)
            entries = entries.dropFirst(count).map { ($0.time, $0.end - last.end) }
        }
        return Slice(first: first, last: last.time, count: count, bytes: Array(bytes[..<last.end]))
    }
}
