public import ReplicaKit

/// Everything about the backups of one set, in the place that its spec names: the front door of this module.
public final class BackupKeeper: Sendable {
    /// The set.
    public let set: ReplicaSet
    /// Where its backups are.
    public let store: any BackupStore

    /// Creates a keeper with a store of one's own.
    public init(of set: ReplicaSet, in store: any BackupStore) {
        self.set = set
        self.store = store
    }

    /// Creates a keeper of the spec's directory, or of another one, encrypted where the spec names a key.
    ///
    /// A keeper of a bucket is lent by `BackupKeeper.with(of:)` of ReplicaKitS3, which opens connections.
    ///
    /// - Throws: ``ReplicaKitError`` when the key cannot be read, or the spec names a bucket and no directory is given.
    public convenience init(of set: ReplicaSet, directory: String? = nil) throws {
        if directory == nil, let s3 = set.spec.backup.s3 {
            throw ReplicaKitError(
                .invalidArgument,
                "the backups of \(set.spec.name) are in the bucket \(s3.bucket), not in a directory",
                hint: "BackupKeeper.with(of:) of ReplicaKitS3 lends a keeper of either."
            )
        }
        let store = LocalBackupStore(directory: directory ?? set.secrets.resolve(set.spec.backup.directory))
        try self.init(of: set, encryptingWhereNamed: store)
    }

    /// Creates a keeper with a store that is encrypted where the spec names a key.
    package convenience init(of set: ReplicaSet, encryptingWhereNamed store: any BackupStore) throws {
        if let keyFile = set.spec.backup.encryptionKeyFile {
            let key = try BackupKey(set.secrets.read(.file(keyFile)))
            self.init(of: set, in: EncryptedBackupStore(store, key: key))
        } else {
            self.init(of: set, in: store)
        }
    }

    /// The backups that there are.
    public var catalogue: BackupCatalogue { BackupCatalogue(store: store) }

    /// Makes a backup. See ``BackupCreator/run(_:)``.
    public func create(
        _ options: BackupOptions,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> BackupManifest {
        try await BackupCreator(set: set, store: store, options: options).run(report)
    }

    /// What the store holds.
    public func contents() async throws -> BackupCatalogue.Contents { try await catalogue.contents() }

    /// A backup, and what was noted of it.
    public func backup(_ id: BackupID) async throws -> (manifest: BackupManifest, notes: BackupNotes) {
        (try await catalogue.manifest(of: id), try await catalogue.notes(of: id))
    }

    /// Gives a backup a tag, or takes it away; gives all that it has then.
    public func tag(_ id: BackupID, _ tag: String, isThere: Bool) async throws -> [String] {
        try await catalogue.note(id) { notes in
            notes.tags.removeAll { $0 == tag }
            if isThere { notes.tags.append(tag) }
        }
        return try await catalogue.notes(of: id).tags
    }

    /// Reads every file of a backup. See ``BackupVerifier/checkFiles(of:_:)``.
    public func checkFiles(
        of id: BackupID,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> BackupVerdict {
        try await verifier.checkFiles(of: id, report)
    }

    /// Restores a backup to an empty set and compares. See ``BackupVerifier/restore(_:to:_:)``.
    public func verify(
        _ id: BackupID,
        on scratch: ReplicaSet,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> BackupVerdict {
        try await verifier.restore(id, to: scratch, report)
    }

    /// What pruning would remove. See ``BackupPruner/plan(days:)``.
    public func planPruning(days: Int) async throws -> BackupPruning {
        try await pruner.plan(days: days)
    }

    /// Removes it. See ``BackupPruner/run(_:)``.
    public func prune(_ pruning: BackupPruning) async throws -> BackupPruner.Removed { try await pruner.run(pruning) }

    private var pruner: BackupPruner { BackupPruner(of: set.spec.name, in: store, clock: set.toolbox.clock) }
    private var verifier: BackupVerifier { BackupVerifier(store: store, clock: set.toolbox.clock) }

    /// What a restore would do. See ``Restorer/plan(_:_:)``.
    public func planRestore(_ id: BackupID?, _ options: RestoreOptions) async throws -> RestorePlan {
        try await Restorer(set: set, store: store).plan(id, options)
    }

    /// Restores. See ``Restorer/run(_:_:)``.
    public func restore(
        _ plan: RestorePlan,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> RestoreReport {
        try await Restorer(set: set, store: store).run(plan, report)
    }

    /// Keeps the archive of the oplog, until the task is cancelled. See ``OplogArchiver/run(untilCaughtUp:_:)``.
    public func archiveOplog(
        _ settings: OplogArchiver.Settings = OplogArchiver.Settings(),
        untilCaughtUp: Bool = false,
        _ report: @escaping @Sendable (OplogArchiveEvent) -> Void = { _ in }
    ) async throws {
        try await OplogArchiver(set: set, store: store, settings: settings).run(untilCaughtUp: untilCaughtUp, report)
    }

    /// The archive of the oplog.
    public var oplogArchive: OplogArchive { OplogArchive(store: store) }

    /// Makes the set anew after it was lost.
    public var rebuilder: Rebuilder { Rebuilder(set: set, store: store) }
}
