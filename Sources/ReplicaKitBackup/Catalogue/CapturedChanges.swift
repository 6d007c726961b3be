import ReplicaKit

/// What the oplog that was captured beside a copy may have changed: the rest must be in a restored set as it was copied.
struct CapturedChanges: Sendable {
    /// How many bytes the ids of changed documents may take in memory.
    let limit: Int
    /// What a set and an array add to the bytes of an id.
    private static let overhead = 64
    private var ids: [Namespace: Set<[UInt8]>] = [:]
    private var bytes = 0
    /// Collections whose documents have changed in more ways than are known here.
    private var whole: Set<Namespace> = []
    /// Collections that were made, dropped, renamed, or got other options or indexes.
    private var catalogue: Set<Namespace> = []
    private var databases: Set<String> = []

    init(limit: Int = 32 << 20) { self.limit = limit }

    /// Reads the captured oplog of a backup.
    static func read(from reader: any DocumentReader) async throws -> CapturedChanges {
        var changes = CapturedChanges()
        while let batch = try await reader.next() {
            for entry in try batch.documents() { try changes.add(try OplogOperation(entry)) }
        }
        return changes
    }

    /// Adds an entry, whether it took effect or not.
    mutating func add(_ operation: OplogOperation) throws(BSONError) {
        switch operation.kind {
        case .noOp: return
        case .command: try add(try OplogCommand(operation), of: operation)
        case .insert, .delete: try add(operation.object, to: operation)
        case .update: try add(operation.object2, to: operation)
        case nil: databases.insert(operation.database)
        }
    }

    private mutating func add(_ command: OplogCommand, of operation: OplogOperation) throws(BSONError) {
        switch command {
        case .create(let name, _), .drop(let name), .collMod(let name, _), .addIndexes(let name, _),
            .dropIndexes(let name, _), .emptyCapped(let name):
            catalogue.insert(name.ofSeries)
        case .rename(let source, let target, _): catalogue.formUnion([source.ofSeries, target.ofSeries])
        case .dropDatabase(let database): databases.insert(database)
        case .applyOps(let command):
            for operation in command["applyOps"]?.arrayValue ?? BSONArray() {
                guard let document = operation.documentValue else { continue }
                try add(try OplogOperation(document))
            }
        case .commitTransaction, .abortTransaction, .nothing: return
        case .unknown: databases.insert(operation.database)
        }
    }

    private mutating func add(_ element: BSONElement?, to operation: OplogOperation) throws(BSONError) {
        guard let namespace = Namespace(oplog: operation.namespace) else { return }
        // A view is a document here.
        if namespace.collection == "system.views" { databases.insert(namespace.database) }
        guard let element, let id = try BSONDocument(framed: element.valueBytes).encodedID(),
            bytes + id.count + Self.overhead <= limit
        else {
            whole.insert(namespace)
            return
        }
        if ids[namespace, default: []].insert(id).inserted { bytes += id.count + Self.overhead }
    }

    /// Whether the collection itself may be another than when it was copied: its options or indexes, or all of it.
    func mayHaveRemade(_ namespace: Namespace) -> Bool {
        databases.contains(namespace.database) || catalogue.contains(namespace)
    }

    /// The ids of the documents that may have changed; `nil` where they are not all known.
    func changedDocuments(of namespace: Namespace) -> Set<[UInt8]>? {
        whole.contains(namespace) ? nil : ids[namespace] ?? []
    }
}

extension Namespace {
    /// The time series whose buckets these are; else the collection itself.
    fileprivate var ofSeries: Namespace {
        let prefix = "system.buckets."
        guard collection.hasPrefix(prefix) else { return self }
        return Namespace(database: database, collection: String(collection.dropFirst(prefix.count)))
    }
}

extension BSONDocument {
    /// The type and the bytes of `_id`; `nil` without one.
    func encodedID() throws(BSONError) -> [UInt8]? {
        var reader = reader()
        while let element = try reader.next() {
            if element.key == "_id" { return [element.type.rawValue] + element.valueBytes }
        }
        return nil
    }
}
