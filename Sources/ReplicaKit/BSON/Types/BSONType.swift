/// The type of a BSON value, as the byte that stands in front of its key on the wire.
public enum BSONType: UInt8, Sendable, Hashable, CaseIterable {
    /// A 64-bit IEEE 754 binary floating-point number.
    case double = 0x01
    /// A UTF-8 string.
    case string = 0x02
    /// An embedded document.
    case document = 0x03
    /// An array.
    case array = 0x04
    /// Bytes with a subtype.
    case binary = 0x05
    /// The deprecated undefined value.
    case undefined = 0x06
    /// A 12-byte ObjectId.
    case objectID = 0x07
    /// A boolean.
    case bool = 0x08
    /// A UTC date and time in milliseconds.
    case dateTime = 0x09
    /// Null.
    case null = 0x0A
    /// A regular expression.
    case regularExpression = 0x0B
    /// The deprecated DBPointer.
    case dbPointer = 0x0C
    /// JavaScript code.
    case javaScript = 0x0D
    /// The deprecated symbol.
    case symbol = 0x0E
    /// The deprecated JavaScript code with a scope.
    case javaScriptWithScope = 0x0F
    /// A 32-bit signed integer.
    case int32 = 0x10
    /// The replication timestamp.
    case timestamp = 0x11
    /// A 64-bit signed integer.
    case int64 = 0x12
    /// A 128-bit decimal floating-point number.
    case decimal128 = 0x13
    /// The value that sorts after all others.
    case maxKey = 0x7F
    /// The value that sorts before all others.
    case minKey = 0xFF

    /// The name by which the server's `$type` operator knows the type, such as `objectId` or `javascriptWithScope`.
    public var alias: String {
        switch self {
        case .double: "double"
        case .string: "string"
        case .document: "object"
        case .array: "array"
        case .binary: "binData"
        case .undefined: "undefined"
        case .objectID: "objectId"
        case .bool: "bool"
        case .dateTime: "date"
        case .null: "null"
        case .regularExpression: "regex"
        case .dbPointer: "dbPointer"
        case .javaScript: "javascript"
        case .symbol: "symbol"
        case .javaScriptWithScope: "javascriptWithScope"
        case .int32: "int"
        case .timestamp: "timestamp"
        case .int64: "long"
        case .decimal128: "decimal"
        case .maxKey: "maxKey"
        case .minKey: "minKey"
        }
    }
}
