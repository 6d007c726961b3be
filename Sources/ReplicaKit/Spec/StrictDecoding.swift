/// A key that can be any text: it sees the keys that a type does not know.
struct AnyCodingKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// A keyed container that has no other keys than `Key` lists.
    ///
    /// The error's coding path ends in the unknown key, so that a reader of YAML can point at its line.
    func strictContainer<Key: CodingKey & CaseIterable & RawRepresentable>(
        _ keys: Key.Type
    ) throws -> KeyedDecodingContainer<Key> where Key.RawValue == String {
        let known = keys.allCases.map(\.rawValue)
        let present = try container(keyedBy: AnyCodingKey.self)
        if let unknown = present.allKeys.first(where: { !known.contains($0.stringValue) }) {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: codingPath + [unknown],
                    debugDescription:
                        "unknown key \"\(unknown.stringValue)\"; known here: \(known.joined(separator: ", "))"
                )
            )
        }
        return try container(keyedBy: keys)
    }
}

extension KeyedDecodingContainer {
    /// The value of a key, or its default when the key is absent or null.
    func decode<Value: Decodable>(_ key: Key, default fallback: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? fallback
    }
}
