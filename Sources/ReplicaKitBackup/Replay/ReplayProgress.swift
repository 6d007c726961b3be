import ReplicaKit

/// How far a replay has come, as it stands in the target: written in the same atomic `applyOps` as the operations.
struct ReplayProgress: Sendable, Hashable {
    /// The entry.
    var timestamp: BSONTimestamp
    /// How many of the entry's operations are done; `nil` when all are.
    var operations: Int?

    init(_ timestamp: BSONTimestamp, operations: Int? = nil) {
        self.timestamp = timestamp
        self.operations = operations
    }

    /// Reads the document.
    init?(_ document: BSONDocument) {
        guard let timestamp = document["ts"]?.timestampValue else { return nil }
        self.init(timestamp, operations: document["operations"]?.intValue)
    }

    /// Whether an operation is done: the one at `index` of a transaction, or the whole entry.
    func covers(_ timestamp: BSONTimestamp, index: Int) -> Bool {
        if timestamp != self.timestamp { return timestamp < self.timestamp }
        return operations.map { index < $0 } ?? true
    }

    /// The operation that writes it.
    func operation(id: String, in namespace: Namespace) -> BSONDocument {
        var document: BSONDocument = ["_id": .string(id), "ts": .timestamp(timestamp)]
        if let operations { document.append("operations", .integer(operations)) }
        return [
            "op": "u", "ns": .string(namespace.description), "o2": ["_id": .string(id)], "o": .document(document),
            "b": true,
        ]
    }
}
