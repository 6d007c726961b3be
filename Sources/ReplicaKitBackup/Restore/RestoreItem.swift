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

    /// Where the documents go: the buckets of a time series.
    var dataTarget: Namespace {
        kind == .timeseries
            ? Namespace(database: target.database, collection: "system.buckets.\(target.collection)") : target
    }
}

/// Reads documents in batches.
protocol DocumentReader: Sendable {
    /// The next documents, about 1 MiB; `nil` at the end, which was checked.
    func next() async throws -> DocumentBatch?
}
