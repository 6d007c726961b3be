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
    ///   - id: The backup; `nil` is the good one that fits best.
    ///   - target: The moment to go on to; `nil` is the backup's own.
    /// - Throws: ``ReplicaKitError`` where no backup fits, the moment is not covered, or the set cannot be set up.
    public func steps(_ id: BackupID?, to target: RestoreTarget? = .latest) async throws -> [String] {
        let base = try await Restorer(set: set, store: store).base(id, target)
        var steps: [String] = []
        switch try await set.propose(.up) {
        case .plan(let plan): steps += plan.steps.map(\.action.description)
        case .nothingToDo: break
        case .refusal(let refusal): throw refusal.error
        }
        steps += Self.steps(base, target)
        if base.through == nil { steps.append("compare every document with the backup") }
        steps.append("look at the health of the set, and find nothing critical")
        return steps
    }

    private static func steps(_ base: RestoreBase, _ target: RestoreTarget?) -> [String] {
        let restore = "restore backup \(base.manifest.id) of \(base.manifest.end.timestamp), users and roles too"
        guard let through = base.through else {
            return [target == .latest ? "\(restore): the archive of the oplog has nothing after it" : restore]
        }
        let replay = "replay the archive of the oplog through \(through)"
        return [restore, target == .latest ? "\(replay), the last entry that it has without a gap" : replay]
    }

    /// Rebuilds the set.
    ///
    /// Where nothing is replayed after the backup's moment, what was restored is compared with the backup; what a
    /// replay leaves has nothing to be compared with.
    /// - Parameters:
    ///   - id: The backup; `nil` is the good one that fits best.
    ///   - target: The moment to go on to; `nil` is the backup's own.
    ///   - planEvents: Told of the steps that make the members and the set.
    ///   - report: Told of the restore.
    /// - Throws: ``ReplicaKitError/Code/targetNotEmpty`` where the set holds data that no interrupted restore left.
    public func run(
        _ id: BackupID?,
        to target: RestoreTarget? = .latest,
        planEvents: @escaping @Sendable (PlanEvent) -> Void = { _ in },
        _ report: @escaping @Sendable (BackupEvent) -> Void = { _ in }
    ) async throws -> RestoreReport {
        let restorer = Restorer(set: set, store: store)
        // Before anything is made: without a backup there is nothing to make it for.
        let base = try await restorer.base(id, target)
        _ = try await set.apply(.up, events: planEvents)
        // One that was interrupted may have begun with another: backups come, and the archive grows.
        let plan = try await restorer.plan(target == .latest ? id : base.manifest.id, RestoreOptions(target: target))
        for step in Self.steps(RestoreBase(manifest: plan.manifest, through: plan.through), target) {
            report(.note(step))
        }
        let result = try await restorer.run(plan, report)
        if plan.through == nil, result.failedIndexes.isEmpty { try await requireSame(plan.manifest, report) }
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

    /// Demands that the set holds what the backup does.
    private func requireSame(
        _ manifest: BackupManifest,
        _ report: @escaping @Sendable (BackupEvent) -> Void
    ) async throws {
        report(.phase("compare with the backup"))
        let differences = try await BackupVerifier(store: store, clock: set.toolbox.clock)
            .compare(manifest.id, with: set, report)
        guard !differences.isEmpty else { return }
        let names = try await expiring(manifest)
        var problems: [String] = []
        for difference in differences {
            if names.contains(where: { difference.hasPrefix("\($0) has ") }) {
                report(.note("\(difference): its documents have a time to live"))
            } else {
                problems.append(difference)
            }
        }
        guard problems.isEmpty else {
            throw ReplicaKitError(
                .backupDiffers,
                "everything is restored, and is not what the backup holds: \(problems.joined(separator: "; "))",
                hint: "Clients that write already change it too. Else see `rkctl backup verify --restore`."
            )
        }
    }

    /// Collections whose documents the set itself removes, from the moment on that they are restored.
    private func expiring(_ manifest: BackupManifest) async throws -> [Namespace] {
        let check = BackupCheck(manifest: manifest, store: store)
        var names: [Namespace] = []
        for collection in manifest.collections {
            let metadata = try await check.metadata(of: collection)
            let settings = [metadata.options] + metadata.indexes
            if settings.contains(where: { $0.contains("expireAfterSeconds") }) { names.append(collection.namespace) }
        }
        return names
    }
}
