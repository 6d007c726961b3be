public import ReplicaKit

/// Makes a set anew from its spec, a backup and the archive of the oplog, when all of it is lost.
///
/// It is one piece of work that can be interrupted anywhere: run again, it completes what is missing.
public struct Rebuilder: Sendable {
    let set: ReplicaSet
    let store: any BackupStore

    /// Creates a rebuilder of a set from the backups in a store.
    public init(set: ReplicaSet, store: any BackupStore) {
        self.set = set
        self.store = store
    }

    /// What would be done, in order. Changes nothing.
    ///
    /// - Parameters:
    ///   - id: The backup; `nil` is the newest good one that fits.
    ///   - target: The moment to go on to; `nil` is the backup's own.
    /// - Throws: ``ReplicaKitError`` where no backup fits, the moment is not covered, or the set cannot be set up.
    public func steps(_ id: BackupID?, to target: RestoreTarget?) async throws -> [String] {
        let manifest = try await base(id, target)
        var steps: [String] = []
        switch try await set.propose(.up) {
        case .plan(let plan): steps += plan.steps.map(\.action.description)
        case .nothingToDo: break
        case .refusal(let refusal): throw refusal.error
        }
        steps.append("restore backup \(manifest.id) of \(manifest.end.timestamp), users and roles too")
        if let target { steps.append("replay the archive of the oplog through \(target.through)") }
        steps.append("look at the health of the set, and find nothing critical")
        return steps
    }

    /// Rebuilds the set.
    ///
    /// - Parameters:
    ///   - id: The backup; `nil` is the newest good one that fits.
    ///   - target: The moment to go on to; `nil` is the backup's own.
    ///   - planEvents: Told of the steps that make the members and the set.
    ///   - report: Told of the restore.
    /// - Throws: ``ReplicaKitError/Code/targetNotEmpty`` where the set holds data that no interrupted restore left.
    public func run(
        _ id: BackupID?,
        to target: RestoreTarget?,
        planEvents: @escaping @Sendable (PlanEvent) -> Void = { _ in },
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> RestoreReport {
        // Before anything is made: without a backup there is nothing to make it for.
        let manifest = try await base(id, target)
        _ = try await set.apply(.up, events: planEvents)
        let restorer = Restorer(set: set, store: store)
        let plan = try await restorer.plan(manifest.id, RestoreOptions(target: target))
        let result = try await restorer.run(plan, report)
        report(.phase("look at the health of the set"))
        let found = try await set.examine(since: nil).report.findings.filter { $0.severity == .critical }
        guard found.isEmpty else {
            throw ReplicaKitError(
                .backupDiffers,
                "everything is restored, and the set is not well: \(found.map(\.message).joined(separator: "; "))",
                hint: "See `rkctl health`."
            )
        }
        return result
    }

    private func base(_ id: BackupID?, _ target: RestoreTarget?) async throws -> BackupManifest {
        let restorer = Restorer(set: set, store: store)
        let manifest = try await restorer.base(id, target)
        if let target { try await restorer.requireCoverage(of: manifest, through: target.through) }
        return manifest
    }
}
