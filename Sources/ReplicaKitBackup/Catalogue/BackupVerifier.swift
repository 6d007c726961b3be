import Crypto
public import ReplicaKit

/// Finds out whether a backup is good, and notes the verdict in the catalogue.
public struct BackupVerifier: Sendable {
    let store: any BackupStore
    let clock: any Clock<Duration>

    /// Creates a verifier.
    public init(store: any BackupStore, clock: any Clock<Duration> = ContinuousClock()) {
        self.store = store
        self.clock = clock
    }

    /// Reads every file whole: hashes, frames, counts.
    ///
    /// - Throws: ``ReplicaKitError`` when the backup or the store cannot be read at all. What is wrong with files is in the
    ///   verdict.
    public func checkFiles(
        of id: BackupID,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> BackupVerdict {
        let manifest = try await BackupCatalogue(store: store).manifest(of: id)
        var problems: [String] = []
        do {
            report(.phase("check the backup's files"))
            try await BackupLease(store: store, clock: clock).reading(id, report) {
                try await BackupCheck(manifest: manifest, store: store)
                    .run(manifest.collections, withOplog: true, report: report)
            }
        } catch let error as ReplicaKitError
            where error.code == .backupDamaged || error.code == .backupObjectMissing || error.code == .backupKeyWrong
        {
            problems.append(error.message)
        }
        return try await note(problems, .files, manifest)
    }

    /// Restores a backup to an empty set of its own, and compares all that there is then with the backup: every document,
    /// options, indexes.
    ///
    /// - Parameter scratch: An empty set, which is the caller's to remove.
    public func restore(
        _ id: BackupID,
        to scratch: ReplicaSet,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> BackupVerdict {
        let manifest = try await BackupCatalogue(store: store).manifest(of: id)
        var problems: [String] = []
        do {
            problems = try await BackupLease(store: store, clock: clock).reading(id, report) {
                let restorer = Restorer(set: scratch, store: store)
                let result = try await restorer.run(try await restorer.plan(id), report)
                report(.phase("compare"))
                return try await result.failedIndexes + compare(id, with: scratch, report)
            }
        } catch let error as ReplicaKitError
            where error.code.family == .backup && !error.isOfStore && error.code != .backupKeyWrong
        {
            // Anything else says nothing of the backup.
            problems.append(error.description)
        }
        return try await note(problems, .restored, manifest)
    }

    /// Compares all that a set holds with a backup that was restored to it and that nobody has written to since: every
    /// document, options, indexes. Of a fuzzy backup what changed while it was copied is left out.
    ///
    /// - Parameter report: Told what is left out.
    /// - Returns: What differs; empty where nothing does.
    /// - Throws: ``ReplicaKitError`` when the set or the backup cannot be read.
    public func compare(
        _ id: BackupID,
        with set: ReplicaSet,
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> [String] {
        let manifest = try await BackupCatalogue(store: store).manifest(of: id)
        return try await BackupLease(store: store, clock: clock).reading(id, report) {
            try await RestoredComparison(manifest: manifest, store: store, set: set, report: report).run()
        }
    }

    private func note(
        _ problems: [String],
        _ method: BackupVerdict.Method,
        _ manifest: BackupManifest
    ) async throws -> BackupVerdict {
        let verdict = BackupVerdict(at: .now, method: method, problems: problems, documents: manifest.documents)
        try await BackupCatalogue(store: store).note(manifest.id) { notes in
            // Files that are as they were written prove less than a restore did, whatever it proved.
            if verdict.method == .restored || !verdict.isGood || notes.verdict?.method != .restored {
                notes.verdict = verdict
            }
        }
        return verdict
    }
}
