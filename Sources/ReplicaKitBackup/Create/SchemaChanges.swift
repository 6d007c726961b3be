import ReplicaKit

/// What the oplog says of changes to the catalogue: creations, drops, renames, indexes, options, views.
///
/// Documents' own changes are not looked at, but in one respect: whether a collection was written to at all.
struct SchemaChanges: Sendable {
    /// The entries, each as `command namespace`, in the order of the oplog.
    var descriptions: [String] = []
    /// Whether a collection changed its name in a way that a copy made meanwhile can have missed.
    var hasRename = false

    var isEmpty: Bool { descriptions.isEmpty }

    /// Looks through a member's oplog behind a moment, up to what it has now.
    static func after(
        _ timestamp: BSONTimestamp,
        on connection: any MemberConnection,
        timeout: Duration
    ) async throws -> SchemaChanges {
        let command: BSONDocument = [
            "find": "oplog.rs",
            "filter": [
                "ts": ["$gt": .timestamp(timestamp)],
                "$or": [
                    ["op": "c"],
                    ["ns": ["$regex": .regularExpression(BSONRegularExpression(pattern: "\\.system\\.views$"))]],
                ],
            ],
            "projection": ["ns": 1, "o": 1, "op": 1],
            "readConcern": ["level": "local"],
        ]
        var changes = SchemaChanges()
        let cursor = try await connection.cursor(command, on: "local", timeout: timeout)
        while let batch = try await cursor.nextBatch() {
            for entry in try batch.documents() { changes.add(entry) }
        }
        return changes
    }

    /// Takes an entry of the oplog, or an operation within one.
    mutating func add(_ entry: BSONDocument) {
        let namespace = entry["ns"]?.stringValue ?? ""
        guard !namespace.hasPrefix("config."), !namespace.hasPrefix("local.") else { return }
        if namespace.hasSuffix(".system.views") {
            descriptions.append("change of a view in \(namespace)")
            return
        }
        guard entry["op"]?.stringValue == "c", let command = entry["o"]?.documentValue,
            let first = command.makeIterator().firstElement
        else { return }
        switch first.key {
        case "applyOps":
            for operation in first.value.arrayValue ?? BSONArray() {
                if let operation = operation.documentValue { add(operation) }
            }
        case "commitTransaction", "abortTransaction", "startIndexBuild", "abortIndexBuild": break
        default:
            if ["renameCollection", "convertToCapped", "importCollection"].contains(first.key) { hasRename = true }
            descriptions.append("\(first.key) \(first.value.stringValue ?? namespace)")
        }
    }

    /// Whether anything was written to a collection behind a moment.
    static func isWritten(
        _ namespace: Namespace,
        after timestamp: BSONTimestamp,
        on connection: any MemberConnection,
        timeout: Duration
    ) async throws -> Bool {
        let name = BSONValue.string(namespace.description)
        let command: BSONDocument = [
            "find": "oplog.rs",
            "filter": ["ts": ["$gt": .timestamp(timestamp)], "$or": [["ns": name], ["o.applyOps.ns": name]]],
            "projection": ["_id": 0, "ts": 1], "limit": 1, "singleBatch": true,
            "readConcern": ["level": "local"],
        ]
        return try await !connection.documents(command, on: "local", timeout: timeout).isEmpty
    }
}

extension BSONDocument.Iterator {
    fileprivate var firstElement: (key: String, value: BSONValue)? {
        var copy = self
        return copy.next()
    }
}
