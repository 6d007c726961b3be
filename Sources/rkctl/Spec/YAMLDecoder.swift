import ReplicaKit
import Yams

/// Decodes a tree of YAML nodes through a type's `Codable`, so that the core's own rules judge every key.
///
/// Every error is a `DecodingError` with the path to the node it is about: ``YAMLPosition`` turns that into a line.
struct YAMLNodeDecoder: Decoder {
    let node: Node
    let codingPath: [any CodingKey]
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    init(_ node: Node, at path: [any CodingKey] = []) {
        self.node = node
        codingPath = path
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard case .mapping(let mapping) = node else { throw mismatch(type, "keys and values") }
        var values: [String: Node] = [:]
        for (key, value) in mapping {
            guard case .scalar(let name) = key else {
                throw failure("a key must be a word")
            }
            values[name.string] = value
        }
        return KeyedDecodingContainer(YAMLKeyedContainer(values: values, codingPath: codingPath))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard case .sequence(let sequence) = node else { throw mismatch([Node].self, "a list") }
        return YAMLUnkeyedContainer(nodes: Array(sequence), codingPath: codingPath)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer {
        YAMLSingleValueContainer(decoder: self)
    }

    /// Whether the node is null.
    var isNull: Bool { node.scalar?.isNull ?? false }

    /// Decodes the node as a value of any type.
    func value<Value: Decodable>(_ type: Value.Type) throws -> Value {
        if let scalarType = type as? any YAMLScalar.Type {
            let scalar = try scalar(scalarType)
            guard let value = scalar as? Value else { throw mismatch(type, scalarType.what) }
            return value
        }
        do {
            return try Value(from: self)
        } catch let error as DecodingError {
            throw error
        } catch let error as ReplicaKitError {
            throw failure(error.message, error)
        }
    }

    private func scalar<Value: YAMLScalar>(_ type: Value.Type) throws -> Value {
        guard case .scalar(let scalar) = node, !scalar.isNull else { throw mismatch(type, type.what) }
        guard let value = type.read(scalar.string, quoted: scalar.isQuoted) else { throw mismatch(type, type.what) }
        return value
    }

    private func mismatch(_ type: Any.Type, _ what: String) -> DecodingError {
        .typeMismatch(
            type,
            DecodingError.Context(codingPath: codingPath, debugDescription: "expected \(what), found \(found)")
        )
    }

    private func failure(_ message: String, _ cause: (any Error)? = nil) -> DecodingError {
        .dataCorrupted(
            DecodingError.Context(codingPath: codingPath, debugDescription: message, underlyingError: cause)
        )
    }

    /// The node in a few words.
    private var found: String {
        switch node {
        case .mapping: return "keys and values"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            if scalar.isNull { return "nothing" }
            let text = scalar.string.count > 40 ? scalar.string.prefix(39) + "…" : scalar.string[...]
            return scalar.isQuoted ? "the text \(String(text).debugDescription)" : "\(text)"
        }
    }
}

/// An index of a list, as a coding key.
struct YAMLIndex: CodingKey {
    let index: Int
    var stringValue: String { String(index) }
    var intValue: Int? { index }
    init(_ index: Int) { self.index = index }
    init?(stringValue: String) { nil }
    init?(intValue: Int) { index = intValue }
}
