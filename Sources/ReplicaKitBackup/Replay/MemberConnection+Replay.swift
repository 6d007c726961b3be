import ReplicaKit

extension MemberConnection {
    /// All collections of the server, and whether each is capped. Views are not among them.
    func collections(timeout: Duration) async throws -> [Namespace: Bool] {
        var collections: [Namespace: Bool] = [:]
        for database in try await run(ListDatabases(), timeout: timeout).names {
            let cursor = try await cursor(["listCollections": 1], on: database, timeout: timeout)
            while let batch = try await cursor.nextBatch() {
                var bytes = batch.bytes[...]
                while let entry = try BSONDocument(takingFrom: &bytes) {
                    // A time series is listed beside the collection of its buckets, which is the one that counts.
                    guard let name = entry["name"]?.stringValue, entry["type"]?.stringValue == "collection" else {
                        continue
                    }
                    collections[Namespace(database: database, collection: name)] =
                        entry[path: "options", "capped"]?.isTruthy ?? false
                }
            }
        }
        return collections
    }

    /// How far a replay has come here; `nil` when there was none.
    func progress(of id: String, in namespace: Namespace, timeout: Duration) async throws -> ReplayProgress? {
        let reply = try await run(
            [
                "find": .string(namespace.collection), "filter": ["_id": .string(id)], "limit": 1,
                "singleBatch": true, "readConcern": ["level": "local"],
            ],
            on: namespace.database,
            timeout: timeout
        )
        return reply[path: "cursor", "firstBatch", "0"]?.documentValue.flatMap(ReplayProgress.init)
    }
}
