/// Where an element is in the bytes of its document: offsets from the document's start.
struct BSONSlot {
    var type: BSONType
    var element: Int
    var value: Int
    var end: Int
}

/// The rules of the BSON wire format: where keys and values end.
///
/// Nothing here copies or allocates unless it fails.
enum BSONScanner {
    /// The shortest document: its length, no elements, its terminator.
    static let minimumDocumentLength = 5

    /// Checks the length prefix and terminator of the document at `start`, which must not run past `limit`.
    /// - Returns: the offset after the document.
    @inline(__always)
    static func documentEnd(at start: Int, limit: Int, in bytes: RawSpan) throws(BSONError) -> Int {
        guard let length = bytes.littleEndian(Int32.self, at: start), limit - start >= 4 else {
            throw truncated("a document's length", at: start)
        }
        guard length >= minimumDocumentLength, Int(length) <= limit - start else {
            throw badLength("document", Int(length), at: start)
        }
        let end = start + Int(length)
        guard bytes.byte(at: end - 1) == 0 else {
            throw BSONError(.missingTerminator, "A document does not end with a zero byte.", offset: end - 1)
        }
        return end
    }

    /// The type of the element at `offset`, and the offset of the zero byte that ends its key.
    @inline(__always)
    static func elementHeader(at offset: Int, limit: Int, in bytes: RawSpan) throws(BSONError)
        -> (type: BSONType, keyEnd: Int)
    {
        guard offset < limit, let byte = bytes.byte(at: offset) else { throw truncated("a document", at: offset) }
        guard let type = BSONType(rawValue: byte) else { throw unknownType(byte, at: offset) }
        return (type, try cStringEnd(at: offset + 1, limit: limit, in: bytes))
    }

    /// Finds the first element with the given key, passing over all others without decoding them.
    /// - Returns: its type and the range of its value, or nil when there is none.
    static func find(_ key: RawSpan, in bytes: RawSpan) throws(BSONError) -> BSONSlot? {
        let limit = bytes.byteCount - 1
        var offset = 4
        while offset < limit {
            let header = try elementHeader(at: offset, limit: limit, in: bytes)
            let start = header.keyEnd + 1
            let end = try valueEnd(header.type, at: start, limit: limit, in: bytes)
            if bytes.matches(key, from: offset + 1, to: header.keyEnd) {
                return BSONSlot(type: header.type, element: offset, value: start, end: end)
            }
            offset = end
        }
        return nil
    }

    /// The offset of the zero byte that ends the C string at `start`.
    @inline(__always)
    static func cStringEnd(at start: Int, limit: Int, in bytes: RawSpan) throws(BSONError) -> Int {
        guard let end = bytes.firstZero(from: start, to: limit) else {
            throw BSONError(.missingTerminator, "A key does not end with a zero byte.", offset: start)
        }
        return end
    }

    /// Checks the length and terminator of the string at `start`, and not its UTF-8.
    /// - Returns: the offset after the string; its text is `start + 4 ..< end - 1`.
    @inline(__always)
    static func stringEnd(at start: Int, limit: Int, in bytes: RawSpan) throws(BSONError) -> Int {
        guard limit - start >= 4, let length = bytes.littleEndian(Int32.self, at: start) else {
            throw truncated("a string's length", at: start)
        }
        guard length >= 1, Int(length) <= limit - start - 4 else {
            throw badLength("string", Int(length), at: start)
        }
        let end = start + 4 + Int(length)
        guard bytes.byte(at: end - 1) == 0 else {
            throw BSONError(.missingTerminator, "A string does not end with a zero byte.", offset: end - 1)
        }
        return end
    }

    /// The offset after the value of the given type at `start`; nothing inside the value is looked at but its lengths.
    @inline(__always)
    static func valueEnd(_ type: BSONType, at start: Int, limit: Int, in bytes: RawSpan) throws(BSONError) -> Int {
        let size: Int
        switch type {
        case .null, .undefined, .minKey, .maxKey: size = 0
        case .bool: size = 1
        case .int32: size = 4
        case .double, .int64, .dateTime, .timestamp: size = 8
        case .objectID: size = 12
        case .decimal128: size = 16
        case .string, .javaScript, .symbol:
            return try stringEnd(at: start, limit: limit, in: bytes)
        case .document, .array:
            return try documentEnd(at: start, limit: limit, in: bytes)
        case .binary:
            return try binaryEnd(at: start, limit: limit, in: bytes)
        case .regularExpression:
            let patternEnd = try cStringEnd(at: start, limit: limit, in: bytes)
            return try cStringEnd(at: patternEnd + 1, limit: limit, in: bytes) + 1
        case .dbPointer:
            let end = try stringEnd(at: start, limit: limit, in: bytes)
            guard limit - end >= 12 else { throw truncated("a DBPointer's ObjectId", at: end) }
            return end + 12
        case .javaScriptWithScope:
            return try codeWithScopeEnd(at: start, limit: limit, in: bytes)
        }
        guard limit - start >= size else { throw truncated("a value of type \(type.alias)", at: start) }
        return start + size
    }

    private static func binaryEnd(at start: Int, limit: Int, in bytes: RawSpan) throws(BSONError) -> Int {
        guard limit - start >= 5, let length = bytes.littleEndian(Int32.self, at: start),
            let subtype = bytes.byte(at: start + 4)
        else {
            throw truncated("a binary value's length", at: start)
        }
        guard length >= 0, Int(length) <= limit - start - 5 else {
            throw badLength("binary value", Int(length), at: start)
        }
        // The old binary subtype repeats the length inside its payload.
        if subtype == 0x02 {
            guard length >= 4, bytes.littleEndian(Int32.self, at: start + 5) == length - 4 else {
                throw BSONError(
                    .invalidBinary,
                    "The inner length of a binary value of subtype 2 does not match.",
                    offset: start
                )
            }
        }
        return start + 5 + Int(length)
    }

    private static func codeWithScopeEnd(at start: Int, limit: Int, in bytes: RawSpan) throws(BSONError) -> Int {
        guard limit - start >= 4, let length = bytes.littleEndian(Int32.self, at: start) else {
            throw truncated("the length of code with scope", at: start)
        }
        // Its own length, the shortest string (length and terminator) and the shortest document.
        guard length >= 4 + 5 + 5, Int(length) <= limit - start else {
            throw badLength("code with scope", Int(length), at: start)
        }
        let end = start + Int(length)
        let codeEnd = try stringEnd(at: start + 4, limit: end, in: bytes)
        guard try documentEnd(at: codeEnd, limit: end, in: bytes) == end else {
            throw badLength("code with scope", Int(length), at: start)
        }
        return end
    }

    @inline(never)
    static func unknownType(_ byte: UInt8, at offset: Int) -> BSONError {
        if byte == 0 {
            return BSONError(.invalidLength, "A document ends before its length says so.", offset: offset)
        }
        return BSONError(.unknownType, "There is no BSON type \(byte).", offset: offset)
    }

    @inline(never)
    static func truncated(_ what: String, at offset: Int) -> BSONError {
        BSONError(.truncated, "The bytes end inside \(what).", offset: offset)
    }

    @inline(never)
    static func badLength(_ what: String, _ length: Int, at offset: Int) -> BSONError {
        BSONError(.invalidLength, "The length of a \(what), \(length), does not fit.", offset: offset)
    }
}
