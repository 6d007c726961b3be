/// One element of a document, still encoded: its key and value are decoded when asked for.
public struct BSONElement: Sendable {
    /// The type of the value.
    public let type: BSONType
    /// The whole element as it is on the wire: type byte, key with its NUL, value.
    ///
    /// ``BSONWriter/append(_:)-(BSONElement)`` copies these bytes into another document.
    public let bytes: ArraySlice<UInt8>
    /// Where the value starts, counted from the start of `bytes`.
    let valueOffset: Int
    /// Where the element starts in the document it was read from, for errors.
    let offset: Int

    /// The element's key.
    public var key: String {
        bytes.span.bytes.text(from: 1, to: valueOffset - 1)
    }

    /// The value's bytes, without type and key.
    public var valueBytes: ArraySlice<UInt8> {
        bytes.dropFirst(valueOffset)
    }

    /// Decodes the value; embedded documents are checked for their framing only.
    /// - Throws: ``BSONError`` when the value is malformed, which cannot happen in a validated document.
    public func value() throws(BSONError) -> BSONValue {
        do {
            return try BSONValue(type: type, bytes: valueBytes)
        } catch {
            var error = error
            error.keyPath.insert(key, at: 0)
            error.offset = offset + valueOffset + (error.offset ?? 0)
            throw error
        }
    }
}
