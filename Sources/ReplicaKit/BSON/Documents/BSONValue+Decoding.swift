extension BSONValue {
    /// Decodes a value from the bytes that follow its key.
    ///
    /// Offsets in errors count from the start of `bytes`. Embedded documents keep a slice of `bytes`, and only their
    /// framing is checked.
    init(type: BSONType, bytes: ArraySlice<UInt8>) throws(BSONError) {
        let span = bytes.span.bytes
        // Every case below reads only inside a value whose length this has checked.
        guard try BSONScanner.valueEnd(type, at: 0, limit: span.byteCount, in: span) == span.byteCount else {
            throw BSONError(.invalidLength, "A value of type \(type.alias) has the wrong length.", offset: 0)
        }
        switch type {
        case .double: self = .double(Double(bitPattern: try Self.integer(at: 0, in: span)))
        case .string: self = .string(try Self.text(from: 4, to: bytes.count - 1, in: bytes))
        case .document: self = .document(BSONDocument(trusted: bytes))
        case .array: self = .array(BSONArray(document: BSONDocument(trusted: bytes)))
        case .binary: self = .binary(try BSONBinary(wire: bytes))
        case .undefined: self = .undefined
        case .objectID: self = .objectID(try Self.objectID(at: 0, in: span))
        case .bool: self = .bool(try Self.bool(in: span))
        case .dateTime: self = .dateTime(BSONDateTime(milliseconds: try Self.integer(at: 0, in: span)))
        case .null: self = .null
        case .regularExpression: self = .regularExpression(try Self.regularExpression(in: bytes))
        case .dbPointer:
            self = .dbPointer(
                BSONDBPointer(
                    namespace: try Self.text(from: 4, to: bytes.count - 13, in: bytes),
                    id: try Self.objectID(at: bytes.count - 12, in: span)
                )
            )
        case .javaScript: self = .javaScript(try Self.text(from: 4, to: bytes.count - 1, in: bytes))
        case .symbol: self = .symbol(try Self.text(from: 4, to: bytes.count - 1, in: bytes))
        case .javaScriptWithScope: self = .javaScriptWithScope(try Self.codeWithScope(in: bytes))
        case .int32: self = .int32(try Self.integer(at: 0, in: span))
        case .timestamp: self = .timestamp(BSONTimestamp(rawValue: try Self.integer(at: 0, in: span)))
        case .int64: self = .int64(try Self.integer(at: 0, in: span))
        case .decimal128:
            self = .decimal128(
                Decimal128(high: try Self.integer(at: 8, in: span), low: try Self.integer(at: 0, in: span))
            )
        case .maxKey: self = .maxKey
        case .minKey: self = .minKey
        }
    }

    private static func integer<T: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int,
        in span: RawSpan
    ) throws(BSONError) -> T {
        guard let value = span.littleEndian(T.self, at: offset) else {
            throw BSONScanner.truncated("a number", at: offset)
        }
        return value
    }

    private static func bool(in span: RawSpan) throws(BSONError) -> Bool {
        switch span.byte(at: 0) {
        case 0: return false
        case 1: return true
        default: throw BSONError(.invalidBoolean, "A boolean is neither 0 nor 1.", offset: 0)
        }
    }

    private static func objectID(at offset: Int, in span: RawSpan) throws(BSONError) -> ObjectID {
        ObjectID(
            high: (try integer(at: offset, in: span) as UInt64).byteSwapped,
            low: (try integer(at: offset + 8, in: span) as UInt32).byteSwapped
        )
    }

    private static func text(
        from start: Int,
        to end: Int,
        in bytes: ArraySlice<UInt8>
    ) throws(BSONError) -> String {
        guard let text = bytes.span.bytes.validText(from: start, to: end) else {
            throw BSONError(.invalidUTF8, "Text is not valid UTF-8.", offset: start)
        }
        return text
    }

    private static func regularExpression(in bytes: ArraySlice<UInt8>) throws(BSONError) -> BSONRegularExpression {
        let span = bytes.span.bytes
        let patternEnd = try BSONScanner.cStringEnd(at: 0, limit: span.byteCount, in: span)
        return BSONRegularExpression(
            pattern: try text(from: 0, to: patternEnd, in: bytes),
            options: try text(from: patternEnd + 1, to: bytes.count - 1, in: bytes)
        )
    }

    private static func codeWithScope(in bytes: ArraySlice<UInt8>) throws(BSONError) -> BSONCodeWithScope {
        let span = bytes.span.bytes
        let codeEnd = try BSONScanner.stringEnd(at: 4, limit: span.byteCount, in: span)
        return BSONCodeWithScope(
            code: try text(from: 8, to: codeEnd - 1, in: bytes),
            scope: BSONDocument(trusted: bytes.dropFirst(codeEnd))
        )
    }
}
