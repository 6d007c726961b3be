import Testing

@testable import ReplicaKit

@Suite("Checking BSON bytes")
struct BSONValidationTests {
    /// Bytes with a mistake, and what must be said about it.
    struct Mistake: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var hex: String
        var reason: BSONError.Reason
        var offset: Int
        var keyPath: [String] = []
    }

    static let mistakes = [
        Mistake(testDescription: "nothing", hex: "", reason: .truncated, offset: 0),
        Mistake(testDescription: "half a length", hex: "0500", reason: .truncated, offset: 0),
        Mistake(testDescription: "negative length", hex: "FFFFFFFF00", reason: .invalidLength, offset: 0),
        Mistake(testDescription: "smallest length", hex: "0000008000", reason: .invalidLength, offset: 0),
        Mistake(testDescription: "largest length", hex: "FFFFFF7F00", reason: .invalidLength, offset: 0),
        Mistake(testDescription: "no terminator", hex: "0500000001", reason: .missingTerminator, offset: 4),
        Mistake(testDescription: "bytes after the end", hex: "050000000000", reason: .trailingBytes, offset: 5),
        Mistake(testDescription: "unknown type", hex: "080000001461000000", reason: .trailingBytes, offset: 8),
        Mistake(testDescription: "type 0x14", hex: "0800000014610000", reason: .unknownType, offset: 4, keyPath: ["a"]),
        Mistake(
            testDescription: "early end",
            hex: "0600000000" + "00",
            reason: .invalidLength,
            offset: 4,
            keyPath: [""]
        ),
        Mistake(
            testDescription: "key without end",
            hex: "080000000A616100",
            reason: .missingTerminator,
            offset: 5,
            keyPath: ["aa"]
        ),
        Mistake(
            testDescription: "key that is not UTF-8",
            hex: "080000000AC30000",
            reason: .invalidUTF8,
            offset: 5,
            keyPath: ["\u{FFFD}"]
        ),
        Mistake(
            testDescription: "bool of 2",
            hex: "090000000861000200",
            reason: .invalidBoolean,
            offset: 7,
            keyPath: ["a"]
        ),
        Mistake(
            testDescription: "overlong UTF-8 in a nested string",
            hex: "1700000003610" + "00F0000000262000300000" + "0C08000" + "0000",
            reason: .invalidUTF8,
            offset: 18,
            keyPath: ["a", "b"]
        ),
        Mistake(
            testDescription: "binary longer than the document",
            hex: "0D0000000561000100000000" + "00",
            reason: .invalidLength,
            offset: 7,
            keyPath: ["a"]
        ),
        Mistake(
            testDescription: "old binary with a wrong inner length",
            hex: "1100000005610004000000020100000000",
            reason: .invalidBinary,
            offset: 7,
            keyPath: ["a"]
        ),
        Mistake(
            testDescription: "half an ObjectId",
            hex: "0E0000000761000102030405" + "0600",
            reason: .truncated,
            offset: 7,
            keyPath: ["a"]
        ),
        Mistake(
            testDescription: "code with scope that is longer than both",
            hex: "170000000F61000F000000010000000005000000000000",
            reason: .invalidLength,
            offset: 7,
            keyPath: ["a"]
        ),
    ]

    @Test("Mistakes are named, with their place", arguments: mistakes)
    func mistake(_ mistake: Mistake) throws {
        let bytes = try #require(Hexadecimal.bytes(of: mistake.hex.utf8))
        let error = #expect(throws: BSONError.self) { try BSONDocument(validating: bytes) }
        #expect(error?.reason == mistake.reason)
        #expect(error?.offset == mistake.offset)
        #expect(error?.keyPath == mistake.keyPath)
    }

    @Test("Offsets count from the start of the document, wherever it is stored")
    func slices() throws {
        let good: BSONDocument = ["a": ["b": true]]
        var bytes = [1, 2, 3] + good.bytes + [4]
        #expect(try BSONDocument(validating: bytes[3..<(bytes.count - 1)]) == good)
        bytes[3 + 14] = 7
        let error = #expect(throws: BSONError.self) { try BSONDocument(validating: bytes[3..<(bytes.count - 1)]) }
        #expect(error?.offset == 14)
        #expect(error?.keyPath == ["a", "b"])
        #expect(error?.description == "A boolean is neither 0 nor 1. (at a.b) (byte 14)")
    }

    @Test("Depth is limited", arguments: [1, 2, 3, 199, 200])
    func depth(depth: Int) throws {
        let bytes = BSONSamples.nested(depth)
        try BSONDocument(validating: bytes, depthLimit: depth).validate()
        let error = #expect(throws: BSONError.self) { try BSONDocument(validating: bytes, depthLimit: depth - 1) }
        #expect(error?.reason == .tooDeep)
        #expect(throws: BSONError.self) { try BSONDocument(validating: BSONSamples.nested(201)) }
    }

    @Test("No depth is too much for the stack")
    func extremeDepth() throws {
        let bytes = BSONSamples.nested(50_000)
        let error = #expect(throws: BSONError.self) { try BSONDocument(validating: bytes) }
        #expect(error?.reason == .tooDeep)
        let document = try BSONDocument(validating: bytes, depthLimit: .max)
        #expect(try document.canonicalized() == document)
        #expect(document.description.utf8.count == 50_000 * 2 + 49_999 * 3)
        #expect(document.hashValue == document.detached().hashValue)
    }

    @Test("Every truncation of a document is refused", arguments: BSONSamples.all)
    func truncation(document: BSONDocument) throws {
        for count in 0..<document.byteCount {
            var bytes = Array(document.bytes.prefix(count))
            #expect(throws: BSONError.self) { try BSONDocument(validating: bytes) }
            #expect(throws: BSONError.self) { try BSONDocument(framed: bytes) }
            guard count >= 5 else { continue }
            // With its frame repaired, the damage is in the last element.
            bytes.replaceSubrange(0..<4, with: [UInt8(truncatingIfNeeded: count), UInt8(count >> 8), 0, 0])
            bytes[count - 1] = 0
            let isValid = (try? BSONDocument(validating: bytes)) != nil
            let framed = try BSONDocument(framed: bytes)
            #expect(((try? walkLazily(framed)) != nil) == isValid)
            #expect(framed.count <= document.count)
        }
    }

    @Test("What is only framed reports its damage when it is reached")
    func lazyErrors() throws {
        var bytes = Array((["a": 1, "b": ["c": true], "d": 2] as BSONDocument).bytes)
        bytes[21] = 9
        let document = try BSONDocument(framed: bytes)
        #expect(try document.value(forKey: "a") == 1)
        let inner = try #require(document["b"]?.documentValue)
        #expect(inner["c"] == nil)
        let error = #expect(throws: BSONError.self) { try inner.value(forKey: "c") }
        #expect(error?.reason == .invalidBoolean)
        #expect(error?.keyPath == ["c"])
        #expect(document["d"] == 2)
        #expect(throws: BSONError.self) { try document.validate() }
        #expect(throws: BSONError.self) { try document.extendedJSON() }
        #expect(document.description.contains("malformed"))
    }

    @Test("A run of documents is taken apart")
    func run() throws {
        let documents: [BSONDocument] = [["a": 1], [:], ["b": "x"]]
        var bytes = documents.flatMap(\.bytes)[...]
        bytes.append(contentsOf: [20, 0, 0, 0, 1])
        for document in documents {
            #expect(try BSONDocument(takingFrom: &bytes) == document)
        }
        #expect(try BSONDocument(takingFrom: &bytes) == nil)
        #expect(bytes.count == 5)
        bytes = [1, 2]
        #expect(try BSONDocument(takingFrom: &bytes) == nil)
        bytes = [0xFF, 0xFF, 0xFF, 0xFF, 0]
        #expect(throws: BSONError.self) { try BSONDocument(takingFrom: &bytes) }
        bytes = [4, 0, 0, 0]
        #expect(throws: BSONError.self) { try BSONDocument(takingFrom: &bytes) }
    }

    /// Scalars at the edges of what each length of UTF-8 can encode, and bytes just outside of them.
    static let textBytes: [(bytes: [UInt8], isValid: Bool)] = [
        ([0x7F], true), ([0xC2, 0x80], true), ([0xDF, 0xBF], true), ([0xE0, 0xA0, 0x80], true),
        ([0xED, 0x9F, 0xBF], true), ([0xEE, 0x80, 0x80], true), ([0xEF, 0xBF, 0xBF], true),
        ([0xF0, 0x90, 0x80, 0x80], true), ([0xF4, 0x8F, 0xBF, 0xBF], true), ([0], true),
        ([0x80], false), ([0xBF], false), ([0xC0, 0x80], false), ([0xC1, 0xBF], false), ([0xC2], false),
        ([0xC2, 0x7F], false), ([0xC2, 0xC0], false), ([0xE0, 0x9F, 0xBF], false), ([0xE1, 0x80], false),
        ([0xED, 0xA0, 0x80], false), ([0xF0, 0x8F, 0xBF, 0xBF], false), ([0xF0, 0x90, 0x80], false),
        ([0xF4, 0x90, 0x80, 0x80], false), ([0xF5, 0x80, 0x80, 0x80], false), ([0xFF], false), ([0xFE], false),
        ([0xE1, 0x80, 0x7F], false), ([0xF1, 0x80, 0x80, 0xC0], false),
    ]

    @Test("UTF-8 is what Swift takes for UTF-8, at every place in a text", arguments: textBytes)
    func utf8(bytes: [UInt8], isValid: Bool) throws {
        for before in 0..<10 {
            for after in 0..<10 {
                let text =
                    Array(repeating: UInt8(ascii: "x"), count: before) + bytes + Array(repeating: 0x79, count: after)
                let span = text.span.bytes
                #expect((span.firstInvalidUTF8(from: 0, to: text.count) == nil) == isValid)
                #expect((String(validating: text, as: UTF8.self) != nil) == isValid)
                var document = Array((["k": .string(String(repeating: "z", count: text.count))] as BSONDocument).bytes)
                document.replaceSubrange(11..<(11 + text.count), with: text)
                #expect(((try? BSONDocument(validating: document)) != nil) == isValid)
                #expect(((try? BSONDocument(framed: document).value(forKey: "k")) != nil) == isValid)
            }
        }
    }
}
