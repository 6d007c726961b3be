import ReplicaKit
import ReplicaKitBackup
import Testing

@Suite struct DocumentFramerTests {
    /// A document of `count` bytes, at least 5.
    static func document(_ count: Int, fill: UInt8 = 7) -> [UInt8] {
        let length = withUnsafeBytes(of: Int32(count).littleEndian) { Array($0) }
        return length + [UInt8](repeating: fill, count: count - 5) + [0]
    }

    private func batches(_ pieces: [[UInt8]], batchBytes: Int = 1 << 20) throws -> [DocumentBatch] {
        var framer = DocumentFramer(file: "orders.bson", batchBytes: batchBytes)
        var batches: [DocumentBatch] = []
        for piece in pieces {
            framer.push(piece)
            while let batch = try framer.next() { batches.append(batch) }
        }
        if let last = try framer.finish() { batches.append(last) }
        return batches
    }

    @Test func documentsComeBackWhereverTheyAreCut() throws {
        var random = SeededRandom(seed: 1)
        for _ in 0..<60 {
            let sizes = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                Int.random(in: 5...([5, 30, 900, 20_000].randomElement(using: &random) ?? 5), using: &random)
            }
            let documents = sizes.map { Self.document($0) }
            let limit = [1, 100, 5000, 1 << 20].randomElement(using: &random) ?? 1
            let pieces = Bytes.pieces(of: documents.flatMap { $0 }, &random)
            let found = try batches(pieces, batchBytes: limit)
            #expect(found.flatMap(\.bytes) == documents.flatMap { $0 })
            #expect(found.map(\.count).reduce(0, +) == documents.count)
            #expect(found.allSatisfy { $0.count == 1 || $0.bytes.count <= limit })
            #expect(found.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func theLargestDocumentIsTakenAndALargerOneIsNot() throws {
        let largest = Self.document(DocumentFramer.documentLimit)
        #expect(try batches([Self.document(5), largest, Self.document(6)]).map(\.count) == [1, 1, 1])
        let error = #expect(throws: ReplicaKitError.self) { try batches([Self.document(largest.count + 1)]) }
        #expect(error?.code == .backupDamaged)
    }

    @Test(arguments: [Int32.min, -1, 0, 4, Int32.max]) func anAbsurdLengthIsRefusedWhereItStands(_ length: Int32) {
        let prefix = withUnsafeBytes(of: length.littleEndian) { Array($0) }
        let error = #expect(throws: ReplicaKitError.self) {
            try batches([Self.document(40), Self.document(60) + prefix + [1, 2, 3]])
        }
        #expect(error?.code == .backupDamaged)
        #expect(error?.message.hasPrefix("orders.bson is damaged at byte 100 ") == true)
    }

    @Test func aMissingLastByteIsFound() {
        var document = Self.document(50)
        document[49] = 1
        let error = #expect(throws: ReplicaKitError.self) { try batches([Self.document(30) + document]) }
        #expect(error?.message.hasPrefix("orders.bson is damaged at byte 30 ") == true)
    }

    @Test func aCutIsFoundAtEveryByte() throws {
        let file = Self.document(20) + Self.document(9)
        for cut in 0..<file.count {
            if cut == 0 || cut == 20 {
                #expect(try batches([Array(file[..<cut])]).flatMap(\.bytes).count == cut)
            } else {
                let error = #expect(throws: ReplicaKitError.self) { try batches([Array(file[..<cut])]) }
                #expect(error?.message.contains("inside a document") == true)
            }
        }
    }
}
