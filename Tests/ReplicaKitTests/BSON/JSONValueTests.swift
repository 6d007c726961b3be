import Testing

@testable import ReplicaKit

@Suite("JSON text")
struct JSONValueTests {
    @Test(
        "Valid text is read, and printed without spaces",
        arguments: [
            ("null", "null"), (" true ", "true"), ("\n\tfalse\r", "false"), ("0", "0"), ("-0", "-0"),
            ("12.50", "12.50"),
            ("1e5", "1e5"), ("-1.5E-07", "-1.5E-07"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("\"\"", "\"\""), ("\"a\\/b\"", "\"a/b\""), ("\"\\u00e9\\u2606\"", "\"é☆\""),
            ("\"\\ud83d\\ude00\"", "\"\u{1F600}\""),
            ("\"\\u0000\\b\\f\\n\\r\\t\\\"\\\\\"", "\"\\u0000\\b\\f\\n\\r\\t\\\"\\\\\""),
            ("\"\u{7F}\"", "\"\u{7F}\""), ("[]", "[]"), ("[ ]", "[]"), ("{ }", "{}"), ("[1 , [ ] , { }]", "[1,[],{}]"),
            ("{\"b\": 1, \"a\": [2, {\"c\": null}], \"b\": 3}", "{\"b\":1,\"a\":[2,{\"c\":null}],\"b\":3}"),
            ("{\"\\u0061\" :1}", "{\"a\":1}"),
        ]
    )
    func valid(text: String, printed: String) throws {
        let value = try JSONValue(parsing: text)
        #expect(value.text() == printed)
        #expect(try JSONValue(parsing: value.text(pretty: true)) == value)
    }

    @Test(
        "Anything else is refused, with its place",
        arguments: [
            ("", 0), (" ", 1), ("nul", 0), ("nulll", 4), ("True", 0), ("01", 1), ("-", 1), ("+1", 0), (".5", 0),
            ("1.", 2),
            ("1.e5", 2), ("1e", 2), ("1e+", 3), ("NaN", 0), ("0x10", 1), ("'a'", 0), ("\"", 1), ("\"a", 2),
            ("\"\u{1}\"", 1), ("\"\n\"", 1), ("\"\\x\"", 2), ("\"\\u12\"", 5), ("\"\\u12g4\"", 5), ("\"\\ud800\"", 1),
            ("\"\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1), ("\"\\ud800x\"", 1), ("[", 1), ("[1", 2), ("[1,", 3),
            ("[1,]", 3),
            ("[1 2]", 3), ("[,1]", 1), ("]", 0), ("{", 1), ("{\"a\"", 4), ("{\"a\":", 5), ("{\"a\":1", 6),
            ("{\"a\":1,}", 7),
            ("{\"a\" 1}", 5), ("{a:1}", 1), ("{1:1}", 1), ("{\"a\":1 \"b\":2}", 7), ("[1}", 2), ("{\"a\":1]", 6),
            ("1 2", 2), ("[] []", 3), ("\u{FEFF}1", 0), ("// x", 0), ("\u{A0}1", 0),
        ]
    )
    func invalid(text: String, offset: Int) {
        let error = #expect(throws: BSONError.self) { try JSONValue(parsing: text) }
        #expect(error?.reason == .invalidJSON)
        #expect(error?.offset == offset)
    }

    @Test("Errors say where they are in keys too")
    func keyPath() {
        let error = #expect(throws: BSONError.self) { try JSONValue(parsing: "{\"a\": [0, {\"b\": tru}]}") }
        #expect(error?.keyPath == ["a", "1", "b"])
        #expect(error?.offset == 16)
    }

    @Test("Depth is limited, and no depth is too much for the stack", arguments: ["[", "{\"a\":"])
    func depth(opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func text(_ depth: Int, _ inner: String) -> String {
            String(repeating: opening, count: depth) + inner + String(repeating: closing, count: depth)
        }
        let value = try JSONValue(parsing: text(200, "1"))
        #expect(value.text() == text(200, "1"))
        for (depth, limit) in [(201, 200), (3, 2), (1, 0), (1001, Int.max), (1_000_000, Int.max)] {
            let error = #expect(throws: BSONError.self) { try JSONValue(parsing: text(depth, "1"), depthLimit: limit) }
            #expect(error?.reason == .tooDeep)
        }
        #expect(try JSONValue(parsing: text(1000, "1"), depthLimit: .max).text() == text(1000, "1"))
    }

    @Test("Bytes that are not UTF-8 are refused")
    func invalidUTF8() {
        var parser = JSONParser([0x22, 0x61, 0xC3, 0x22], depthLimit: 1)
        let error = #expect(throws: BSONError.self) { try parser.parse() }
        #expect(error?.reason == .invalidUTF8)
    }

    @Test("Literals print in the order written")
    func literals() {
        let value: JSONValue = [
            "set": "rs0", "n": 3, "lag": 1.5, "ok": true, "none": nil, "list": ["a", 2], "empty": [:], "no": [],
        ]
        #expect(
            value.text(pretty: true) == """
                {
                  "set": "rs0",
                  "n": 3,
                  "lag": 1.5,
                  "ok": true,
                  "none": null,
                  "list": [
                    "a",
                    2
                  ],
                  "empty": {},
                  "no": []
                }
                """
        )
        #expect(value["list"] == ["a", 2])
        #expect(value["missing"] == nil)
        #expect(value.description.hasPrefix("{\"set\":\"rs0\",\"n\":3,"))
        #expect(JSONValue(Double.nan) == nil)
        #expect(JSONValue(UInt64.max).text() == "18446744073709551615")
        #expect(JSONValue(1e20).text() == "1E+20")
        #expect(JSONValue(nil as String?) == nil)
    }

    @Test("Objects are edited in place")
    func objects() {
        var object: JSONObject = ["a": 1, "b": 2, "a": 3]
        object["b"] = "two"
        object["c"] = []
        #expect(object == ["a": 1, "b": "two", "a": 3, "c": []])
        object["a"] = nil
        #expect(object == ["b": "two", "c": []])
        #expect(Set([object, object]).count == 1)
    }

    @Test(
        "Base64 is written and read with its padding",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ]
    )
    func base64(plain: String, encoded: String) {
        #expect(Base64.text(of: plain.utf8) == encoded)
        #expect(Base64.bytes(of: encoded) == Array(plain.utf8))
    }

    @Test(
        "Other Base64 is refused",
        arguments: ["Z", "Zg", "Zg=", "Zg===", "====", "Zm9v=", "Zm 9", "Zm9-", "Zg==Zg==", "=Zg="]
    )
    func badBase64(text: String) {
        #expect(Base64.bytes(of: text) == nil)
    }
}
