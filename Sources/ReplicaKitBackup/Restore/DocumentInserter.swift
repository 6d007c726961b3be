import ReplicaKit

/// Inserts documents as they are.
///
/// A server changes one thing in what it is given to insert: a zero timestamp at a document's top becomes the current
/// time. Such documents go another way.
struct DocumentInserter: Sendable {
    let connection: any MemberConnection
    let timeout: Duration

    /// Inserts a batch and says how many documents the server took.
    func insert(_ batch: DocumentBatch, into target: Namespace) async throws -> Int {
        guard Self.mayHoldZeroTimestamp(batch.bytes) else { return try await plainly(batch, target) }
        var plain = DocumentBatch(reservingCapacity: batch.bytes.count)
        var special: [BSONDocument] = []
        for document in try batch.documents() {
            if try Self.hasZeroTimestamp(document) { special.append(document) } else { plain.append(document) }
        }
        guard !special.isEmpty else { return try await plainly(batch, target) }
        let inserted = plain.isEmpty ? 0 : try await plainly(plain, target)
        for document in special { try await exactly(document, target) }
        return inserted + special.count
    }

    private func plainly(_ batch: DocumentBatch, _ target: Namespace) async throws -> Int {
        try await connection.insert(
            batch,
            into: target,
            options: InsertOptions(ordered: true, writeConcern: ["w": 1], bypassDocumentValidation: true),
            timeout: timeout
        )
    }

    /// By a pipeline that says the whole document, in which servers replace nothing.
    private func exactly(_ document: BSONDocument, _ target: Namespace) async throws {
        let update: BSONDocument = [
            "q": ["_id": document["_id"] ?? .null],
            "u": [["$replaceWith": ["$literal": .document(document)]]],
            "upsert": true,
        ]
        let command: BSONDocument = [
            "update": .string(target.collection), "updates": [.document(update)],
            "bypassDocumentValidation": true, "writeConcern": ["w": 1],
        ]
        _ = try await connection.run(command, on: target.database, timeout: timeout)
    }

    /// Whether there is a key's end with eight zero bytes behind it: nearly all batches are told apart by this alone.
    static func mayHoldZeroTimestamp(_ bytes: [UInt8]) -> Bool {
        let length = 9
        return bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            // From the run's end backwards: whatever is no zero ends every run that contains it.
            search: while start + length <= bytes.count {
                for index in stride(from: start + length - 1, through: start, by: -1) where bytes[index] != 0 {
                    start = index + 1
                    continue search
                }
                return true
            }
            return false
        }
    }

    static func hasZeroTimestamp(_ document: BSONDocument) throws(BSONError) -> Bool {
        var reader = document.reader()
        while let element = try reader.next() {
            if element.type == .timestamp, element.valueBytes.allSatisfy({ $0 == 0 }) { return true }
        }
        return false
    }
}
