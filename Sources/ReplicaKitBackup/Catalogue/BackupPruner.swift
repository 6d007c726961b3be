public import ReplicaKit

/// Removes backups that nothing promised needs, and the slices of the oplog's archive that only they needed.
public struct BackupPruner: Sendable {
    let set: ReplicaSetName
    let store: any BackupStore

    /// Creates a pruner.
    public init(of set: ReplicaSetName, in store: any BackupStore) {
        self.set = set
        self.store = store
    }

    /// What would go, and why the rest stays.
    ///
    /// - Parameter days: For how many days back every moment that is restorable now stays so.
    public func plan(days: Int) async throws -> BackupPruning {
        let promised = BSONDateTime(milliseconds: BSONDateTime.now.milliseconds - Int64(days) * 86_400_000)
        return BackupPruning(try await BackupCatalogue(store: store).list(), of: set, promised: promised)
    }

    /// Removes it.
    ///
    /// - Returns: How many slices of the archive went.
    public func run(_ pruning: BackupPruning) async throws -> Int {
        let catalogue = BackupCatalogue(store: store)
        for id in pruning.backups { try await catalogue.remove(id) }
        guard let needed = pruning.oplogNeededFrom else { return 0 }
        return try await OplogArchive(store: store).prune(before: needed, of: set)
    }
}
