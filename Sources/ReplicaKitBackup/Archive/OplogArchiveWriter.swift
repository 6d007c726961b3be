internal import Crypto
import ReplicaKit

/// Adds to the archive: timelines, their slices, and why they ended.
struct OplogArchiveWriter: Sendable {
    /// The end of a timeline that goes on.
    struct Chain: Sendable {
        let begin: OplogTimeline.Begin
        /// The last entry that is saved.
        var last: OpTime
        /// The hash of the last header, or of the timeline's beginning.
        var previous: String
    }

    let store: any BackupStore

    /// The timeline that goes on, as it stands in the store; `nil` when there is none, or the newest has ended.
    func open() async throws -> Chain? {
        let archive = OplogArchive(store: store)
        guard let timeline = try await archive.timelines().last, timeline.end == nil else { return nil }
        guard let slice = timeline.slices.last else {
            return Chain(begin: timeline.begin, last: timeline.begin.after, previous: try timeline.begin.hash())
        }
        let (header, document) = try await OplogSliceFile.header(of: slice, in: store)
        return Chain(begin: timeline.begin, last: header.last, previous: OplogSliceHeader.hash(of: document))
    }

    /// Begins a timeline after an entry.
    func begin(after: OpTime, set: ReplicaSetName, setID: String?) async throws -> Chain {
        let now = BSONDateTime.now
        let begin = OplogTimeline.Begin(
            format: OplogSliceHeader.currentFormat,
            timeline: OplogTimeline.newID(at: now),
            set: set.rawValue,
            setID: setID,
            after: after,
            created: now
        )
        try await put(begin, as: OplogTimeline.beginName(begin.timeline))
        return Chain(begin: begin, last: after, previous: try begin.hash())
    }

    /// Writes a slice. When this returns, it is durable.
    func append(_ entries: OplogEntryBuffer.Slice, to chain: inout Chain) async throws -> OplogSlice {
        let header = OplogSliceHeader(
            timeline: chain.begin.timeline,
            set: chain.begin.set,
            setID: chain.begin.setID,
            after: chain.last,
            first: entries.first,
            last: entries.last,
            count: entries.count,
            sha256: Hexadecimal.text(of: SHA256.hash(data: entries.bytes)),
            previous: chain.previous,
            created: .now
        )
        let document = try BSONEncoder().encode(header)
        let slice = OplogSlice(
            timeline: chain.begin.timeline,
            after: chain.last.timestamp,
            last: entries.last.timestamp
        )
        try await store.put(try OplogSliceFile.encode(document, entries: entries.bytes), as: slice.name)
        chain.last = entries.last
        chain.previous = OplogSliceHeader.hash(of: document)
        return slice
    }

    /// Ends a timeline, so that it never goes on.
    func end(_ chain: Chain, _ reason: OplogTimeline.Reason, _ message: String) async throws -> OplogTimeline.End {
        let end = OplogTimeline.End(reason: reason, message: message, last: chain.last, created: .now)
        try await put(end, as: OplogTimeline.endName(chain.begin.timeline))
        return end
    }

    private func put(_ value: some Encodable, as name: String) async throws {
        let text = try BSONEncoder().encode(value).extendedJSON(.relaxed, pretty: true) + "\n"
        try await store.put(Array(text.utf8), as: name)
    }
}

extension OplogTimeline {
    /// An id that sorts by time and that no other timeline has.
    static func newID(at time: BSONDateTime) -> String {
        let digits = time.rfc3339.prefix { $0 != "." && $0 != "Z" }.filter { $0 != "-" && $0 != ":" }
        let random = UInt32.random(in: 0...0xFF_FFFF) | 0x100_0000
        return "\(digits)Z-\(String(random, radix: 16).dropFirst())"
    }
}
