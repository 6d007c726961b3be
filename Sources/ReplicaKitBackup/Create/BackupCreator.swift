public import ReplicaKit

/// Makes backups of a set: consistent to one cluster time, proven by hashes, complete or not there at all.
///
/// Where the server and the collections allow it, all collections are read as they were at one moment (snapshot reads);
/// else as they are, with the oplog of the meantime beside them. The member that is read may die: another one goes on
/// at the same moment. What a backup cannot follow, such as a collection that is renamed while it is read, makes it
/// begin again, and in the end fail: it never silently holds less.
public struct BackupCreator: Sendable {
    let set: ReplicaSet
    let store: any BackupStore
    let options: BackupOptions

    /// Creates a creator. It does nothing before ``run(_:)``.
    public init(set: ReplicaSet, store: any BackupStore, options: BackupOptions = BackupOptions()) {
        self.set = set
        self.store = store
        self.options = options
    }

    /// How often a backup begins again when the set changed under it.
    private static let tries = 6

    /// Makes a backup.
    ///
    /// - Parameter report: Told what happens, from any thread.
    /// - Returns: The manifest of the backup, which is complete and durable.
    /// - Throws: ``ReplicaKitError``: ``ReplicaKitError/Code/backupOvertaken`` when the set changed again and again in ways
    ///   that a backup cannot follow, ``ReplicaKitError/Code/oplogGap``, ``ReplicaKitError/Code/backupStoreFailed``, and what
    ///   members answer; ``ReplicaKitError/Code/locked`` while another backup of the set is made here. What was read stays, and can be gone on with, unless it is of no use.
    public func run(_ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }) async throws -> BackupManifest {
        try await set.alone(.backup) { try await make(report) }
    }

    private func make(_ report: @escaping @Sendable (BackupEvent) -> Void) async throws -> BackupManifest {
        let earlier: BackupProgress? =
            if let id = options.resuming { try await BackupProgress.read(id, of: set.spec.name, from: store) } else {
                nil
            }
        var mode = options.mode
        var failure: ReplicaKitError?
        for attempt in 0..<Self.tries {
            let pass = BackupPass(
                set: set,
                store: store,
                options: options,
                mode: mode,
                earlier: attempt == 0 ? earlier : nil,
                report: report
            )
            do {
                return try await pass.run()
            } catch let error as ReplicaKitError where error.code == .backupOvertaken {
                failure = error
                report(.note("it begins again: \(error.message)"))
                try await pass.discard()
                // Snapshots are overtaken by every change of the catalogue, the other way only by renames.
                if attempt >= Self.tries / 2, options.mode == nil { mode = .fuzzy }
            } catch let error as SnapshotImpossible {
                guard options.mode == nil else { throw error.error }
                report(.note("no snapshot: \(error.reason). The oplog is captured beside the collections"))
                try await pass.discard()
                mode = .fuzzy
            }
        }
        throw failure
            ?? ReplicaKitError(.backupOvertaken, "the set changed again and again", hint: "Try in a quieter time.")
    }
}

/// Why the collections cannot be read as they were at one moment.
struct SnapshotImpossible: Error {
    let reason: String

    var error: ReplicaKitError {
        ReplicaKitError(
            .refused,
            "a snapshot is not possible: \(reason)",
            hint: "Leave out --mode, and the oplog is captured beside the collections."
        )
    }
}
