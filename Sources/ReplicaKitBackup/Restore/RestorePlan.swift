public import ReplicaKit

/// What a restore would do, before any of it is done.
public struct RestorePlan: Sendable {
    /// The backup.
    public let manifest: BackupManifest
    /// What was asked for.
    public let options: RestoreOptions
    /// What is restored: its name in the backup and in the target, and how much it is.
    public let collections: [Collection]
    /// Collections of the target that are replaced.
    public let replaced: [Namespace]
    /// Collections of the target that the backup does not have, and that are removed.
    public let removed: [Namespace]
    /// Where the oplog is replayed to; `nil` where the backup's own moment is the end.
    public let through: BSONTimestamp?
    /// Whether this restore was begun before and is to be completed.
    public let isResumed: Bool

    /// A collection of the plan.
    public struct Collection: Sendable, Hashable {
        /// Its name in the backup.
        public let source: Namespace
        /// Its name in the target.
        public let target: Namespace
        /// How many documents the backup has of it.
        public let documents: Int
        /// How many bytes they have.
        public let bytes: Int
    }

    /// One line a step, for people.
    public var steps: [String] {
        let bytes = collections.reduce(0) { $0 + $1.bytes }
        let documents = collections.reduce(0) { $0 + $1.documents }
        var steps = ["check every file of backup \(manifest.id) that is needed: hash, frames, counts"]
        if through != nil { steps.append("check what is needed of the archive of the oplog: hashes, order, no gap") }
        if !removed.isEmpty { steps.append("remove \(Self.listing(removed))") }
        if !replaced.isEmpty { steps.append("replace \(Self.listing(replaced))") }
        steps.append("restore \(collections.count) collections, \(documents) documents, \(bytes) bytes")
        for collection in collections where collection.source != collection.target {
            steps.append("\(collection.source) becomes \(collection.target)")
        }
        if restoresUsers { steps.append("restore users and roles") }
        if manifest.oplog != nil {
            steps.append("replay the oplog of the time of the backup, to \(manifest.end.timestamp)")
        }
        if let through { steps.append("replay the archive of the oplog through \(through)") }
        if through == nil, options.target == .latest {
            steps.append("replay no more: the archive of the oplog has nothing after the backup")
        }
        steps.append("build the indexes")
        return steps
    }

    private static func listing(_ namespaces: [Namespace]) -> String {
        let shown = namespaces.prefix(10).map(\.description).joined(separator: ", ")
        return namespaces.count > 10 ? "\(shown) and \(namespaces.count - 10) more" : shown
    }

    /// Whether users and roles come along: they belong to no database, so only where everything is restored.
    var restoresUsers: Bool { options.includesUsers && options.selection == NamespaceSelection() }

    /// The same for the same restore, and only for it.
    var fingerprint: String {
        let selection = options.selection
        let parts = [
            "backup \(manifest.id)",
            through.map { "through \($0)" } ?? "",
            selection.includes.isEmpty ? "" : "of \(selection.includes)",
            selection.excludes.isEmpty ? "" : "without \(selection.excludes)",
            selection.renames.isEmpty ? "" : "renaming \(selection.renames.map { "\($0.from)=\($0.to)" })",
            options.mirrors ? "as a mirror" : "",
            restoresUsers ? "with users" : "",
        ]
        return parts.filter { !$0.isEmpty }.joined(separator: ", ")
    }
}

/// What a restore did.
public struct RestoreReport: Sendable {
    /// How many collections and views were made.
    public var collections = 0
    /// How many documents were inserted.
    public var documents = 0
    /// How many users and roles were put in.
    public var users = 0
    /// How many operations of the oplog were replayed.
    public var replayed = 0
    /// The last entry that was replayed.
    public var lastReplayed: BSONTimestamp?
    /// How many indexes there are now, those on `_id` left out.
    public var indexes = 0
    /// Indexes that could not be built, with the server's words.
    public var failedIndexes: [String] = []
    /// What the replay left out on purpose, with the reason.
    public var skipped: [String] = []

    /// Nothing was done yet.
    public init() {}
}
