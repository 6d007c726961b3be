import ReplicaKit

/// Operations on their way to the target in one atomic `applyOps`.
struct OperationBatch: Sendable {
    struct Item: Sendable {
        var operation: OplogOperation
        /// `db.coll` on the target.
        var target: String
        /// Where the replay has come to when this is done.
        var progress: ReplayProgress
    }

    /// The most operations of one batch: more bring nothing, and hold locks longer.
    static let countLimit = 1000
    /// The most bytes: with the rest of the command, and of the entry it becomes in the target's own oplog, they stay
    /// within the 16 MiB of a document. One operation that is larger goes alone.
    static let byteLimit = 15 << 20

    private(set) var items: [Item] = []
    private(set) var bytes = 0

    /// Whether another operation of this size fits.
    func hasRoom(for item: Item) -> Bool {
        items.isEmpty || (items.count < Self.countLimit && bytes + item.byteCount <= Self.byteLimit)
    }

    mutating func append(_ item: Item) {
        items.append(item)
        bytes += item.byteCount
    }

    mutating func take() -> [Item] {
        defer { self = OperationBatch() }
        return items
    }
}

extension OperationBatch.Item {
    var byteCount: Int {
        operation.object.bytes.count + (operation.object2?.bytes.count ?? 0) + target.utf8.count + 64
    }

    /// Writes the operation: what it writes is copied as it is; the collection's UUID, which is another here, is left
    /// out, and so is what belongs to the session that wrote it.
    func append(to writer: inout BSONWriter) {
        writer.appendDocument { writer in
            writer.append(operation.kindText, forKey: "op")
            writer.append(target, forKey: "ns")
            writer.append(operation.object)
            if let object2 = operation.object2 { writer.append(object2) }
            if let upsert = operation.upsert { writer.append(upsert) }
        }
    }
}
