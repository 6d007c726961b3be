import ReplicaKit
import Testing

@Suite("BSON documents")
struct BSONDocumentTests {
    @Test("A literal is written in the wire format, in order, with repeated keys")
    func literal() throws {
        let document: BSONDocument = ["a": 1, "b": "x", "a": nil]
        #expect(
            Array(document.bytes) == [
                0x18, 0, 0, 0, 0x10, 0x61, 0, 1, 0, 0, 0, 0x02, 0x62, 0, 2, 0, 0, 0, 0x78, 0, 0x0A, 0x61, 0, 0,
            ]
        )
        #expect(document.keys == ["a", "b", "a"])
        #expect(document["a"] == 1)
        #expect(try BSONDocument(validating: document.bytes) == document)
    }

    @Test("Lookups take the first match, and paths lead through documents and arrays")
    func lookups() throws {
        let document: BSONDocument = ["ok": 1.0, "members": [["host": "a:1", "ok": true], ["host": "b:2"]]]
        #expect(document["ok"]?.isTruthy == true)
        #expect(document[path: "members", "1", "host"] == "b:2")
        #expect(document[path: "members", "2", "host"] == nil)
        #expect(document[path: "ok", "x"] == nil)
        #expect(document["missing"] == nil)
        #expect(document.contains("members") && !document.contains("member"))
        #expect(document["members"]?.arrayValue?.count == 2)
        #expect(document.count == 2)
    }

    @Test("Editing replaces in place, appends and removes")
    func editing() {
        var document: BSONDocument = ["a": 1, "b": 2, "c": 3]
        document.set("two", for: "b")
        #expect(document == ["a": 1, "b": "two", "c": 3])
        document["d"] = [1, 2]
        #expect(document == ["a": 1, "b": "two", "c": 3, "d": [1, 2]])
        #expect(document.removeValue(forKey: "a") == 1)
        document["c"] = nil
        #expect(document == ["b": "two", "d": [1, 2]])
        document.append("b", 0)
        #expect(document.removing("b") == ["d": [1, 2]])
        #expect(document.setting(true, for: "b") == ["b": true, "d": [1, 2], "b": 0])
    }

    @Test("The writer nests documents and arrays, and copies encoded elements")
    func writer() throws {
        let source: BSONDocument = ["x": 1, "y": ["z": 2]]
        var writer = BSONWriter()
        writer.append("v", forKey: "s")
        writer.appendDocument(forKey: "d") { writer in
            writer.append(Int64(1), forKey: "l")
            writer.appendArray(forKey: "a") { writer in
                writer.append(true)
                writer.appendDocument { $0.append(2.5, forKey: "f") }
            }
        }
        var reader = source.reader()
        while let element = try reader.next() {
            writer.append(element)
            writer.append(element, forKey: "copy-\(element.key)")
        }
        writer.append(contentsOf: source)
        let document = writer.finish()
        #expect(
            document == [
                "s": "v", "d": ["l": .int64(1), "a": [true, ["f": 2.5]]],
                "x": 1, "copy-x": 1, "y": ["z": 2], "copy-y": ["z": 2], "x": 1, "y": ["z": 2],
            ]
        )
        try document.validate()
    }

    @Test("Every typed method of the writer writes its type")
    func typedWriting() throws {
        var writer = BSONWriter(continuing: ["first": 0])
        writer.append(1 << 40, forKey: "int")
        writer.append(7, forKey: "small")
        writer.append(Int32(7), forKey: "int32")
        writer.append(Int64(7), forKey: "int64")
        writer.append(false, forKey: "bool")
        writer.append(["x": 1] as BSONDocument, forKey: "document")
        writer.append([1] as BSONArray, forKey: "array")
        writer.append("loose")
        writer.appendArray { $0.appendArray { $0.append(1) } }
        writer.appendDocument { $0.append(nil, forKey: "n") }
        #expect(
            writer.finish() == [
                "first": 0, "int": .int64(1 << 40), "small": 7, "int32": 7, "int64": .int64(7), "bool": false,
                "document": ["x": 1], "array": [1], "0": "loose", "1": [[1]], "2": ["n": nil],
            ]
        )
    }

    @Test("Documents are equal when their bytes are, wherever they are stored")
    func equality() throws {
        let whole: BSONDocument = ["a": ["b": 1]]
        let part = try #require(whole["a"]?.documentValue)
        #expect(part == ["b": 1])
        #expect(part.bytes.startIndex > 0)
        #expect(part.detached() == part)
        #expect(part.detached().bytes.startIndex == 0)
        #expect(Set([part, part.detached(), whole]).count == 2)
        #expect((["a": 1, "b": 2] as BSONDocument) != ["b": 2, "a": 1])
        #expect((["a": 1] as BSONDocument) != ["a": .int64(1)])
        #expect(BSONDocument() == [:])
        #expect(BSONDocument().isEmpty)
    }

    @Test("A NUL in a key cannot end the key early")
    func embeddedNull() throws {
        let document: BSONDocument = ["a\0b": "c\0d"]
        try document.validate()
        #expect(document.keys == ["a\u{FFFD}b"])
        #expect(document["a\u{FFFD}b"] == "c\0d")
    }
}
