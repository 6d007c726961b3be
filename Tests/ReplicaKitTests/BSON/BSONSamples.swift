@testable import ReplicaKit

/// Valid documents that between them have every type at several depths, as seeds for tests.
enum BSONSamples {
    static let objectID = ObjectID(high: 0x57E1_93D7_A9CC_81B4, low: 0x0274_98B5)

    static let all: [BSONDocument] = [
        [:],
        ["ok": 1.0, "n": 3],
        ["a": 1, "b": .int64(2), "c": 2.5, "d": true, "e": nil],
        ["s": "héllo \u{1F600} w\0rld", "y": .symbol("sym"), "j": .javaScript("f()")],
        ["o": .objectID(objectID), "t": .timestamp(BSONTimestamp(seconds: 1_700_000_000, increment: 7))],
        [
            "d": .dateTime(BSONDateTime(milliseconds: 1_700_000_000_123)),
            "e": .dateTime(BSONDateTime(milliseconds: -1)),
        ],
        ["b": .binary(BSONBinary(bytes: [1, 2, 3])), "o": .binary(BSONBinary(subtype: .binaryOld, bytes: [9, 9]))],
        ["r": .regularExpression(BSONRegularExpression(pattern: "^a.*b$", options: "xi"))],
        ["p": .dbPointer(BSONDBPointer(namespace: "db.c", id: objectID)), "u": .undefined],
        ["w": .javaScriptWithScope(BSONCodeWithScope(code: "f()", scope: ["x": [1, ["y": 2]]]))],
        ["n": .decimal128(Decimal128(isNegative: true, coefficient: 12345, exponent: -2)), "m": .minKey, "M": .maxKey],
        ["a": [1, "two", 3.0, [4, [5, [:]]]], "d": ["e": ["f": ["g": [:]]]]],
        ["": "", "a": 1, "a": 2, "a.b": [], "é": ["": nil]],
        [
            "set": "rs0",
            "members": [["_id": 0, "host": "a:27017", "priority": 1.0], ["_id": 1, "arbiterOnly": true]],
            "settings": ["electionTimeoutMillis": .int64(10_000), "getLastErrorDefaults": ["w": 1, "wtimeout": 0]],
        ],
    ]

    /// A document in a document in a document …, as bytes that no program of ours would write.
    /// - Parameter depth: the number of documents, the outermost included.
    static func nested(_ depth: Int) -> [UInt8] {
        var head: [UInt8] = []
        for level in 0..<depth {
            // Each level adds its length, a type, an empty key and its terminator, and the innermost has no element.
            let length = UInt32(5 + 7 * (depth - 1 - level))
            head += (0..<4).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
            if level < depth - 1 {
                head += [0x03, 0]
            }
        }
        return head + Array(repeating: 0, count: depth)
    }
}
