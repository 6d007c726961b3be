extension BSONValue {
    /// The string, if this is one.
    public var stringValue: String? {
        guard case .string(let value) = self else { return nil }
        return value
    }

    /// The embedded document, if this is one.
    public var documentValue: BSONDocument? {
        guard case .document(let value) = self else { return nil }
        return value
    }

    /// The array, if this is one.
    public var arrayValue: BSONArray? {
        guard case .array(let value) = self else { return nil }
        return value
    }

    /// The boolean, if this is one; numbers are not booleans here, see ``isTruthy``.
    public var boolValue: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }

    /// The number as an int64, if this is an int32, an int64, or a double without a fraction that fits.
    ///
    /// The server answers the same field with different number types in different versions, so readers should not
    /// insist on one.
    public var int64Value: Int64? {
        switch self {
        case .int32(let value): Int64(value)
        case .int64(let value): value
        case .double(let value): Int64(exactly: value)
        default: nil
        }
    }

    /// The number as an `Int`, under the conditions of ``int64Value``.
    public var intValue: Int? {
        int64Value.flatMap { Int(exactly: $0) }
    }

    /// The number as the nearest double, if this is a number of any type.
    public var doubleValue: Double? {
        switch self {
        case .int32(let value): Double(value)
        case .int64(let value): Double(value)
        case .double(let value): value
        case .decimal128(let value): value.doubleValue
        default: nil
        }
    }

    /// The date and time, if this is one.
    public var dateTimeValue: BSONDateTime? {
        guard case .dateTime(let value) = self else { return nil }
        return value
    }

    /// The timestamp, if this is one.
    public var timestampValue: BSONTimestamp? {
        guard case .timestamp(let value) = self else { return nil }
        return value
    }

    /// The ObjectId, if this is one.
    public var objectIDValue: ObjectID? {
        guard case .objectID(let value) = self else { return nil }
        return value
    }

    /// The binary value, if this is one.
    public var binaryValue: BSONBinary? {
        guard case .binary(let value) = self else { return nil }
        return value
    }

    /// Whether this is null or the deprecated undefined.
    public var isNull: Bool {
        self == .null || self == .undefined
    }

    /// Whether the server would take the value for true, as it does with `ok: 1.0`.
    ///
    /// False are false, zero of any number type, null and undefined; everything else is true.
    public var isTruthy: Bool {
        switch self {
        case .bool(let value): value
        case .int32(let value): value != 0
        case .int64(let value): value != 0
        case .double(let value): value != 0
        case .decimal128(let value): !value.isZero
        case .null, .undefined: false
        default: true
        }
    }
}
