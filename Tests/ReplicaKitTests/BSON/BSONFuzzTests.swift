import Testing

@testable import ReplicaKit

/// Damaged documents and damaged text.
///
/// Each test case is named by its seed, so a failure says how to repeat it. The loops yield now and then: they run for
/// seconds beside tests that wait for something.
@Suite("Hostile BSON")
struct BSONFuzzTests {
    private static let seeds: [UInt64] = (1...16).map { 0x5EED_0000 + $0 }
    private static let documentsPerSeed = 20_000
    private static let textsPerSeed = 2500

    @Test("Damaged documents are refused, or behave as documents do", arguments: seeds)
    func damagedDocuments(seed: UInt64) async throws {
        var mutator = BSONMutator(seeds: BSONSamples.all.map { Array($0.bytes) }, random: SeededGenerator(seed: seed))
        var valid = 0
        for number in 0..<Self.documentsPerSeed {
            if number.isMultiple(of: 100) { await Task.yield() }
            let bytes = mutator.next()
            let isReadable = readLazily(bytes, number)
            guard let document = try? BSONDocument(validating: bytes) else {
                guard isReadable else { continue }
                Issue.record("Seed \(seed), mutation \(number): refused, yet readable: \(Hexadecimal.text(of: bytes))")
                return
            }
            valid += 1
            guard isReadable, try behaves(document) else {
                Issue.record("Seed \(seed), mutation \(number): accepted, yet broken: \(Hexadecimal.text(of: bytes))")
                return
            }
        }
        // Too few would mean that only the first checks were exercised.
        #expect(valid > Self.documentsPerSeed / 20)
        #expect(valid < Self.documentsPerSeed / 2)
    }

    @Test("Damaged Extended JSON is refused, or makes a document", arguments: seeds)
    func damagedText(seed: UInt64) async throws {
        let texts = try BSONSamples.all.flatMap { document in
            try ExtendedJSONFormat.allCases.map { Array(try document.extendedJSON($0).utf8) }
        }
        var mutator = TextMutator(seeds: texts, random: SeededGenerator(seed: seed))
        var valid = 0
        for number in 0..<Self.textsPerSeed {
            if number.isMultiple(of: 100) { await Task.yield() }
            let text = mutator.next()
            guard let document = try? BSONDocument(extendedJSON: text) else { continue }
            valid += 1
            guard (try? document.validate()) != nil, try reads(document, from: document.extendedJSON(.canonical)) else {
                Issue.record("Seed \(seed), mutation \(number): \(String(decoding: text, as: UTF8.self))")
                return
            }
        }
        #expect(valid > Self.textsPerSeed / 50)
    }

    /// Whether bytes that are only framed can be read to the end.
    ///
    /// The accessors that cannot throw must stand any bytes: each mutation meets one of them.
    private func readLazily(_ bytes: [UInt8], _ number: Int) -> Bool {
        guard let document = try? BSONDocument(framed: bytes) else { return false }
        switch number % 8 {
        case 0: _ = document.keys.last.map { document[$0] }
        case 1: _ = document.count
        case 2: _ = document[path: "a", "0"]
        case 3: _ = document.map(\.value)
        case 4: _ = document.setting(1, for: "a")
        case 5: _ = document.removing("a")
        case 6: _ = document.description
        default: _ = try? document.canonicalized()
        }
        return (try? walkLazily(document)) != nil
    }

    /// Whether a validated document can be walked, written again, and printed and read as Extended JSON.
    private func behaves(_ document: BSONDocument) throws -> Bool {
        var writer = BSONWriter()
        var reader = document.reader()
        while let element = try reader.next() {
            writer.append(element)
        }
        let canonical = try document.canonicalized()
        let text = try document.extendedJSON(.canonical)
        return writer.finish() == document && reencoded(canonical) == canonical && reads(canonical, from: text)
    }

    /// Whether Extended JSON means the document, as far as it can.
    private func reads(_ document: BSONDocument, from text: String) -> Bool {
        let result = Result { try BSONDocument(extendedJSON: text) }
        // Extended JSON has no way to write a key like $oid that is not meant to be special.
        if (try? hasDollarKey(document)) != false { return true }
        guard case .success(let parsed) = result else { return false }
        // All NaNs look the same, and so do all the ways to write a decimal number that is not canonical.
        let isLossy = text.contains("\"NaN\"") || text.contains("$numberDecimal")
        return parsed == document || isLossy && (try? parsed.extendedJSON(.canonical)) == text
    }
}

/// Damages JSON text.
private struct TextMutator {
    private static let pieces = [
        "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u0000", "\\ud800", "\\ud83d\\ude00", "$oid", "$date", "$scope",
        "\"$code\":\"\",", "-", "e", "E+", ".", "0", "99999999999999999999", "1e999", "null", "true", " ", "\n",
        "\u{1}",
    ].map { Array($0.utf8) }

    let seeds: [[UInt8]]
    var random: SeededGenerator

    mutating func next() -> [UInt8] {
        var text = random.pick(seeds) ?? []
        for _ in 0...random.below(2) where !text.isEmpty {
            let position = random.below(text.count)
            switch random.below(5) {
            case 0: text.removeSubrange(position..<min(text.count, position + 1 + random.below(4)))
            case 1: text.removeLast(text.count - position)
            case 2: text[position] = UInt8(truncatingIfNeeded: random.next())
            case 3: text.insert(contentsOf: text.dropFirst(random.below(text.count)).prefix(8), at: position)
            default: text.insert(contentsOf: random.pick(Self.pieces) ?? [], at: position)
            }
        }
        return text
    }
}
