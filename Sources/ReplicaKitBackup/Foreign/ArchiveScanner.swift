import ReplicaKit

/// Takes an archive apart, from its first byte to its last.
///
/// A magic is followed by documents: the archive's header, then one of each collection's metadata, and a terminator.
/// Then come blocks: a document that says whose, its documents, and a terminator.
struct ArchiveScanner {
    /// What comes next in an archive.
    enum Element {
        case document(BSONDocument)
        /// As many whole documents as are there, at an offset of the content.
        case documents(ArraySlice<UInt8>, at: Int)
        case terminator
    }

    static let magic: [UInt8] = [0x6D, 0xE2, 0x99, 0x81]
    private static let terminator: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]

    private let file: String
    private var pending: [UInt8] = []
    private var start = 0
    /// The offset of `pending` in the content.
    private var base = 0

    init(file: String) { self.file = file }

    /// The offset of what comes next.
    var offset: Int { base + start }

    /// Whether all bytes were used up.
    var isEmpty: Bool { start == pending.count }

    mutating func push(_ bytes: [UInt8]) {
        base += start
        pending = isEmpty ? bytes : pending[start...] + bytes
        start = 0
    }

    /// The magic; `nil` when more bytes are needed.
    mutating func nextMagic() throws(ReplicaKitError) -> Bool? {
        guard pending.count - start >= 4 else { return nil }
        guard pending[start...].starts(with: Self.magic) else { throw damaged("this is not an archive of mongodump") }
        start += 4
        return true
    }

    /// One document, or the terminator; `nil` when more bytes are needed.
    mutating func next() throws(ReplicaKitError) -> Element? {
        if takeTerminator() { return .terminator }
        guard let length = try length(at: start), length <= pending.count - start else { return nil }
        let bytes = pending[start..<(start + length)]
        do {
            let document = try BSONDocument(validating: bytes)
            start += length
            return .document(document)
        } catch {
            throw damaged("\(error)")
        }
    }

    /// All documents that are there whole, or the terminator; `nil` when more bytes are needed.
    mutating func nextDocuments() throws(ReplicaKitError) -> Element? {
        if takeTerminator() { return .terminator }
        var end = start
        while let length = try length(at: end), length > 0, length <= pending.count - end {
            guard pending[end + length - 1] == 0 else {
                start = end
                throw damaged("the document of \(length) bytes does not end with a zero byte")
            }
            end += length
        }
        guard end > start else { return nil }
        defer { start = end }
        return .documents(pending[start..<end], at: base + start)
    }

    private mutating func takeTerminator() -> Bool {
        guard pending[start...].starts(with: Self.terminator) else { return false }
        start += 4
        return true
    }

    /// The length of the document at an index; 0 for a terminator, `nil` when it is not there yet.
    private func length(at index: Int) throws(ReplicaKitError) -> Int? {
        guard pending.count - index >= 4 else { return nil }
        let length = pending.withUnsafeBytes {
            Int(Int32(littleEndian: $0.loadUnaligned(fromByteOffset: index, as: Int32.self)))
        }
        if length == -1 { return 0 }
        guard length >= 5, length <= DocumentFramer.documentLimit else {
            throw damaged("no document is \(length) bytes long", at: base + index)
        }
        return length
    }

    func damaged(_ why: String, at offset: Int? = nil) -> ReplicaKitError {
        ReplicaKitError(
            .backupDamaged,
            "\(file) is damaged at byte \(offset ?? self.offset) of its content: \(why)",
            hint: "Use another backup, or another copy of this file."
        )
    }
}
