public import ReplicaKit

/// The entries of a range of the archive, batch by batch.
public struct OplogArchiveReader {
    /// The timeline that they are from.
    public let timeline: OplogTimeline
    private let store: any BackupStore
    /// Those that are to be read yet.
    private(set) var slices: ArraySlice<OplogSlice>
    private let first: BSONTimestamp
    private let last: BSONTimestamp
    private var reader: OplogSliceReader?
    private var previous: (last: OpTime, hash: String)?

    init(
        store: any BackupStore,
        timeline: OplogTimeline,
        slices: [OplogSlice],
        first: BSONTimestamp,
        last: BSONTimestamp
    ) {
        self.store = store
        self.timeline = timeline
        self.slices = slices[...]
        self.first = first
        self.last = last
    }

    /// The next entries; `nil` at the end.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged``, with the name of the slice.
    public mutating func next() async throws -> DocumentBatch? {
        while true {
            if reader == nil {
                guard let slice = slices.popFirst() else { return nil }
                reader = try await open(slice)
            }
            if let batch = try await reader?.next() {
                let inside = try within(batch)
                if !inside.isEmpty { return inside }
            } else {
                reader = nil
            }
        }
    }

    private mutating func open(_ slice: OplogSlice) async throws -> OplogSliceReader {
        let reader = try await OplogSliceReader(slice, in: store)
        if let previous, reader.header.previous != previous.hash || reader.header.after != previous.last {
            throw OplogSliceReader.damaged(slice, "it does not belong to the slice before it")
        }
        guard reader.header.set == timeline.begin.set, reader.header.setID == timeline.begin.setID else {
            throw OplogSliceReader.damaged(slice, "it is of another set")
        }
        previous = (reader.header.last, OplogSliceHeader.hash(of: reader.document))
        return reader
    }

    /// The entries of a batch that are in the range.
    private func within(_ batch: DocumentBatch) throws -> DocumentBatch {
        var bytes = batch.bytes[...]
        var inside = DocumentBatch()
        var isWhole = true
        while let entry = try BSONDocument(takingFrom: &bytes) {
            guard let time = OpTime(oplogEntry: entry), time.timestamp >= first, time.timestamp <= last else {
                isWhole = false
                continue
            }
            inside.append(entry)
        }
        return isWhole ? batch : inside
    }
}
