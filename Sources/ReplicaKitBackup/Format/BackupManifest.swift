public import ReplicaKit

/// What a backup holds, and what proves it: the last file of a backup that is written. Without it there is no backup.
///
/// It is stored as `backup-metadata.json`, relaxed Extended JSON, and carries its own hash.
public struct BackupManifest: Sendable, Hashable, Codable {
    /// The version of this format.
    public var format: Int
    /// The backup's id.
    public var id: BackupID
    /// The set's name.
    public var set: String
    /// The set's own number (`settings.replicaSetId`), in hexadecimal; it tells two sets of one name apart.
    public var setID: String?
    /// The version of ReplicaKit that made it.
    public var tool: String
    /// The version of the server that it was read from.
    public var serverVersion: String
    /// The feature compatibility version of that server.
    public var featureCompatibilityVersion: String
    /// The member that it was read from; the last one, where one died on the way.
    public var member: String
    /// How it is consistent.
    public var mode: Mode
    /// The first moment: the cut itself in a snapshot; else where the captured oplog begins.
    public var start: Moment
    /// The moment that it is consistent at: the cut, or the captured oplog's end.
    public var end: Moment
    /// From where on the oplog is needed to go on from ``end``: earlier than it where a transaction was open.
    public var oplogNeededFrom: BSONTimestamp
    /// When it was begun.
    public var begunAt: BSONDateTime
    /// When it was complete.
    public var finishedAt: BSONDateTime
    /// How its files are compressed.
    public var compression: BackupCompression
    /// All collections and views.
    public var collections: [Collection]
    /// The captured oplog, where there is one.
    public var oplog: File?

    /// How a backup is consistent.
    public enum Mode: String, Sendable, Hashable, Codable, CaseIterable {
        /// Every collection as it was at one cluster time.
        case snapshot
        /// Collections as they were when they were read, and the oplog of that time, which a restore replays.
        case fuzzy
    }

    /// A place in the oplog.
    public struct Moment: Sendable, Hashable, Codable {
        /// The timestamp.
        public var timestamp: BSONTimestamp
        /// The election term.
        public var term: Int64

        /// Creates a moment.
        public init(_ time: OpTime) {
            timestamp = time.timestamp
            term = time.term
        }
    }

    /// A file of the backup.
    public struct File: Sendable, Hashable, Codable {
        /// Its name within the backup.
        public var name: String
        /// Its size in bytes.
        public var bytes: Int
        /// The SHA-256 of its bytes, in hexadecimal.
        public var sha256: String
        /// How many documents are in it.
        public var documents: Int
        /// How many bytes the documents have, without compression.
        public var documentBytes: Int
    }

    /// A collection or view.
    public struct Collection: Sendable, Hashable, Codable {
        /// The database.
        public var database: String
        /// The collection's name.
        public var name: String
        /// What it is.
        public var kind: CollectionKind
        /// Its UUID on the source, in hexadecimal without hyphens; views have none.
        public var uuid: String?
        /// How many indexes it has.
        public var indexes: Int
        /// Its metadata: options, indexes and UUID with all types, as `mongodump` writes them.
        public var metadata: File
        /// Its documents; a view has none.
        public var data: File?

        /// The full name.
        public var namespace: Namespace { Namespace(database: database, collection: name) }
    }

    /// How many documents there are.
    public var documents: Int { collections.reduce(0) { $0 + ($1.data?.documents ?? 0) } }
    /// How many bytes the documents have, without compression.
    public var documentBytes: Int { collections.reduce(0) { $0 + ($1.data?.documentBytes ?? 0) } }
    /// All files but the manifest.
    public var files: [File] {
        collections.flatMap { [$0.metadata] + ($0.data.map { [$0] } ?? []) } + (oplog.map { [$0] } ?? [])
    }
    /// How many bytes the files take.
    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }
}

/// What a collection is.
public enum CollectionKind: String, Sendable, Hashable, Codable {
    /// A collection.
    case collection
    /// A view on others.
    case view
    /// A time series; its documents stand in `system.buckets.NAME`.
    case timeseries
}
