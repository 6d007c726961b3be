/// An ordered list of keys and values in BSON's wire format.
///
/// A document *is* its bytes: nothing is decoded until it is asked for, an embedded document shares the storage of
/// the one it came from (``detached()`` ends that), and two documents are equal when their bytes are (so the order of keys counts). Keys may
/// repeat; a lookup finds the first.
///
/// Bytes from outside come in by one of two doors. ``init(validating:depthLimit:)-(ArraySlice<UInt8>,_)`` checks
/// everything. ``init(framed:)-(ArraySlice<UInt8>)`` checks the length and the terminator alone, for large replies of
/// which little is read; what is inside is checked as it is reached. There the throwing accessors (``reader()``,
/// ``value(forKey:)``, ``validate(depthLimit:)``) report malformed bytes, while the convenient ones (the subscripts,
/// `for … in`) treat the document as if it ended in front of them.
public struct BSONDocument: Sendable, Hashable {
    /// How deeply documents may be nested unless the caller says otherwise; the server's own limit is 180 to 200.
    public static let defaultDepthLimit = 200

    /// The document in BSON's wire format.
    ///
    /// Of an embedded document this is a slice of the outer document's bytes, so indexes need not start at 0.
    public internal(set) var bytes: ArraySlice<UInt8>

    /// Makes an empty document.
    public init() {
        bytes = [5, 0, 0, 0, 0]
    }

    /// Takes bytes that are one whole document, after checking all of it: lengths, terminators, types, booleans,
    /// UTF-8 and depth.
    /// - Parameters:
    ///   - bytes: the document; nothing may follow it.
    ///   - depthLimit: how many levels of documents and arrays are allowed, the outermost included.
    /// - Throws: ``BSONError`` with the offset and the key path of the first mistake.
    public init(validating bytes: ArraySlice<UInt8>, depthLimit: Int = defaultDepthLimit) throws(BSONError) {
        try BSONValidator(depthLimit: depthLimit).validate(bytes.span.bytes)
        self.bytes = bytes
    }

    /// Takes bytes that are one whole document, after checking all of it.
    /// - Parameters:
    ///   - bytes: the document; nothing may follow it.
    ///   - depthLimit: how many levels of documents and arrays are allowed, the outermost included.
    /// - Throws: ``BSONError`` with the offset and the key path of the first mistake.
    public init(validating bytes: [UInt8], depthLimit: Int = defaultDepthLimit) throws(BSONError) {
        try self.init(validating: bytes[...], depthLimit: depthLimit)
    }

    /// Takes bytes that are one whole document, after checking its length prefix and its terminator alone.
    /// - Throws: ``BSONError`` when the bytes are not framed as one document.
    public init(framed bytes: ArraySlice<UInt8>) throws(BSONError) {
        let span = bytes.span.bytes
        let end = try BSONScanner.documentEnd(at: 0, limit: span.byteCount, in: span)
        guard end == span.byteCount else {
            throw BSONError(.trailingBytes, "Bytes are left over after the end of the document.", offset: end)
        }
        self.bytes = bytes
    }

    /// Takes bytes that are one whole document, after checking its length prefix and its terminator alone.
    /// - Throws: ``BSONError`` when the bytes are not framed as one document.
    public init(framed bytes: [UInt8]) throws(BSONError) {
        try self.init(framed: bytes[...])
    }

    /// Takes the first document off a run of documents, such as a batch from a cursor or a piece of a dump's file.
    ///
    /// Of the document only its framing is checked, as in ``init(framed:)-(ArraySlice<UInt8>)``.
    /// - Parameter bytes: the documents one after another; what is left over after the first, on return.
    /// - Returns: nil, and `bytes` unchanged, when they are not yet all of the first document.
    /// - Throws: ``BSONError`` when what is there cannot be the start of a document.
    public init?(takingFrom bytes: inout ArraySlice<UInt8>) throws(BSONError) {
        let all = bytes
        let span = all.span.bytes
        guard let length = span.littleEndian(Int32.self, at: 0) else { return nil }
        guard Int(length) <= span.byteCount || length < BSONScanner.minimumDocumentLength else { return nil }
        let end = try BSONScanner.documentEnd(at: 0, limit: span.byteCount, in: span)
        self.bytes = all.prefix(end)
        bytes = all.dropFirst(end)
    }

    /// Takes bytes whose framing the caller has checked or written.
    init(trusted bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// Returns the document in storage of its own, so that keeping it does not keep what it was a part of.
    public func detached() -> BSONDocument {
        BSONDocument(trusted: Array(bytes)[...])
    }

    /// Checks all of a document that was made with ``init(framed:)-(ArraySlice<UInt8>)``.
    /// - Parameter depthLimit: how many levels of documents and arrays are allowed, the outermost included.
    /// - Throws: ``BSONError`` with the offset and the key path of the first mistake.
    public func validate(depthLimit: Int = defaultDepthLimit) throws(BSONError) {
        try BSONValidator(depthLimit: depthLimit).validate(bytes.span.bytes)
    }

    /// The length of the document in bytes.
    public var byteCount: Int { bytes.count }

    /// Compares the bytes of two documents.
    public static func == (left: BSONDocument, right: BSONDocument) -> Bool {
        left.bytes.count == right.bytes.count && left.bytes.elementsEqual(right.bytes)
    }

    /// Feeds the document's bytes to the hasher.
    public func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
