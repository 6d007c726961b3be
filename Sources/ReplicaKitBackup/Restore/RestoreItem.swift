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

    private func data(of namespace: Namespace) -> Namespace {
        guard kind == .timeseries else { return namespace }
        return Namespace(database: namespace.database, collection: "system.buckets.\(namespace.collection)")
    }
}

/// Reads documents in batches.
protocol DocumentReader: Sendable {
    /// The next documents, about 1 MiB; `nil` at the end, which was checked.
    func next() async throws -> DocumentBatch?
}
