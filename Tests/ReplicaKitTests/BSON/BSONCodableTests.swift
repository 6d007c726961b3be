import Foundation
import ReplicaKit
import Testing

@Suite("BSON and Codable")
struct BSONCodableTests {
    struct Everything: Codable, Equatable {
        var text = "é"
        var flag = true
        var small = 1
        var large = 1 << 40
        var wide: Int64 = 1
        var unsigned: UInt32 = .max
        var byte: UInt8 = 255
        var number = 1.5
        var single: Float = 0.25
        var date = Date(timeIntervalSince1970: 1.5)
        var data = Data([1, 2])
        var uuid = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))
        var url = URL(string: "https://example.com/a?b")
        var decimal = Decimal(12345) / 100
        var id = BSONSamples.objectID
        var time = BSONTimestamp(seconds: 1, increment: 2)
        var dateTime = BSONDateTime(milliseconds: -7)
        var exact = Decimal128("1.50")
        var binary = BSONBinary(subtype: .md5, bytes: [7])
        var pattern = BSONRegularExpression(pattern: "a", options: "i")
        var document: BSONDocument = ["x": .int64(1), "x": .minKey]
        var list: BSONArray = [1, nil, "a"]
        var value: BSONValue = .timestamp(BSONTimestamp(seconds: 3, increment: 4))
        var none: Int?
        var some: Int? = 2
        var ints = [1, 2]
        var nested = ["k": [["z": 1]]]
    }

    @Test("Every type goes in as its own, and comes back")
    func everything() throws {
        let value = Everything()
        let document = try BSONEncoder().encode(value)
        try document.validate()
        let expected: [(String, BSONType)] = [
            ("text", .string), ("flag", .bool), ("small", .int32), ("large", .int64), ("wide", .int64),
            ("unsigned", .int64),
            ("byte", .int32), ("number", .double), ("single", .double), ("date", .dateTime), ("data", .binary),
            ("uuid", .binary), ("url", .string), ("decimal", .decimal128), ("id", .objectID), ("time", .timestamp),
            ("dateTime", .dateTime), ("exact", .decimal128), ("binary", .binary), ("pattern", .regularExpression),
            ("document", .document), ("list", .array), ("value", .timestamp), ("some", .int32), ("ints", .array),
            ("nested", .document),
        ]
        #expect(document.keys == expected.map(\.0))
        for (key, type) in expected {
            #expect(document[key]?.type == type, "\(key)")
        }
        #expect(document["uuid"]?.binaryValue?.subtype == .uuid)
        #expect(document["document"] == ["x": .int64(1), "x": .minKey])
        #expect(try BSONDecoder().decode(Everything.self, from: document) == value)
    }

    @Test("BSON's own types survive other encoders too")
    func otherEncoders() throws {
        let value = Everything()
        let json = try JSONEncoder().encode(value)
        #expect(try JSONDecoder().decode(Everything.self, from: json) == value)
        let object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        #expect(object["id"] as? String == "57e193d7a9cc81b4027498b5")
        #expect(object["time"] as? [String: Int] == ["t": 1, "i": 2])
        #expect(object["exact"] as? String == "1.50")
        #expect(object["dateTime"] as? String == "1969-12-31T23:59:59.993Z")
        #expect(object["document"] as? String == "{\"x\":{\"$numberLong\":\"1\"},\"x\":{\"$minKey\":1}}")
        #expect(throws: DecodingError.self) { try JSONDecoder().decode([ObjectID].self, from: Data("[\"x\"]".utf8)) }
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode([BSONDocument].self, from: Data("[\"{\"]".utf8))
        }
    }

    /// A type that forwards its coding to one of BSON's types.
    struct Wrapper: Codable, Equatable {
        var document: BSONDocument
        var time: BSONTimestamp { BSONTimestamp(seconds: 1, increment: 1) }

        init(_ document: BSONDocument) {
            self.document = document
        }

        init(from decoder: any Decoder) throws {
            document = try BSONDocument(from: decoder)
        }

        func encode(to encoder: any Encoder) throws {
            try document.encode(to: encoder)
        }
    }

    @Test("Forwarding keeps BSON's types")
    func forwarding() throws {
        let value = ["w": Wrapper(["a": 1])]
        let document = try BSONEncoder().encode(value)
        #expect(document == ["w": ["a": 1]])
        #expect(try BSONDecoder().decode([String: Wrapper].self, from: document) == value)
        #expect(try BSONEncoder().encode(Wrapper(["a": 1])) == ["a": 1])
    }

    @Test("Numbers are read from whatever type the server chose")
    func numbers() throws {
        struct Reply: Codable, Equatable {
            var n: Int
            var x: Double
        }
        for document in [["n": 3, "x": 2], ["n": 3.0, "x": .int64(2)], ["n": .int64(3), "x": 2.0]] as [BSONDocument] {
            #expect(try BSONDecoder().decode(Reply.self, from: document) == Reply(n: 3, x: 2))
        }
    }

    struct Member: Codable, Equatable {
        var host: String
        var votes: UInt8?
    }

    struct Config: Codable, Equatable {
        var members: [Member]
    }

    @Test(
        "Errors say what was found, and where",
        arguments: [
            (
                ["members": [["host": "a"], ["host": 1]]], ["members", "1", "host"],
                "Expected a value for String, found int."
            ),
            (["members": [["votes": 1]]], ["members", "0"], "There is no key host."),
            (["members": 1], ["members"], "Expected an array, found int."),
            (["members": [1]], ["members", "0"], "Expected a document, found int."),
            (["members": nil], ["members"], "Expected an array, found null."),
            (
                ["members": [["host": "a", "votes": 256]]], ["members", "0", "votes"],
                "The number 256 does not fit the type UInt8."
            ),
            (
                ["members": [["host": "a", "votes": 1.5]]], ["members", "0", "votes"],
                "The number 1.5 does not fit the type UInt8."
            ),
        ] as [(BSONDocument, [String], String)]
    )
    func errors(document: BSONDocument, path: [String], message: String) throws {
        let error = #expect(throws: DecodingError.self) { try BSONDecoder().decode(Config.self, from: document) }
        let context = try #require(error?.context)
        #expect(context.codingPath.map(\.stringValue) == path)
        #expect(context.debugDescription == message)
    }

    @Test("Malformed bytes are reported as such")
    func malformed() throws {
        var bytes = Array(try BSONEncoder().encode(Config(members: [Member(host: "abc")])).bytes)
        let position = try #require(bytes.lastIndex(of: UInt8(ascii: "c")))
        bytes[position + 1] = 1
        let error = #expect(throws: DecodingError.self) {
            try BSONDecoder().decode(Config.self, from: BSONDocument(framed: bytes))
        }
        #expect(error?.context?.codingPath.map(\.stringValue) == ["members", "0"])
        #expect((error?.context?.underlyingError as? BSONError)?.reason == .missingTerminator)
    }

    indirect enum Chain: Codable {
        case end
        case link(Chain)
    }

    struct Node: Codable {
        var next: [Node]?
    }

    @Test("Depth is limited in both directions")
    func depth() throws {
        let deep = try BSONDocument(framed: BSONSamples.nested(5000))
        struct Level: Decodable {
            var next: [String: Level] = [:]
            init(from decoder: any Decoder) throws {
                next = try [String: Level](from: decoder)
            }
        }
        #expect(throws: DecodingError.self) { try BSONDecoder().decode(Level.self, from: deep) }
        var node = Node()
        for _ in 0..<150 {
            node = Node(next: [node])
        }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(node) }
    }

    @Test("What BSON cannot hold is refused")
    func refusals() {
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(["n": UInt64.max]) }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(["a\0": 1]) }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode([1, 2]) }
        #expect(throws: EncodingError.self) { try BSONEncoder().encode(1) }
        #expect(throws: (any Error).self) {
            try BSONEncoder().encode(["r": BSONRegularExpression(pattern: "\0")])
        }
    }

    @Test("Values that are no documents have methods of their own")
    func values() throws {
        #expect(try BSONEncoder().encodeValue([1, 2]) == [1, 2])
        #expect(try BSONEncoder().encodeValue("x") == "x")
        #expect(try BSONEncoder().encodeValue(Int?.none) == nil)
        #expect(try BSONDecoder().decodeValue([Int].self, from: [1, 2.0]) == [1, 2])
        #expect(try BSONDecoder().decodeValue([Int?].self, from: [1, nil, .undefined]) == [1, nil, nil])
        #expect(try BSONDecoder().decode([String: Int].self, from: ["a": 1, "a": 2]) == ["a": 1])
    }
}

extension DecodingError {
    fileprivate var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }
}
