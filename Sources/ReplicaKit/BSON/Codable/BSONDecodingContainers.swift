// One generic method stands for all of the protocols' methods for single types.

struct BSONKeyedDecodingContainer<Key: CodingKey>: KeyedDecodingContainerProtocol {
    private let decoder: BSONValueDecoder
    private var elements: [String: BSONElement] = [:]
    let allKeys: [Key]

    init(_ document: BSONDocument, decoder: BSONValueDecoder) throws {
        self.decoder = decoder
        var reader = document.reader()
        var keys: [Key] = []
        while let element = try decoder.read({ () throws(BSONError) in try reader.next() }) {
            let key = element.key
            guard elements[key] == nil else { continue }
            elements[key] = element
            if let key = Key(stringValue: key) {
                keys.append(key)
            }
        }
        allKeys = keys
    }

    var codingPath: [any CodingKey] { decoder.codingPath }

    func contains(_ key: Key) -> Bool {
        elements[key.stringValue] != nil
    }

    func decodeNil(forKey key: Key) throws -> Bool {
        try child(key).value.isNull
    }

    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try child(key).decode(type)
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) throws -> KeyedDecodingContainer<NestedKey> {
        try child(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try child(key).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        try child(BSONCodingKey("super"))
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        try child(key)
    }

    private func child(_ key: any CodingKey) throws -> BSONValueDecoder {
        guard let element = elements[key.stringValue] else {
            throw DecodingError.keyNotFound(key, decoder.context("There is no key \(key.stringValue)."))
        }
        return decoder.child(try decoder.read { () throws(BSONError) in try element.value() }, key)
    }
}

struct BSONUnkeyedDecodingContainer: UnkeyedDecodingContainer {
    private let decoder: BSONValueDecoder
    private var reader: BSONReader
    private var element: BSONElement?
    private(set) var currentIndex = 0
    let count: Int?

    init(_ array: BSONArray, decoder: BSONValueDecoder) throws {
        self.decoder = decoder
        count = array.count
        reader = array.document.reader()
        try advance()
        currentIndex = 0
    }

    var codingPath: [any CodingKey] { decoder.codingPath }
    var isAtEnd: Bool { element == nil }

    mutating func decodeNil() throws -> Bool {
        guard try current(BSONValue.self).value.isNull else { return false }
        try advance()
        return true
    }

    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let result = try current(type).decode(type)
        try advance()
        return result
    }

    mutating func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type
    ) throws -> KeyedDecodingContainer<NestedKey> {
        let container = try current(BSONDocument.self).container(keyedBy: type)
        try advance()
        return container
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        let container = try current(BSONArray.self).unkeyedContainer()
        try advance()
        return container
    }

    mutating func superDecoder() throws -> any Decoder {
        let child = try current(BSONValue.self)
        try advance()
        return child
    }

    private func current(_ type: any Any.Type) throws -> BSONValueDecoder {
        let key = BSONCodingKey(currentIndex)
        guard let element else {
            throw DecodingError.valueNotFound(
                type,
                DecodingError.Context(
                    codingPath: codingPath + [key],
                    debugDescription: "The array has no more than \(currentIndex) values."
                )
            )
        }
        return decoder.child(try decoder.read { () throws(BSONError) in try element.value() }, key)
    }

    private mutating func advance() throws {
        var reader = reader
        element = try decoder.read { () throws(BSONError) in try reader.next() }
        self.reader = reader
        currentIndex += 1
    }
}

struct BSONSingleValueDecodingContainer: SingleValueDecodingContainer {
    let decoder: BSONValueDecoder

    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool {
        decoder.value.isNull
    }

    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        try decoder.decode(type)
    }
}
