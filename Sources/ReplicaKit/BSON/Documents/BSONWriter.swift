/// Builds a document by appending to one buffer; embedded documents are written in place and their lengths filled in
/// when they end.
///
/// ```swift
/// var writer = BSONWriter()
/// writer.append(1, forKey: "replSetGetStatus")
/// writer.appendDocument(forKey: "$readPreference") { $0.append("nearest", forKey: "mode") }
/// let command = writer.finish()
/// ```
///
/// A key is a C string and cannot contain a NUL. So that a key taken from elsewhere can never end early and change
/// what the document says, the writer puts U+FFFD in its place, and ``finishChecked()`` refuses the document. The same
/// holds for the two parts of a regular expression. ``BSONEncoder`` and the Extended JSON parser refuse such keys.
public struct BSONWriter: Sendable {
    private struct Level: Sendable {
        var start: Int
        /// The key that the next element without a key gets.
        var nextIndex: Int
    }

    private var buffer: [UInt8]
    private var outer = Level(start: 0, nextIndex: 0)
    private var open: [Level] = []
    private var hasReplacedNull = false

    /// Makes a writer of an empty document.
    /// - Parameter capacity: the number of bytes to reserve for the document.
    public init(capacity: Int = 64) {
        buffer = []
        buffer.reserveCapacity(Swift.max(capacity, 16))
        buffer.append(contentsOf: [0, 0, 0, 0])
    }

    /// Makes a writer that continues after the last element of a document.
    public init(continuing document: BSONDocument) {
        self.init(capacity: document.bytes.count + 32)
        append(contentsOf: document)
    }

    /// The number of bytes written so far, the length prefix included.
    public var byteCount: Int { buffer.count }

    /// Ends every open level and returns the document.
    ///
    /// A document longer than `Int32.max` bytes gets that length and is invalid: whatever reads it will say so.
    public consuming func finish() -> BSONDocument {
        while !open.isEmpty {
            endLevel()
        }
        endLevel()
        return BSONDocument(trusted: buffer[...])
    }

    /// Ends every open level and returns the document, unless it is not what was asked for.
    /// - Throws: ``BSONError`` when a key or a part of a regular expression contained a NUL, or when the document is
    ///   longer than its length prefix can say.
    public consuming func finishChecked() throws(BSONError) -> BSONDocument {
        if hasReplacedNull {
            throw BSONError(.embeddedNull, "A key or a part of a regular expression contains a NUL.")
        }
        let document = finish()
        guard document.byteCount <= Int(Int32.max) else {
            throw BSONError(.tooLarge, "A document of \(document.byteCount) bytes is too long for BSON.")
        }
        return document
    }

    /// Appends an embedded document, written by the closure.
    public mutating func appendDocument<Failure: Error>(
        forKey key: String,
        _ write: (inout BSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginLevel(.document, forKey: key)
        defer { endLevel() }
        try write(&self)
    }

    /// Appends an array, written by the closure with the methods that take no key.
    public mutating func appendArray<Failure: Error>(
        forKey key: String,
        _ write: (inout BSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        beginLevel(.array, forKey: key)
        defer { endLevel() }
        try write(&self)
    }

    /// Appends a document to the array being written.
    public mutating func appendDocument<Failure: Error>(
        _ write: (inout BSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try appendDocument(forKey: nextKey(), write)
    }

    /// Appends an array to the array being written.
    public mutating func appendArray<Failure: Error>(
        _ write: (inout BSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try appendArray(forKey: nextKey(), write)
    }

    /// Appends every element of a document to the one being written, without decoding them.
    public mutating func append(contentsOf document: BSONDocument) {
        appendRaw(document.bytes.dropFirst(4).dropLast())
    }

    /// Appends an element read from another document, without decoding it.
    public mutating func append(_ element: BSONElement) {
        appendRaw(element.bytes)
    }

    /// Appends an element's value under another key, without decoding it.
    public mutating func append(_ element: BSONElement, forKey key: String) {
        appendHeader(element.type, key)
        appendRaw(element.valueBytes)
    }
}

// MARK: - Pieces for the typed methods

extension BSONWriter {
    mutating func beginLevel(_ type: BSONType, forKey key: String) {
        appendHeader(type, key)
        beginLevel()
    }

    /// Starts a document at this place, without a type and key in front of it.
    mutating func beginLevel() {
        open.append(Level(start: buffer.count, nextIndex: 0))
        buffer.append(contentsOf: [0, 0, 0, 0])
    }

    mutating func endLevel() {
        buffer.append(0)
        let level = open.popLast() ?? outer
        patchLength(at: level.start, length: buffer.count - level.start)
    }

    /// Writes a length at a place kept free for it.
    mutating func patchLength(at offset: Int, length: Int) {
        let bits = UInt32(bitPattern: Int32(clamping: length))
        for index in 0..<4 {
            buffer[offset + index] = UInt8(truncatingIfNeeded: bits >> (8 * UInt32(index)))
        }
    }

    /// The key of the next element of the innermost open level, taken as an array.
    mutating func nextKey() -> String {
        if open.isEmpty {
            defer { outer.nextIndex += 1 }
            return String(outer.nextIndex)
        }
        defer { open[open.count - 1].nextIndex += 1 }
        return String(open[open.count - 1].nextIndex)
    }

    @inline(__always)
    mutating func appendHeader(_ type: BSONType, _ key: String) {
        buffer.append(type.rawValue)
        appendCString(key)
    }

    mutating func appendCString(_ text: String) {
        if text.utf8.contains(0) {
            hasReplacedNull = true
            for byte in text.utf8 {
                if byte == 0 {
                    buffer.append(contentsOf: "\u{FFFD}".utf8)
                } else {
                    buffer.append(byte)
                }
            }
        } else {
            buffer.append(contentsOf: text.utf8)
        }
        buffer.append(0)
    }

    mutating func appendText(_ text: String) {
        appendInteger(Int32(clamping: text.utf8.count + 1))
        buffer.append(contentsOf: text.utf8)
        buffer.append(0)
    }

    @inline(__always)
    mutating func appendInteger(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { buffer.append(contentsOf: $0) }
    }

    mutating func appendRaw(_ bytes: ArraySlice<UInt8>) {
        buffer.append(contentsOf: bytes)
    }

    mutating func appendByte(_ byte: UInt8) {
        buffer.append(byte)
    }
}
