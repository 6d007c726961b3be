import ReplicaKit

/// What a restore begins with, and where it goes on to.
struct RestoreBase: Sendable {
    let manifest: BackupManifest
    /// Where the oplog is replayed to; `nil` where the backup's own moment is the end.
    let through: BSONTimestamp?

    /// The moment that it comes to.
    var moment: BSONTimestamp { through ?? manifest.end.timestamp }
}

extension RestoreBase {
    /// The one of some backups, oldest first, that comes furthest by an archive; of those that come equally far the
    /// newest, after which the least is replayed. `nil` where there are none.
    init?(latestOf manifests: [BackupManifest], in timelines: [OplogTimeline]) {
        let bases = manifests.map { RestoreBase(manifest: $0, through: $0.latest(in: timelines)) }
        let furthest = bases.map(\.moment).max()
        guard let base = bases.last(where: { $0.moment == furthest }) else { return nil }
        self = base
    }
}

extension BackupManifest {
    /// The first entry of the oplog's archive that a restore beyond the backup's moment needs.
    var archiveStart: BSONTimestamp {
        // Of a fuzzy backup, what was open at its moment is in its own oplog.
        if mode == .snapshot, oplogNeededFrom < end.timestamp { return oplogNeededFrom }
        return BSONTimestamp(rawValue: end.timestamp.rawValue + 1)
    }

    /// The last entry of an archive that a restore can go on to without a gap; `nil` where none comes after the backup.
    func latest(in timelines: [OplogTimeline]) -> BSONTimestamp? {
        timelines.filter { setID == nil || $0.begin.setID == setID }.flatMap(\.windows)
            .filter { $0.after < archiveStart && $0.last > end.timestamp }
            .map(\.last).max()
    }
}

extension Restorer {
    /// Finds the backup to begin with.
    ///
    /// - Parameters:
    ///   - id: The backup; `nil` is the newest good one that is not behind the target moment, or the one that comes
    ///     furthest.
    ///   - target: The moment to go on to; `nil` is the backup's own.
    /// - Throws: ``ReplicaKitError`` where there is none, or the archive does not hold all that comes after it.
    func base(_ id: BackupID?, _ target: RestoreTarget?) async throws -> RestoreBase {
        let through = target?.through
        let manifests: [BackupManifest]
        if let id {
            manifests = [try await manifest(of: id, notAfter: through)]
        } else {
            manifests = try await goodBackups(notAfter: through)
        }
        if target == .latest {
            let timelines = try await OplogArchive(store: store).timelines()
            if let base = RestoreBase(latestOf: manifests, in: timelines) { return base }
        } else if let manifest = manifests.last {
            if let through { try await requireCoverage(of: manifest, through: through) }
            return RestoreBase(manifest: manifest, through: through)
        }
        throw ReplicaKitError(
            .backupNotFound,
            "there is no good backup of \(set.spec.name) in \(store.location)",
            hint: "See `rkctl backup list`."
        )
    }

    /// What an interrupted restore to the latest moment had: the archive may have grown since, and backups been added.
    func begun(_ id: BackupID?, _ target: RestoreTarget?) async throws -> RestoreBase? {
        guard target == .latest else { return nil }
        let found = try await onPrimary { try await RestoreMark(connection: $0, timeout: $1).begun() }
        guard let begun = found, begun.isToLatest, id == nil || id == begun.backup else { return nil }
        let manifest = try await BackupCatalogue(store: store).manifest(of: begun.backup)
        return RestoreBase(manifest: manifest, through: begun.through)
    }

    private func manifest(of id: BackupID, notAfter moment: BSONTimestamp?) async throws -> BackupManifest {
        let manifest = try await BackupCatalogue(store: store).manifest(of: id)
        if let moment, manifest.end.timestamp > moment {
            throw ReplicaKitError(
                .momentNotCovered,
                "backup \(id) is of \(manifest.end.timestamp), after the wanted moment \(moment)",
                hint: "Leave out the id, and the newest backup before the moment is taken."
            )
        }
        return manifest
    }

    /// Oldest first.
    private func goodBackups(notAfter moment: BSONTimestamp?) async throws -> [BackupManifest] {
        let good = try await BackupCatalogue(store: store).list().filter { $0.notes.verdict?.isGood ?? true }
            .compactMap { try? $0.manifest.get() }.filter { $0.set == set.spec.name.rawValue }
            .sorted { $0.end.timestamp < $1.end.timestamp }
        guard let moment else { return good }
        let fitting = good.filter { $0.end.timestamp <= moment }
        guard fitting.isEmpty else { return fitting }
        let oldest = good.first.map { "the oldest is of \($0.end.timestamp)" } ?? "there is none"
        throw ReplicaKitError(
            .momentNotCovered,
            "no good backup of \(set.spec.name) in \(store.location) begins early enough: \(oldest)",
            hint: "See `rkctl backup list`."
        )
    }

    /// Demands that the archive reaches from a backup to a moment.
    private func requireCoverage(of manifest: BackupManifest, through: BSONTimestamp) async throws {
        guard through > manifest.end.timestamp else { return }
        _ = try await OplogArchive(store: store)
            .entries(from: manifest.archiveStart, through: through, of: manifest.setID)
    }
}
