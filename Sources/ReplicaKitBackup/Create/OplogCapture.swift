import ReplicaKit

/// Reads a member's oplog from a place on and writes it to a file of the backup, while collections are read.
struct OplogCapture {
    /// Where it begins: this entry must be there, or the oplog has rolled over.
    let start: BSONTimestamp
    /// The backup's own beginning: a rename behind it is one that a copy can have missed.
    let cut: BSONTimestamp
    let timeout: Duration

    /// Copies entries until one is at or behind the end, which becomes known meanwhile; a few may be behind it.
    ///
    /// - Returns: The first rename behind the cut, if there is one.
    /// - Throws: ``ReplicaKitError/Code/oplogGap`` when the member has the first entry no longer.
    func run(
        on connection: any MemberConnection,
        to file: DumpFileWriter,
        through end: @Sendable () async -> BSONTimestamp?
    ) async throws -> String? {
        let command: BSONDocument = [
            "find": "oplog.rs", "filter": ["ts": ["$gte": .timestamp(start)]],
            "tailable": true, "awaitData": true, "noCursorTimeout": true,
            "readConcern": ["level": "local"],
        ]
        let cursor = try await connection.cursor(command, on: "local", timeout: timeout)
        var last: BSONTimestamp?
        while true {
            if let end = await end(), let last, last >= end { return nil }
            guard let batch = try await cursor.nextBatch() else {
                throw ReplicaKitError(
                    .oplogGap,
                    "the oplog's cursor ended while the backup was being made",
                    member: connection.address,
                    hint: "Make the oplog larger, or the backup in a quieter time."
                )
            }
            guard !batch.isEmpty else { continue }
            let entries = try batch.documents()
            if last == nil, entries.first?["ts"]?.timestampValue != start {
                throw Self.rolledOver(start, connection.address)
            }
            if let rename = rename(in: entries) { return rename }
            last = entries.last?["ts"]?.timestampValue ?? last
            try await file.write(batch)
        }
    }

    private func rename(in entries: [BSONDocument]) -> String? {
        for entry in entries where entry["op"]?.stringValue == "c" {
            guard let timestamp = entry["ts"]?.timestampValue, timestamp > cut else { continue }
            var changes = SchemaChanges()
            changes.add(entry)
            if changes.hasRename { return changes.descriptions.joined(separator: ", ") }
        }
        return nil
    }

    static func rolledOver(_ start: BSONTimestamp, _ member: MemberAddress) -> ReplicaKitError {
        ReplicaKitError(
            .oplogGap,
            "the oplog has no entry at \(start) any more: it rolled over while the backup was being made",
            member: member,
            hint: "Make the oplog larger (replSetResizeOplog), or the backup in a quieter time."
        )
    }
}
