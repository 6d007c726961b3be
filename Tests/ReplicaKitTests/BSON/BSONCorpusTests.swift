import ReplicaKit
import Testing

/// Every case of the public corpus, by the rules of its specification, without exceptions.
@Suite("The public BSON corpus")
struct BSONCorpusTests {
    @Test("It is there, and whole")
    func presence() throws {
        let files = try BSONCorpus.load()
        let valid = files.map(\.valid.count).reduce(0, +)
        let decodeErrors = files.map(\.decodeErrors.count).reduce(0, +)
        let parseErrors = files.map(\.parseErrors.count).reduce(0, +)
        // Lower bounds: the corpus grows, and a truncated one would prove little.
        #expect(files.count >= 31)
        #expect(valid >= 700)
        #expect(decodeErrors >= 70)
        #expect(parseErrors >= 170)
    }

    @Test("Valid documents survive every conversion")
    func valid() throws {
        for file in try BSONCorpus.load() {
            for example in file.valid {
                let title: Comment = "\(file.name): \(example.description)"
                let bytes = try #require(example.bytes("canonical_bson"), title)
                let canonical = try #require(example["canonical_extjson"], title)
                let document = try BSONDocument(validating: bytes)

                #expect(reencoded(document) == document, title)
                #expect(try document.canonicalized() == document, title)
                try expectSameJSON(try document.extendedJSON(.canonical), canonical, title)
                try check(canonical, readsAs: document, unless: example.isLossy, printing: canonical, title)

                if let relaxed = example["relaxed_extjson"] {
                    try expectSameJSON(try document.extendedJSON(.relaxed), relaxed, title)
                    try expectSameJSON(try BSONDocument(extendedJSON: relaxed).extendedJSON(.relaxed), relaxed, title)
                }
                if let degenerate = example.bytes("degenerate_bson") {
                    let parsed = try BSONDocument(validating: degenerate)
                    #expect(try parsed.canonicalized() == document, title)
                    try expectSameJSON(try parsed.extendedJSON(.canonical), canonical, title)
                    if let relaxed = example["relaxed_extjson"] {
                        try expectSameJSON(try parsed.extendedJSON(.relaxed), relaxed, title)
                    }
                }
                if let degenerate = example["degenerate_extjson"] {
                    try check(degenerate, readsAs: document, unless: example.isLossy, printing: canonical, title)
                }
                if let converted = example.bytes("converted_bson") {
                    let text = try #require(example["converted_extjson"], title)
                    let document = try BSONDocument(validating: converted)
                    #expect(reencoded(document) == document, title)
                    try expectSameJSON(try document.extendedJSON(.canonical), text, title)
                    try check(text, readsAs: document, unless: example.isLossy, printing: text, title)
                }
            }
        }
    }

    @Test("Malformed bytes are refused")
    func decodeErrors() throws {
        for file in try BSONCorpus.load() {
            for example in file.decodeErrors {
                let title: Comment = "\(file.name): \(example.description)"
                let bytes = try #require(example.bytes("bson"), title)
                #expect(throws: BSONError.self, title) { try BSONDocument(validating: bytes) }
                // What is only framed must notice as it is read.
                #expect(throws: BSONError.self, title) { try walkLazily(try BSONDocument(framed: bytes)) }
            }
        }
    }

    @Test("Text that cannot be parsed is refused")
    func parseErrors() throws {
        for file in try BSONCorpus.load() {
            for example in file.parseErrors {
                let title: Comment = "\(file.name): \(example.description)"
                let text = try #require(example["string"], title)
                if file.bsonType == "0x13" {
                    #expect(Decimal128(text) == nil, title)
                } else {
                    #expect(throws: Never.self, title) { try JSONValue(parsing: text) }
                    let error = #expect(throws: BSONError.self, title) { try BSONDocument(extendedJSON: text) }
                    #expect(error?.reason != .invalidJSON, title)
                    #expect(error?.keyPath.isEmpty == false, title)
                }
            }
        }
    }

    /// Reads Extended JSON, and prints it again.
    private func check(
        _ text: String,
        readsAs document: BSONDocument,
        unless isLossy: Bool,
        printing canonical: String,
        _ title: Comment
    ) throws {
        let parsed = try BSONDocument(extendedJSON: text)
        #expect(isLossy || parsed == document, title)
        try expectSameJSON(try parsed.extendedJSON(.canonical), canonical, title)
    }

    /// Compares what JSON says, with the order of keys and the text of numbers, but without spaces and escapes.
    private func expectSameJSON(_ left: String, _ right: String, _ title: Comment) throws {
        #expect(try JSONValue(parsing: left) == JSONValue(parsing: right), title)
    }
}
