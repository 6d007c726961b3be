public import ReplicaKit

/// Removes backups that nothing promised needs, and the slices of the oplog's archive that only they needed.
///
/// A backup that is being restored or verified, here or on another machine, stays. What was begun and not completed
/// goes after two days, unless it is being gone on with: nothing else ever removes it, and it can fill the disk.
public struct BackupPruner: Sendable {
    let set: ReplicaSetName
    let store: any BackupStore
    let clock: any Clock<Duration>

    /// Creates a pruner.
    public init(
        of set: ReplicaSetName,
        in store: any BackupStore,
        clock: any Clock<Duration> = ContinuousClock()
    ) {
        self.set = set
        self.store = store
        self.clock = clock
    }

    /// What was removed.
    public struct Removed: Sendable, Hashable {
        /// The backups.
        public var backups: [BackupID] = []
        /// Backups that were never completed.
        public var interrupted: [BackupID] = []
        /// How many slices of the oplog's archive.
        public var slices = 0
        /// Backups that were to go and stayed, with the reason.
        public var stayed: [BackupID: String] = [:]

        /// Creates a report.
        public init() {}
    }

    /// For how long an interrupted backup can be gone on with. The past that it needs is gone by then as a rule.
    static let patience: Duration = .seconds(2 * 86_400)

    private var lease: BackupLease { BackupLease(store: store, clock: clock) }

    /// What would go, and why the rest stays.
    ///
    /// - Parameter days: For how many days back every moment that is restorable now stays so.
    public func plan(days: Int) async throws -> BackupPruning {
        try await plan(promised: BSONDateTime(milliseconds: BSONDateTime.now.milliseconds - Int64(days) * 86_400_000))
    }

    private func plan(promised: BSONDateTime) async throws -> BackupPruning {
        let backups = try await BackupCatalogue(store: store).list()
        let wanted = BackupPruning(backups, of: set, promised: promised)
        var inUse: Set<BackupID> = []
        for id in wanted.backups where try await lease.isHeld(id, .reading) { inUse.insert(id) }
        var pruning = inUse.isEmpty ? wanted : BackupPruning(backups, of: set, promised: promised, inUse: inUse)
        pruning.interrupted = try await leftBehind()
        return pruning
    }

    /// The set's backups that were begun long ago, are not complete, and are not being made.
    private func leftBehind() async throws -> [BackupID] {
        let limit = BSONDateTime.now.milliseconds - Int64(Self.patience / .milliseconds(1))
        var left: [BackupID] = []
        for id in try await BackupCatalogue(store: store).interrupted() {
            // Another set's, one that was completed since, or one that cannot be read: none is for us to judge.
            guard let progress = try? await BackupProgress.read(id, of: set, from: store),
                progress.begunAt.milliseconds < limit, try await !lease.isHeld(id, .making)
            else { continue }
            left.append(id)
        }
        return left
    }

    /// Removes what was left behind, but for what somebody has gone on with since.
    private func remove(_ interrupted: [BackupID]) async throws -> [BackupID] {
        var removed: [BackupID] = []
        for id in interrupted {
            let outcome = try await lease.removing(id) {
                try await BackupCatalogue(store: store).removeInterrupted(id)
            }
            guard outcome == true else { continue }
            removed.append(id)
            try await lease.sweep(id)
        }
        return removed
    }

    /// Removes it, but for what has got a tag or a reader since.
    public func run(_ pruning: BackupPruning) async throws -> Removed {
        let catalogue = BackupCatalogue(store: store)
        let now = try await plan(promised: pruning.promised)
        var removed = Removed()
        // First: it makes room, and needs nothing else to be in order.
        removed.interrupted = try await remove(pruning.interrupted.filter { now.interrupted.contains($0) })
        for id in pruning.backups {
            guard now.backups.contains(id) else {
                removed.stayed[id] = now.kept.first { $0.id == id }?.reason
                continue
            }
            let outcome = try await lease.removing(id) {
                // Removing takes its time, and so does what an operator tags meanwhile.
                guard try await catalogue.notes(of: id).tags.isEmpty else { return false }
                try await catalogue.remove(id)
                return true
            }
            switch outcome {
            case true: removed.backups.append(id)
            case false: removed.stayed[id] = "it was tagged meanwhile"
            default: removed.stayed[id] = "it is being restored or verified"
            }
            if outcome == true { try await lease.sweep(id) }
        }
        // By what is there now: one that stayed after all needs its part of the oplog.
        guard let needed = try await plan(promised: pruning.promised).oplogNeededFrom(removing: []) else {
            return removed
        }
        removed.slices = try await OplogArchive(store: store).prune(before: needed, of: set)
        return removed
    }
}
