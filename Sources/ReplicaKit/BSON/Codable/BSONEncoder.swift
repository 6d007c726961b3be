/// Encodes values of Swift types as BSON.
///
/// BSON's own types (``BSONDocument``, ``BSONValue``, ``ObjectID``, ``BSONTimestamp`` and the others) go in as they
/// are. Besides: `Date` becomes a date and time in milliseconds, `Data` a binary value, `UUID` a binary value of its
/// subtype, `URL` a string, `Decimal` a decimal128. `Int` and the integers below 64 bits become an int32 where the
/// value fits and an int64 otherwise; `Int64` and `UInt64` always become an int64. nil that is encoded becomes null.
public struct BSONEncoder: Sendable {
    /// What the types being encoded find under `encoder.userInfo`.
    public var userInfo: [CodingUserInfoKey: any Sendable] = [:]

    /// Makes an encoder.
    public init() {}

    /// Encodes a value that has keys, as a document.
    /// - Throws: `EncodingError` with the coding path, when the value is no document or BSON cannot hold it.
    public func encode(_ value: some Encodable) throws -> BSONDocument {
        let encoded: BSONValue = try encodeValue(value)
        guard case .document(let document) = encoded else {
            throw EncodingError.invalidValue(
                value,
                EncodingError.Context(
                    codingPath: [],
                    debugDescription: "A document is needed, and this is of type \(encoded.type.alias)."
                )
            )
        }
        return document
    }

    /// Encodes a value of any kind.
    /// - Throws: `EncodingError` with the coding path, when BSON cannot hold the value.
    public func encodeValue(_ value: some Encodable) throws -> BSONValue {
        let box = try BSONEncodingBox(value, codingPath: [], userInfo: userInfo)
        var writer = BSONWriter()
        box.write(forKey: "", to: &writer)
        return try writer.finishChecked().value(forKey: "") ?? .null
    }
}

/// A value being encoded.
///
/// Containers of the same document may be filled in turns, so its parts are collected here and written at the end.
final class BSONEncodingBox {
    private enum Content {
        case nothing
        case value(BSONValue)
        case document
        case array
    }

    private var content = Content.nothing
    private(set) var children: [(key: String, box: BSONEncodingBox)] = []
    private var positions: [String: Int] = [:]

    init() {}

    /// Encodes a value.
    init(
        _ value: some Encodable,
        codingPath: [any CodingKey],
        userInfo: [CodingUserInfoKey: any Sendable]
    ) throws {
        try set(value, codingPath: codingPath, userInfo: userInfo)
    }

    func set(
        _ value: some Encodable,
        codingPath: [any CodingKey],
        userInfo: [CodingUserInfoKey: any Sendable]
    ) throws {
        guard codingPath.count <= BSONDocument.defaultDepthLimit else {
            throw Self.error(value, "The value is nested too deeply.", codingPath)
        }
        if let native = value as? any BSONNative {
            guard let bson = native.bson else {
                throw Self.error(value, "BSON has no type that can hold this \(type(of: value)).", codingPath)
            }
            content = .value(bson)
        } else {
            try value.encode(to: BSONBoxEncoder(box: self, codingPath: codingPath, userInfo: userInfo))
        }
    }

    static func error(_ value: Any, _ message: String, _ codingPath: [any CodingKey]) -> EncodingError {
        .invalidValue(value, EncodingError.Context(codingPath: codingPath, debugDescription: message))
    }

    func setNull() {
        content = .value(.null)
    }

    func becomeDocument() {
        if case .document = content { return }
        content = .document
    }

    func becomeArray() {
        if case .array = content { return }
        content = .array
    }

    func append(_ box: BSONEncodingBox) {
        children.append((String(children.count), box))
    }

    /// Puts a value under a key, in the place of the one that is there already.
    func put(_ box: BSONEncodingBox, forKey key: String) {
        if let position = positions[key] {
            children[position].box = box
        } else {
            positions[key] = children.count
            children.append((key, box))
        }
    }

    func write(forKey key: String, to writer: inout BSONWriter) {
        switch content {
        case .value(let value):
            writer.append(value, forKey: key)
        case .nothing:
            // A type that encodes nothing is a document without keys.
            writer.append(BSONDocument(), forKey: key)
        case .document, .array:
            if case .array = content {
                writer.beginLevel(.array, forKey: key)
            } else {
                writer.beginLevel(.document, forKey: key)
            }
            for child in children {
                child.box.write(forKey: child.key, to: &writer)
            }
            writer.endLevel()
        }
    }
}
