import ReplicaKit
import Testing

@Suite("Coding containers of BSON")
struct BSONCodingContainerTests {
    class Base: Codable {
        var a = 1
    }

    final class Derived: Base {
        var b = 2

        enum CodingKeys: CodingKey { case b, list }

        override init() { super.init() }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            b = try container.decode(Int.self, forKey: .b)
            var list = try container.nestedUnkeyedContainer(forKey: .list)
            #expect(try !list.decodeNil())
            #expect(list.count == 3)
            #expect(try list.decode(Int.self) == 1)
            #expect(throws: DecodingError.self) { try list.decode(String.self) }
            #expect(try list.decodeNil())
            #expect(try list.nestedContainer(keyedBy: CodingKeys.self).decode(Int.self, forKey: .b) == 3)
            #expect(list.isAtEnd)
            #expect(throws: DecodingError.self) { try list.decode(Int.self) }
            try super.init(from: container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try super.encode(to: container.superEncoder())
            try container.encode(0, forKey: .b)
            try list.encode(1)
            try list.encodeNil()
            // The first value of b was a mistake; the second takes its place.
            try container.encode(b, forKey: .b)
            var nested = list.nestedContainer(keyedBy: CodingKeys.self)
            try nested.encode(3, forKey: .b)
        }
    }

    @Test("Containers of one document may be filled in turns, and classes have their super")
    func containers() throws {
        let value = Derived()
        value.a = 5
        let document = try BSONEncoder().encode(value)
        #expect(document == ["list": [1, nil, ["b": 3]], "super": ["a": 5], "b": 2])
        let decoded = try BSONDecoder().decode(Derived.self, from: document)
        #expect((decoded.a, decoded.b) == (5, 2))
    }

    enum Keys: CodingKey { case a, b, c, missing }

    /// A type that uses what few types use.
    struct Odd: Codable {
        init() {}

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            #expect(container.allKeys.map(\.stringValue) == ["a", "b", "c"])
            #expect(container.contains(.a) && !container.contains(.missing))
            #expect(try container.decodeNil(forKey: .a))
            #expect(throws: DecodingError.self) { try container.decodeNil(forKey: .missing) }
            #expect(throws: DecodingError.self) { try container.superDecoder() }
            #expect(try container.nestedContainer(keyedBy: Keys.self, forKey: .b).decodeNil(forKey: .a))
            let text = try container.nestedContainer(keyedBy: Keys.self, forKey: .b).superDecoder(forKey: .c)
            #expect(try text.singleValueContainer().decode(String.self) == "super")
            var list = try container.nestedUnkeyedContainer(forKey: .c)
            var inner = try list.nestedUnkeyedContainer()
            #expect(try inner.decode(Int.self) == 1)
            #expect(inner.codingPath.map(\.stringValue) == ["c", "0"])
            let last = try list.superDecoder().singleValueContainer()
            #expect(last.decodeNil())
            #expect(last.codingPath.map(\.intValue) == [nil, 1])
            #expect(decoder.userInfo.isEmpty)
        }

        func encode(to encoder: any Encoder) throws {
            #expect(encoder.userInfo.isEmpty)
            var container = encoder.container(keyedBy: Keys.self)
            try container.encodeNil(forKey: .a)
            var nested = container.nestedContainer(keyedBy: Keys.self, forKey: .b)
            try nested.encodeNil(forKey: .a)
            var text = nested.superEncoder(forKey: .c).singleValueContainer()
            try text.encode("super")
            #expect(text.codingPath.map(\.stringValue) == ["b", "c"])
            var list = container.nestedUnkeyedContainer(forKey: .c)
            var inner = list.nestedUnkeyedContainer()
            try inner.encode(1)
            #expect(inner.count == 1)
            var last = list.superEncoder().singleValueContainer()
            try last.encodeNil()
            #expect(list.codingPath.map(\.stringValue) == ["c"])
        }
    }

    @Test("Nested containers write where they stand")
    func nested() throws {
        let document = try BSONEncoder().encode(Odd())
        #expect(document == ["a": nil, "b": ["a": nil, "c": "super"], "c": [[1], nil]])
        _ = try BSONDecoder().decode(Odd.self, from: document)
    }

    struct Empty: Codable, Equatable {}

    @Test("A type without properties is a document without keys")
    func empty() throws {
        #expect(try BSONEncoder().encode(Empty()) == [:])
        #expect(try BSONEncoder().encode(["e": Empty()]) == ["e": [:]])
        #expect(try BSONDecoder().decode(Empty.self, from: ["a": 1]) == Empty())
    }
}
