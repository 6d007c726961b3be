// Swift's own types. Integers read any BSON number without a fraction that fits, as servers are not consistent about
// the types of their numbers.

extension String: BSONNative {
    init?(bson: BSONValue) {
        switch bson {
        case .string(let value), .symbol(let value): self = value
        default: return nil
        }
    }
    var bson: BSONValue? { .string(self) }
}

extension Bool: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.boolValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .bool(self) }
}

extension Double: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.doubleValue else { return nil }
        self = value
    }
    var bson: BSONValue? { .double(self) }
}

extension Float: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.doubleValue else { return nil }
        self = Float(value)
    }
    var bson: BSONValue? { .double(Double(self)) }
}

extension BSONNative where Self: FixedWidthInteger {
    init?(bson: BSONValue) {
        guard let value = bson.int64Value.flatMap({ Self(exactly: $0) }) else { return nil }
        self = value
    }

    /// An int32 where the value fits, otherwise an int64.
    var bson: BSONValue? {
        if let value = Int32(exactly: self) {
            return .int32(value)
        }
        return Int64(exactly: self).map { .int64($0) }
    }
}

extension Int: BSONNative {}
extension Int8: BSONNative {}
extension Int16: BSONNative {}
extension Int32: BSONNative {}
extension UInt: BSONNative {}
extension UInt8: BSONNative {}
extension UInt16: BSONNative {}
extension UInt32: BSONNative {}

// Whoever names the width of 64 bits gets it.

extension Int64: BSONNative {
    var bson: BSONValue? { .int64(self) }
}

extension UInt64: BSONNative {
    var bson: BSONValue? { Int64(exactly: self).map { .int64($0) } }
}
