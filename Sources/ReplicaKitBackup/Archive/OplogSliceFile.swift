internal import Crypto
import ReplicaKit

/// A slice as bytes: a frame with the header, then frames with the entries.
enum OplogSliceFile {
    /// Compresses a slice.
    static func encode(_ header: BSONDocument, entries: [UInt8]) throws -> [UInt8] {
        let compressor = try FrameCompressor(.zstd)
        var bytes = try compressor.compress(Array(header.bytes))
        var rest = entries[...]
        while !rest.isEmpty {
            bytes += try compressor.compress(Array(rest.prefix(BackupCompression.frameBytes)))
            rest = rest.dropFirst(BackupCompression.frameBytes)
        }
        return bytes
    }

    /// Reads a slice's header alone, and gives its bytes too.
    static func header(of slice: OplogSlice, in store: any BackupStore) async throws -> (OplogSliceHeader, BSONDocument)
    {
        let reader = try await OplogSliceReader(slice, in: store)
        let header = (reader.header, reader.document)
        await reader.close()
        return header
    }
}

/// Reads the entries of one slice; at its end it has checked them against the header.
struct OplogSliceReader {
    let slice: OplogSlice
    let header: OplogSliceHeader
    let document: BSONDocument
    private let reader: any StoredObjectReader
    private let decompressor: FrameDecompressor
    private var framer: DocumentFramer
    private var hash = SHA256()
    private var count = 0
    private var last: OpTime?
    private var hasEnded = false
    private var kept: DocumentBatch?

    /// Opens a slice and reads its header.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` when it is none, or another than its name says.
    init(_ slice: OplogSlice, in store: any BackupStore) async throws {
        self.slice = slice
        let name = slice.name
        decompressor = try FrameDecompressor(.zstd, file: name)
        framer = DocumentFramer(file: name)
        reader = try await store.read(name, from: 0)
        do {
            guard let batch = try await Self.next(reader, decompressor, &framer, &hasEnded) else {
                throw Self.damaged(slice, "it is empty")
            }
            var bytes = batch.bytes[...]
            guard let document = try BSONDocument(takingFrom: &bytes) else { throw Self.damaged(slice, "it is empty") }
            self.document = document.detached()
            kept = bytes.isEmpty ? nil : DocumentBatch(bytes: Array(bytes), count: batch.count - 1)
            header = try BSONDecoder().decode(OplogSliceHeader.self, from: document)
        } catch {
            await reader.close()
            if error is ReplicaKitError || error is CancellationError { throw error }
            throw Self.damaged(slice, "its header cannot be read: \(error)")
        }
        guard header.format == OplogSliceHeader.currentFormat, header.timeline == slice.timeline,
            header.after.timestamp == slice.after, header.last.timestamp == slice.last
        else {
            await reader.close()
            throw Self.damaged(
                slice,
                "its header is of another slice: \(header.timeline), \(header.after) to \(header.last)"
            )
        }
    }

    /// The next entries; `nil` at the end.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged``, at the end too, when the entries are not those of the header.
    mutating func next() async throws -> DocumentBatch? {
        var batch = kept
        kept = nil
        if batch == nil { batch = try await Self.next(reader, decompressor, &framer, &hasEnded) }
        guard let batch else {
            guard count == header.count, last == header.last,
                Hexadecimal.text(of: hash.finalize()) == header.sha256
            else { throw Self.damaged(slice, "its entries are not those that its header tells of") }
            return nil
        }
        hash.update(data: batch.bytes)
        count += batch.count
        var bytes = batch.bytes[...]
        while let entry = try BSONDocument(takingFrom: &bytes) {
            guard let time = OpTime(oplogEntry: entry) else { throw Self.damaged(slice, "an entry has no timestamp") }
            guard time.timestamp > (last ?? header.after).timestamp else {
                throw Self.damaged(slice, "the entry of \(time) comes too late")
            }
            if last == nil, time != header.first { throw Self.damaged(slice, "it begins with another entry: \(time)") }
            last = time
        }
        return batch
    }

    func close() async { await reader.close() }

    private static func next(
        _ reader: any StoredObjectReader,
        _ decompressor: FrameDecompressor,
        _ framer: inout DocumentFramer,
        _ hasEnded: inout Bool
    ) async throws -> DocumentBatch? {
        while true {
            if let batch = try framer.next() { return batch }
            if let part = try decompressor.next() {
                framer.push(part)
            } else if hasEnded {
                return nil
            } else if let piece = try await reader.next() {
                decompressor.push(piece)
            } else {
                hasEnded = true
                try decompressor.finish()
                return try framer.finish()
            }
        }
    }

    static func damaged(_ slice: OplogSlice, _ what: String) -> ReplicaKitError {
        ReplicaKitError(
            .backupDamaged,
            "\(slice.name): \(what)",
            hint: "Restore to a moment before it, or from a backup that was made after it: rkctl oplog status."
        )
    }
}

extension OpTime {
    /// Reads the place of an entry of the oplog.
    init?(oplogEntry entry: BSONDocument) {
        guard let timestamp = entry["ts"]?.timestampValue else { return nil }
        self.init(timestamp: timestamp, term: entry["t"]?.int64Value ?? -1)
    }
}
