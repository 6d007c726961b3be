extension BSONWriter {
    /// Appends a value of any type.
    public mutating func append(_ value: BSONValue, forKey key: String) {
        appendHeader(value.type, key)
        appendPayload(of: value)
    }

    /// Appends a value of any type to the array being written.
    public mutating func append(_ value: BSONValue) {
        append(value, forKey: nextKey())
    }

    /// Appends a string.
    public mutating func append(_ value: String, forKey key: String) {
        appendHeader(.string, key)
        appendText(value)
    }

    /// Appends an integer: as int32 where it fits, otherwise as int64.
    public mutating func append(_ value: Int, forKey key: String) {
        if let small = Int32(exactly: value) {
            append(small, forKey: key)
        } else {
            append(Int64(value), forKey: key)
        }
    }

    /// Appends an int32.
    public mutating func append(_ value: Int32, forKey key: String) {
        appendHeader(.int32, key)
        appendInteger(value)
    }

    /// Appends an int64, also where it would fit an int32.
    public mutating func append(_ value: Int64, forKey key: String) {
        appendHeader(.int64, key)
        appendInteger(value)
    }

    /// Appends a double.
    public mutating func append(_ value: Double, forKey key: String) {
        appendHeader(.double, key)
        appendInteger(value.bitPattern)
    }

    /// Appends a boolean.
    public mutating func append(_ value: Bool, forKey key: String) {
        appendHeader(.bool, key)
        appendByte(value ? 1 : 0)
    }

    /// Appends an embedded document.
    public mutating func append(_ value: BSONDocument, forKey key: String) {
        appendHeader(.document, key)
        appendRaw(value.bytes)
    }

    /// Appends an array.
    public mutating func append(_ value: BSONArray, forKey key: String) {
        appendHeader(.array, key)
        appendRaw(value.document.bytes)
    }

    private mutating func appendPayload(of value: BSONValue) {
        switch value {
        case .double(let value): appendInteger(value.bitPattern)
        case .string(let value), .javaScript(let value), .symbol(let value): appendText(value)
        case .document(let value): appendRaw(value.bytes)
        case .array(let value): appendRaw(value.document.bytes)
        case .binary(let value): appendPayload(of: value)
        case .objectID(let value): appendPayload(of: value)
        case .bool(let value): appendByte(value ? 1 : 0)
        case .dateTime(let value): appendInteger(value.milliseconds)
        case .regularExpression(let value):
            appendCString(value.pattern)
            appendCString(value.options)
        case .dbPointer(let value):
            appendText(value.namespace)
            appendPayload(of: value.id)
        case .javaScriptWithScope(let value):
            appendInteger(Int32(clamping: 9 + value.code.utf8.count + value.scope.byteCount))
            appendText(value.code)
            appendRaw(value.scope.bytes)
        case .int32(let value): appendInteger(value)
        case .timestamp(let value): appendInteger(value.rawValue)
        case .int64(let value): appendInteger(value)
        case .decimal128(let value):
            appendInteger(value.low)
            appendInteger(value.high)
        case .undefined, .null, .minKey, .maxKey: break
        }
    }

    private mutating func appendPayload(of value: BSONBinary) {
        // The old subtype repeats the length in front of its bytes.
        let isOld = value.subtype == .binaryOld
        appendInteger(Int32(clamping: value.bytes.count + (isOld ? 4 : 0)))
        appendByte(value.subtype.rawValue)
        if isOld {
            appendInteger(Int32(clamping: value.bytes.count))
        }
        appendRaw(value.bytes)
    }

    private mutating func appendPayload(of value: ObjectID) {
        appendInteger(value.high.byteSwapped)
        appendInteger(value.low.byteSwapped)
    }
}
