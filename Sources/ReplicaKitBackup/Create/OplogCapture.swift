import ReplicaKit

/// Reads a member's oplog from a place on and writes it to a file of the backup, while collections are read.
struct OplogCapture {
    /// Where it begins: this entry must be there, or the oplog has rolled over.
    let start: BSONTimestamp
    let timeout: Duration

    /// Copies entries until one is at or behind the end, which becomes known meanwhile; a few may be behind it.
    ///
    /// - Throws: ``ReplicaKitError/Code/oplogGap`` when the member has the first entry no longer.
    func run(
        on connection: any MemberConnection,
        to file: DumpFileWriter,
        through end: @Sendable () async -> BSONTimestamp?
    ) async throws {
        let command: BSONDocument = [
            "find": "oplog.rs", "filter": ["ts": ["$gte": .timestamp(start)]],
            "tailable": true, "awaitData": true, "noCursorTimeout": true,
            "readConcern": ["level": "local"],
        ]
        let cursor = try await connection.cursor(command, on: "local", timeout: timeout)
        var last: BSONTimestamp?
        while true {
            if let end = await end(), let last, last >= end { return }
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
            last = entries.last?["ts"]?.timestampValue ?? last
            try await file.write(batch)
        }
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
