/// The encoder that a type sees while it encodes itself.
struct BSONBoxEncoder: Encoder {
    let box: BSONEncodingBox
    let codingPath: [any CodingKey]
    let sendableUserInfo: [CodingUserInfoKey: any Sendable]

    var userInfo: [CodingUserInfoKey: Any] { sendableUserInfo }

    init(box: BSONEncodingBox, codingPath: [any CodingKey], userInfo: [CodingUserInfoKey: any Sendable]) {
        self.box = box
        self.codingPath = codingPath
        sendableUserInfo = userInfo
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        box.becomeDocument()
        return KeyedEncodingContainer(BSONKeyedEncodingContainer(encoder: self))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        box.becomeArray()
        return BSONUnkeyedEncodingContainer(encoder: self)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        BSONSingleValueEncodingContainer(encoder: self)
    }

    /// The encoder of a part of this value.
    func child(_ box: BSONEncodingBox, _ key: any CodingKey) -> BSONBoxEncoder {
        BSONBoxEncoder(box: box, codingPath: codingPath + [key], userInfo: sendableUserInfo)
    }

    func box(_ value: some Encodable, _ key: any CodingKey) throws -> BSONEncodingBox {
        try BSONEncodingBox(value, codingPath: codingPath + [key], userInfo: sendableUserInfo)
    }
}

// One generic method stands for all of the protocols' methods for single types.

struct BSONKeyedEncodingContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let encoder: BSONBoxEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil(forKey key: Key) throws {
        let box = BSONEncodingBox()
        box.setNull()
        encoder.box.put(box, forKey: try checked(key))
    }

    func encode<T: Encodable>(_ value: T, forKey key: Key) throws {
        encoder.box.put(try encoder.box(value, key), forKey: try checked(key))
    }

    func nestedContainer<NestedKey: CodingKey>(
        keyedBy type: NestedKey.Type,
        forKey key: Key
    ) -> KeyedEncodingContainer<NestedKey> {
        nested(key).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        nested(key).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        nested(BSONCodingKey("super"))
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        nested(key)
    }

    private func nested(_ key: any CodingKey) -> BSONBoxEncoder {
        let box = BSONEncodingBox()
        encoder.box.put(box, forKey: key.stringValue)
        return encoder.child(box, key)
    }

    private func checked(_ key: Key) throws -> String {
        guard !key.stringValue.utf8.contains(0) else {
            throw BSONEncodingBox.error(key.stringValue, "A key contains a NUL.", codingPath + [key])
        }
        return key.stringValue
    }
}

struct BSONUnkeyedEncodingContainer: UnkeyedEncodingContainer {
    let encoder: BSONBoxEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }
    var count: Int { encoder.box.children.count }

    func encodeNil() throws {
        let box = BSONEncodingBox()
        box.setNull()
        encoder.box.append(box)
    }

    func encode<T: Encodable>(_ value: T) throws {
        encoder.box.append(try encoder.box(value, BSONCodingKey(count)))
    }

    func nestedContainer<NestedKey: CodingKey>(keyedBy type: NestedKey.Type) -> KeyedEncodingContainer<NestedKey> {
        nested().container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        nested().unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        nested()
    }

    private func nested() -> BSONBoxEncoder {
        let key = BSONCodingKey(count)
        let box = BSONEncodingBox()
        encoder.box.append(box)
        return encoder.child(box, key)
    }
}

struct BSONSingleValueEncodingContainer: SingleValueEncodingContainer {
    let encoder: BSONBoxEncoder

    var codingPath: [any CodingKey] { encoder.codingPath }

    func encodeNil() throws {
        encoder.box.setNull()
    }

    func encode<T: Encodable>(_ value: T) throws {
        try encoder.box.set(value, codingPath: codingPath, userInfo: encoder.sendableUserInfo)
    }
}

/// A key of an array's element, or one that no type has declared.
struct BSONCodingKey: CodingKey {
    let stringValue: String
    let intValue: Int?

    init(_ text: String) {
        stringValue = text
        intValue = nil
    }

    init(_ index: Int) {
        stringValue = String(index)
        intValue = index
    }

    init?(stringValue: String) {
        self.init(stringValue)
    }

    init?(intValue: Int) {
        self.init(intValue)
    }
}
