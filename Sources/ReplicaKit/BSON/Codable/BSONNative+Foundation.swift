#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension Date: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.dateTimeValue else { return nil }
        self = value.date
    }
    var bson: BSONValue? { .dateTime(BSONDateTime(self)) }
}

extension Data: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.binaryValue else { return nil }
        self.init(value.bytes)
    }
    var bson: BSONValue? { .binary(BSONBinary(bytes: Array(self))) }
}

extension UUID: BSONNative {
    init?(bson: BSONValue) {
        guard let value = bson.binaryValue, value.subtype == .uuid, value.bytes.count == 16 else { return nil }
        let raw: uuid_t = value.bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) }
        self.init(uuid: raw)
    }
    var bson: BSONValue? {
        .binary(BSONBinary(subtype: .uuid, bytes: withUnsafeBytes(of: uuid) { Array($0) }))
    }
}

extension URL: BSONNative {
    init?(bson: BSONValue) {
        guard let text = bson.stringValue else { return nil }
        self.init(string: text)
    }
    var bson: BSONValue? { .string(absoluteString) }
}

extension Decimal: BSONNative {
    init?(bson: BSONValue) {
        switch bson {
        case .decimal128(let value): self.init(string: value.description)
        case .int32, .int64: self.init(string: bson.description)
        default: return nil
        }
    }
    var bson: BSONValue? { Decimal128(description).map { .decimal128($0) } }
}
