/// A value of any BSON type.
///
/// Two values are equal when type and content are: `.int32(1)` is not `.int64(1)`. Doubles and strings compare as
/// Swift's do, documents and arrays by their bytes.
public enum BSONValue: Sendable, Hashable {
    /// A 64-bit IEEE 754 binary floating-point number.
    case double(Double)
    /// A string.
    case string(String)
    /// An embedded document.
    case document(BSONDocument)
    /// An array.
    case array(BSONArray)
    /// Bytes with a subtype.
    case binary(BSONBinary)
    /// The deprecated undefined value.
    case undefined
    /// An ObjectId.
    case objectID(ObjectID)
    /// A boolean.
    case bool(Bool)
    /// A UTC date and time in milliseconds.
    case dateTime(BSONDateTime)
    /// Null.
    case null
    /// A regular expression.
    case regularExpression(BSONRegularExpression)
    /// The deprecated DBPointer.
    case dbPointer(BSONDBPointer)
    /// JavaScript code.
    case javaScript(String)
    /// The deprecated symbol.
    case symbol(String)
    /// The deprecated JavaScript code with a scope.
    indirect case javaScriptWithScope(BSONCodeWithScope)
    /// A 32-bit signed integer.
    case int32(Int32)
    /// The replication timestamp.
    case timestamp(BSONTimestamp)
    /// A 64-bit signed integer.
    case int64(Int64)
    /// A 128-bit decimal floating-point number.
    case decimal128(Decimal128)
    /// The value that sorts before all others.
    case minKey
    /// The value that sorts after all others.
    case maxKey

    /// The value's type.
    public var type: BSONType {
        switch self {
        case .double: .double
        case .string: .string
        case .document: .document
        case .array: .array
        case .binary: .binary
        case .undefined: .undefined
        case .objectID: .objectID
        case .bool: .bool
        case .dateTime: .dateTime
        case .null: .null
        case .regularExpression: .regularExpression
        case .dbPointer: .dbPointer
        case .javaScript: .javaScript
        case .symbol: .symbol
        case .javaScriptWithScope: .javaScriptWithScope
        case .int32: .int32
        case .timestamp: .timestamp
        case .int64: .int64
        case .decimal128: .decimal128
        case .minKey: .minKey
        case .maxKey: .maxKey
        }
    }

    /// Makes an integer: an int32 where it fits, otherwise an int64.
    public static func integer(_ value: Int) -> BSONValue {
        Int32(exactly: value).map { .int32($0) } ?? .int64(Int64(value))
    }
}
