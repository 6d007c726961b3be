import ReplicaKit

/// A collection that is to be restored: what it is, where it goes, and how its documents are read.
struct RestoreItem: Sendable {
    /// Its name in the backup.
    var source: Namespace
    /// Its name in the target.
    var target: Namespace
    var metadata: CollectionMetadata
    /// How many documents it has, where that is known.
    var documents: Int?
    /// How many bytes they have, or about.
    var bytes: Int
    /// Begins to read its documents; `nil` where there are none.
    var read: (@Sendable () async throws -> any DocumentReader)?

    var kind: CollectionKind { metadata.kind }

    /// Where the documents come from: of a time series its buckets.
    var dataSource: Namespace { data(of: source) }
    /// Where the documents go.
    var dataTarget: Namespace { data(of: target) }

    /// Whether it is a time series whose indexes are known as people name them, and not as its buckets have them: other
    /// tools write down no others.
    var hasIndexesOfSeriesOnly: Bool {
        kind == .timeseries && metadata.bucketIndexes.isEmpty && !metadata.indexes.isEmpty
    }

    private func data(of namespace: Namespace) -> Namespace {
        guard kind == .timeseries else { return namespace }
        return Namespace(database: namespace.database, collection: "system.buckets.\(namespace.collection)")
    }
}

extension RestoreItem {
    /// Users and roles. Where the source had users and no role ever, a backup has no collection of roles: of a mirror
    /// that says as well that there are none.
    static func users(of items: [RestoreItem]) -> [RestoreItem] {
        let users = items.filter { Restorer.isUsers($0.source) }
        let roles = Namespace(database: "admin", collection: "system.roles")
        guard !users.isEmpty, !users.contains(where: { $0.source == roles }) else { return users }
        let metadata = CollectionMetadata(["collectionName": .string(roles.collection)])
        return users + [
            RestoreItem(source: roles, target: roles, metadata: metadata, documents: 0, bytes: 0, read: nil)
        ]
    }
}

extension IndexCatalogue {
    /// What collections have at the moment of their backup, by the names of the source.
    ///
    /// A time series goes by its buckets, also without an index: the oplog speaks of nothing else.
    init(of items: [RestoreItem]) {
        self.init()
        for item in items where item.kind != .view {
            let indexes = item.kind == .timeseries ? item.metadata.bucketIndexes : item.metadata.indexes
            self[item.dataSource] = Collection(options: item.metadata.options, indexes: indexes)
        }
    }
}

/// Reads documents in batches.
protocol DocumentReader: Sendable {
    /// The next documents, about 1 MiB; `nil` at the end, which was checked.
    func next() async throws -> DocumentBatch?
}
