/// Decodes values of Swift types from BSON.
///
/// It reads what ``BSONEncoder`` writes, and is tolerant where servers are not consistent: an integer is read from an
/// int32, an int64 or a double without a fraction, a floating-point number from any number. Null counts as nil. Where
/// a key is repeated, the first value counts.
public struct BSONDecoder: Sendable {
    /// What the types being decoded find under `decoder.userInfo`.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// Makes a decoder.
    public init() {}

    /// Decodes a document.
    /// - Throws: `DecodingError` with the coding path and what was found there; where the bytes are malformed, its
    ///   underlying error is a ``BSONError``.
    public func decode<T: Decodable>(_ type: T.Type = T.self, from document: BSONDocument) throws -> T {
        try decodeValue(type, from: .document(document))
    }

    /// Decodes a value of any kind.
    /// - Throws: `DecodingError` with the coding path and what was found there; where the bytes are malformed, its
    ///   underlying error is a ``BSONError``.
    public func decodeValue<T: Decodable>(_ type: T.Type = T.self, from value: BSONValue) throws -> T {
        try BSONValueDecoder(value: value, codingPath: [], userInfo: userInfo).decode(type)
    }
}

/// The decoder that a type sees while it decodes itself.
struct BSONValueDecoder: Decoder {
    let value: BSONValue
    let codingPath: [any CodingKey]
    let sendableUserInfo: [CodingUserInfoKey: any Sendable]

    var userInfo: [CodingUserInfoKey: Any] { sendableUserInfo }

    init(value: BSONValue, codingPath: [any CodingKey], userInfo: [CodingUserInfoKey: any Sendable]) {
        self.value = value
        self.codingPath = codingPath
        sendableUserInfo = userInfo
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .document(let document) = value else { throw mismatch([String: BSONValue].self, "a document") }
        return KeyedDecodingContainer(try BSONKeyedDecodingContainer(document, decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .array(let array) = value else { throw mismatch([BSONValue].self, "an array") }
        return try BSONUnkeyedDecodingContainer(array, decoder: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        BSONSingleValueDecodingContainer(decoder: self)
    }

    /// The decoder of a part of this value.
    func child(_ value: BSONValue, _ key: any CodingKey) -> BSONValueDecoder {
        BSONValueDecoder(value: value, codingPath: codingPath + [key], userInfo: sendableUserInfo)
    }

    /// Decodes this value.
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        // A type that contains itself would follow a lazily checked document as deep as it goes.
        guard codingPath.count <= BSONDocument.defaultDepthLimit else {
            throw DecodingError.dataCorrupted(context("The value is nested too deeply."))
        }
        guard let native = type as? any BSONNative.Type else {
            return try T(from: self)
        }
        guard let result = native.init(bson: value) as? T else {
            let isNumber = value.doubleValue != nil
            if isNumber, type is any Numeric.Type {
                throw DecodingError.dataCorrupted(context("The number \(value) does not fit the type \(type)."))
            }
            throw mismatch(type, "a value for \(type)")
        }
        return result
    }

    func context(_ message: String, _ error: BSONError? = nil) -> DecodingError.Context {
        DecodingError.Context(codingPath: codingPath, debugDescription: message, underlyingError: error)
    }

    func mismatch(_ type: any Any.Type, _ wanted: String) -> DecodingError {
        let context = context("Expected \(wanted), found \(value.type.alias).")
        return value.isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }

    /// Runs an access to the bytes, which may turn out to be malformed.
    func read<Result>(_ access: () throws(BSONError) -> Result) throws -> Result {
        do throws(BSONError) {
            return try access()
        } catch {
            throw DecodingError.dataCorrupted(context("The BSON is malformed: \(error)", error))
        }
    }
}
