/// A type that the BSON coders treat as one value, instead of asking it to encode or decode itself.
protocol BSONNative {
    /// Makes the value of what BSON holds, or returns nil when it is of another type or does not fit.
    init?(bson: BSONValue)
    /// The value as BSON, or nil when BSON cannot hold it.
    var bson: BSONValue? { get }
}

extension BSONValue: BSONNative {
    init?(bson: BSONValue) { self = bson }
    var bson: BSONValue? { self }
}

extension BSONDocument: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.documentValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .document(self) }
}

extension BSONArray: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.arrayValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .array(self) }
}

extension BSONBinary: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.binaryValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .binary(self) }
}

extension ObjectID: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.objectIDValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .objectID(self) }
}

extension BSONDateTime: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.dateTimeValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .dateTime(self) }
}

extension BSONTimestamp: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.timestampValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .timestamp(self) }
}

extension BSONRegularExpression: BSONNative {
    init?(bson: BSONValue) {
        guard case .regularExpression(let value) = bson else { return nil }
        self = value
    }
    var bson: BSONValue? { .regularExpression(self) }
}

extension Decimal128: BSONNative {
    init?(bson: BSONValue) {
        guard case .decimal128(let value) = bson else { return nil }
        self = value
    }
    var bson: BSONValue? { .decimal128(self) }
}
