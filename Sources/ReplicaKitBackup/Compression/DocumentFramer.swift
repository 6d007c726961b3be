public import ReplicaKit

/// Cuts a stream of bytes into batches of whole BSON documents.
///
/// Of each document the length and the last byte are checked, not what is between them. Memory is bounded by a piece
/// and a document.
public struct DocumentFramer {
    /// The largest document that a server makes: 16 MiB, and 16 KiB more for an entry of the oplog.
    public static let documentLimit = (16 << 20) + (16 << 10)

    private static let shortest = 5

    private let file: String
    private let batchBytes: Int
    private var pending: [UInt8] = []
    /// Where the batch begins that is being collected.
    private var start = 0
    /// Where the first document begins that is not yet checked, and how many are before it in the batch.
    private var checked = 0
    private var count = 0
    /// The offset in the content at which `pending` begins.
    private var base = 0

    /// Creates a framer for one file.
    ///
    /// - Parameters:
    ///   - file: The name of the file, for errors.
    ///   - batchBytes: How large a batch may be, unless a single document is larger.
    public init(file: String, batchBytes: Int = 1 << 20) {
        self.file = file
        self.batchBytes = batchBytes
    }

    /// Hands over the next bytes, once ``next()`` has given the batches before.
    public mutating func push(_ bytes: [UInt8]) {
        base += start
        if start == pending.count {
            pending = bytes
        } else {
            pending.removeSubrange(..<start)
            pending += bytes
        }
        checked -= start
        start = 0
    }

    /// The next full batch; `nil` when more bytes are needed.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged``, with the offset in the decompressed content.
    public mutating func next() throws(ReplicaKitError) -> DocumentBatch? {
        while let end = try documentEnd() {
            if count > 0, end - start > batchBytes { return takeBatch() }
            checked = end
            count += 1
        }
        // What is left is the beginning of a document: a batch need not wait for the rest when it is large enough.
        return checked - start >= batchBytes ? takeBatch() : nil
    }

    /// The last batch, if there is one, and a check that the content ends with a document.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` when it ends inside of one.
    public mutating func finish() throws(ReplicaKitError) -> DocumentBatch? {
        guard checked == pending.count else {
            throw damaged("it ends inside a document, \(pending.count - checked) bytes after its beginning")
        }
        return count > 0 ? takeBatch() : nil
    }

    /// Where the next document ends, if all of it is there.
    private func documentEnd() throws(ReplicaKitError) -> Int? {
        let left = pending.count - checked
        guard left >= 4 else { return nil }
        let length = pending.withUnsafeBytes {
            Int(Int32(littleEndian: $0.loadUnaligned(fromByteOffset: checked, as: Int32.self)))
        }
        guard length >= Self.shortest, length <= Self.documentLimit else {
            throw damaged("no document is \(length) bytes long")
        }
        guard length <= left else { return nil }
        guard pending[checked + length - 1] == 0 else {
            throw damaged("the document of \(length) bytes does not end with a zero byte")
        }
        return checked + length
    }

    private mutating func takeBatch() -> DocumentBatch {
        defer { (start, count) = (checked, 0) }
        let isAll = start == 0 && checked == pending.count
        return DocumentBatch(bytes: isAll ? pending : Array(pending[start..<checked]), count: count)
    }

    private func damaged(_ why: String) -> ReplicaKitError {
        ReplicaKitError(
            .backupDamaged,
            "\(file) is damaged at byte \(base + checked) of its content: \(why)",
            hint: "Use another backup, or another copy of this file."
        )
    }
}
