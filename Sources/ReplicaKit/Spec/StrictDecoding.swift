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
            let nearest = nearest(to: unknown.stringValue, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: codingPath + [unknown],
                    debugDescription: "unknown key \"\(unknown.stringValue)\"\(nearest); "
                        + "known here: \(known.joined(separator: ", "))"
                )
            )
        }
        return try container(keyedBy: keys)
    }
}

extension Decoder {
    /// The case of that name; the error lists those that there are.
    func name<Value: RawRepresentable & CaseIterable>(of what: String) throws -> Value where Value.RawValue == String {
        let name = try singleValueContainer().decode(String.self)
        if let value = Value(rawValue: name) { return value }
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw DecodingError.dataCorrupted(
            DecodingError.Context(
                codingPath: codingPath,
                debugDescription: "\"\(name)\" is no \(what); there are: \(known)"
            )
        )
    }
}

/// The candidate that a misspelt word most likely means, if any is near.
func nearest(to word: String, among candidates: [String]) -> String? {
    let distances = candidates.map { ($0, editDistance(word.lowercased(), $0.lowercased())) }
    guard let (best, distance) = distances.min(by: { $0.1 < $1.1 }) else { return nil }
    return distance <= max(1, min(word.count, best.count) / 3) ? best : nil
}

/// How many letters must be inserted, removed or replaced to turn one word into the other (Levenshtein).
private func editDistance(_ left: String, _ right: String) -> Int {
    // A key is short: what is longer than any is compared no further.
    let (left, right) = (Array(left.prefix(40)), Array(right.prefix(40)))
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in right.enumerated() {
            let replaced = diagonal + (letter == other ? 0 : 1)
            diagonal = row[j + 1]
            row[j + 1] = min(replaced, row[j] + 1, row[j + 1] + 1)
        }
    }
    return row[right.count]
}

extension KeyedDecodingContainer {
    /// The value of a key, or its default when the key is absent or null.
    func decode<Value: Decodable>(_ key: Key, default fallback: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? fallback
    }
}

extension KeyedEncodingContainer {
    /// Encodes a number as people write it: 1, not 1.0.
    mutating func encodeShortly(_ value: Double, forKey key: Key) throws {
        if let whole = Int(exactly: value) {
            try encode(whole, forKey: key)
        } else {
            try encode(value, forKey: key)
        }
    }

    /// Encodes a dictionary in the order of its keys, so that the same spec is always the same text.
    mutating func encodeSorted(_ value: [String: String], forKey key: Key) throws {
        var nested = nestedContainer(keyedBy: AnyCodingKey.self, forKey: key)
        for (name, text) in value.sorted(by: { $0.key < $1.key }) {
            try nested.encode(text, forKey: AnyCodingKey(stringValue: name))
        }
    }
}
