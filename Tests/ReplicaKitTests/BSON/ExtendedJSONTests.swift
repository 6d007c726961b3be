import Testing

@testable import ReplicaKit

/// What the public corpus does not ask: places of mistakes, unusual spellings, numbers at the edges, printing.
@Suite("Extended JSON")
struct ExtendedJSONTests {
    @Test(
        "Values are read, also in a mixture of both formats",
        arguments: [
            ("1", .int32(1)), ("2147483648", .int64(2_147_483_648)), ("-9223372036854775808", .int64(.min)),
            ("9223372036854775808", .double(9_223_372_036_854_775_808)), ("1.0", .double(1)), ("1e2", .double(100)),
            ("{\"$numberInt\":\"-7\"}", .int32(-7)), ("{\"$numberLong\":\"7\"}", .int64(7)),
            ("{\"$numberDouble\":\"-1E+3\"}", .double(-1000)), ("{\"$numberDouble\":\"Infinity\"}", .double(.infinity)),
            ("{\"$date\":\"1970-01-01T00:00:01.5+00:00\"}", .dateTime(BSONDateTime(milliseconds: 1500))),
            (
                "{\"$binary\":{\"subType\":\"A\",\"base64\":\"AA==\"}}",
                .binary(BSONBinary(subtype: .init(rawValue: 10), bytes: [0]))
            ),
            (
                "{\"$scope\":{\"a\":1},\"$code\":\"f\"}",
                .javaScriptWithScope(BSONCodeWithScope(code: "f", scope: ["a": 1]))
            ),
            ("{\"$timestamp\":{\"i\":1,\"t\":4294967295}}", .timestamp(BSONTimestamp(seconds: .max, increment: 1))),
            ("{\"$foo\":1}", ["$foo": 1]), ("{\"$regex\":\"a\",\"$options\":\"i\"}", ["$regex": "a", "$options": "i"]),
            ("{\"$ref\":\"c\",\"$id\":1}", ["$ref": "c", "$id": 1]), ("[1,[2]]", [1, [2]]), ("\"x\"", "x"),
            ("null", nil),
            ("{\"a\":{\"$undefined\":true}}", ["a": .undefined]),
        ] as [(String, BSONValue)]
    )
    func values(text: String, value: BSONValue) throws {
        #expect(try BSONValue(extendedJSON: text) == value)
        #expect(try BSONValue(extendedJSON: value.extendedJSON(.canonical)) == value)
    }

    @Test(
        "Mistakes in wrappers are refused, with their place",
        arguments: [
            "{\"$numberInt\":\"2147483648\"}", "{\"$numberInt\":\"+1\"}", "{\"$numberInt\":\"\"}",
            "{\"$numberInt\":\"1.0\"}",
            "{\"$numberLong\":\"9223372036854775808\"}", "{\"$numberDouble\":\"inf\"}", "{\"$numberDouble\":\"0x1p3\"}",
            "{\"$numberDouble\":\"1e999\"}", "{\"$numberDouble\":\"\"}", "{\"$numberDecimal\":\"1e99999\"}",
            "{\"$oid\":\"57e193d7a9cc81b4027498b\"}", "{\"$date\":\"yesterday\"}",
            "{\"$date\":{\"$numberLong\":\"x\"}}",
            "{\"$date\":{\"$numberLong\":\"1\",\"x\":1}}", "{\"$binary\":{\"base64\":\"A\",\"subType\":\"00\"}}",
            "{\"$binary\":{\"base64\":\"\",\"subType\":\"\"}}", "{\"$binary\":{\"base64\":\"\",\"subType\":\"100\"}}",
            "{\"$timestamp\":{\"t\":-1,\"i\":0}}", "{\"$timestamp\":{\"t\":4294967296,\"i\":0}}",
            "{\"$timestamp\":{\"t\":1.0,\"i\":0}}", "{\"$timestamp\":{\"t\":1,\"t\":1}}", "{\"$minKey\":1.0}",
            "{\"$undefined\":false}", "{\"$symbol\":1}", "{\"$scope\":{}}", "{\"$code\":\"\",\"$code\":\"\"}",
            "{\"$dbPointer\":{\"$ref\":\"a\",\"$id\":\"57e193d7a9cc81b4027498b5\"}}", "{\"$uuid\":\"\"}",
            "{\"x\":1,\"$oid\":1}",
        ]
    )
    func mistakes(text: String) {
        let error = #expect(throws: BSONError.self) {
            try BSONDocument(extendedJSON: "{\"list\": [0, {\"k\": \(text)}]}")
        }
        #expect(error?.reason == .invalidExtendedJSON)
        #expect(error?.keyPath == ["list", "1", "k"])
        #expect(error?.offset == 19)
        #expect(throws: BSONError.self) { try BSONValue(extendedJSON: text) }
    }

    @Test("A number too large for a double, and a document that is none, are refused")
    func otherMistakes() {
        let error = #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: "{\"a\": [1e999]}") }
        #expect(error?.reason == .invalidValue)
        #expect(error?.keyPath == ["a", "0"])
        #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: "[]") }
        #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: "1") }
        let null = #expect(throws: BSONError.self) { try BSONDocument(extendedJSON: "{\"a\": {\"b\\u0000\": 1}}") }
        #expect(null?.reason == .embeddedNull)
        #expect(null?.keyPath == ["a", "b\0"])
        let value = #expect(throws: BSONError.self) { try BSONValue(extendedJSON: "[{\"$oid\": 1}]") }
        #expect(value?.keyPath == ["0"])
    }

    @Test("At the top level, a wrapper's key is a key")
    func topLevel() throws {
        #expect(try BSONDocument(extendedJSON: "{\"$oid\": 1, \"$code\": {}}") == ["$oid": 1, "$code": [:]])
    }

    @Test("Order and repetitions survive")
    func order() throws {
        let document: BSONDocument = ["z": 1, "a": 2, "z": ["b": 1, "a": 2]]
        #expect(document.description == "{\"z\":1,\"a\":2,\"z\":{\"b\":1,\"a\":2}}")
        #expect(try BSONDocument(extendedJSON: document.description) == document)
    }

    @Test("Pretty printing indents what is nested")
    func pretty() throws {
        let document: BSONDocument = [
            "id": .objectID(BSONSamples.objectID), "list": [1, [:]],
            "code": .javaScriptWithScope(BSONCodeWithScope(code: "f", scope: ["x": .int64(1)])),
        ]
        #expect(
            try document.extendedJSON(.canonical, pretty: true) == """
                {
                  "id": {
                    "$oid": "57e193d7a9cc81b4027498b5"
                  },
                  "list": [
                    {
                      "$numberInt": "1"
                    },
                    {}
                  ],
                  "code": {
                    "$code": "f",
                    "$scope": {
                      "x": {
                        "$numberLong": "1"
                      }
                    }
                  }
                }
                """
        )
    }

    @Test("Every sample survives the canonical format", arguments: BSONSamples.all)
    func samples(document: BSONDocument) throws {
        #expect(try BSONDocument(extendedJSON: document.extendedJSON(.canonical)) == document)
        #expect(try BSONDocument(extendedJSON: document.extendedJSON(.canonical, pretty: true)) == document)
        let relaxed = try document.extendedJSON(.relaxed)
        #expect(try BSONDocument(extendedJSON: relaxed).extendedJSON(.relaxed) == relaxed)
        #expect(document.description == relaxed)
    }

    @Test("Every double survives")
    func doubles() throws {
        var random = SeededGenerator(seed: 64)
        for _ in 0..<2000 {
            let value = Double(bitPattern: random.next())
            guard !value.isNaN else { continue }
            let document: BSONDocument = ["d": .double(value)]
            #expect(try BSONDocument(extendedJSON: document.extendedJSON(.canonical)) == document)
            #expect(try BSONDocument(extendedJSON: document.extendedJSON(.relaxed)) == document)
        }
    }

    @Test("Scopes may hold scopes")
    func scopes() throws {
        var value: BSONValue = 1
        for _ in 0..<50 {
            value = .javaScriptWithScope(BSONCodeWithScope(code: "c", scope: ["s": value]))
        }
        let document: BSONDocument = ["v": value]
        try document.validate()
        #expect(try BSONDocument(extendedJSON: document.extendedJSON(.canonical)) == document)
        #expect(try document.canonicalized() == document)
    }
}
