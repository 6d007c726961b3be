/// Walks over the elements of a document in order, one by one, and reports where a malformed document stops making
/// sense.
///
/// A reader neither decodes nor copies what it passes over. Use it instead of `for … in` for documents made with
/// ``BSONDocument/init(framed:)-(ArraySlice<UInt8>)``:
///
/// ```swift
/// var reader = document.reader()
/// while let element = try reader.next() {
///     if element.key == "ok" { ... }
/// }
/// ```
public struct BSONReader: Sendable {
    private let bytes: ArraySlice<UInt8>
    private var offset = 4

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// Returns the next element, or nil at the end of the document.
    /// - Throws: ``BSONError`` when the rest of the document is malformed; every later call throws the same.
    public mutating func next() throws(BSONError) -> BSONElement? {
        let bytes = bytes
        let span = bytes.span.bytes
        guard offset < span.byteCount - 1 else { return nil }
        let header = try BSONScanner.elementHeader(at: offset, limit: span.byteCount - 1, in: span)
        if let invalid = span.firstInvalidUTF8(from: offset + 1, to: header.keyEnd) {
            throw BSONError(.invalidUTF8, "A key is not valid UTF-8.", offset: invalid)
        }
        let start = header.keyEnd + 1
        let end = try BSONScanner.valueEnd(header.type, at: start, limit: span.byteCount - 1, in: span)
        let element = BSONElement(
            type: header.type,
            bytes: bytes[(bytes.startIndex + offset)..<(bytes.startIndex + end)],
            valueOffset: start - offset,
            offset: offset
        )
        offset = end
        return element
    }
}
