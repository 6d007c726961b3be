public import ReplicaKit

/// What health is judged by of a set's backups.
public struct BackupFigures: Sendable, Hashable {
    /// When it was looked.
    public var takenAt: BSONDateTime
    /// How many complete backups of the set there are.
    public var count = 0
    /// The moment that the newest one is consistent at; one that was found bad does not count.
    public var newest: BSONDateTime?
    /// The newest one of which the verdict is bad, if it is newer than every good one.
    public var bad: BackupID?
    /// When a backup was last restored and found equal.
    public var provenAt: BSONDateTime?
    /// Through when the archive of the oplog reaches; `nil` where there is none.
    public var archivedThrough: BSONDateTime?
    /// Why the archive's newest timeline has ended, if it has.
    public var archiveEnd: String?
    /// Since when the archive goes on without a base: the newest good backup ends before it, and what lies between is
    /// in neither; `nil` where a restore can begin with that backup, and where there is none or nothing is saved yet.
    public var baselessSince: BSONDateTime?

    /// Creates figures of nothing.
    public init(takenAt: BSONDateTime) {
        self.takenAt = takenAt
    }
}

extension BackupKeeper {
    /// Looks at the backups and the archive.
    ///
    /// - Throws: ``ReplicaKitError`` when the store cannot be read.
    public func figures() async throws -> BackupFigures {
        var figures = BackupFigures(takenAt: .now)
        let backups = try await catalogue.list().compactMap { backup in
            (try? backup.manifest.get()).map { (manifest: $0, verdict: backup.notes.verdict) }
        }.filter { $0.manifest.set == set.spec.name.rawValue }.sorted {
            $0.manifest.end.timestamp < $1.manifest.end.timestamp
        }
        figures.count = backups.count
        let newest = backups.last { $0.verdict?.isGood ?? true }?.manifest
        figures.newest = newest?.end.timestamp.time
        if let last = backups.last, last.verdict?.isGood == false { figures.bad = last.manifest.id }
        figures.provenAt = backups.compactMap(\.verdict).filter { $0.isGood && $0.method == .restored }.map(\.at).max()
        if let timeline = try await oplogArchive.timelines().last(where: { $0.begin.set == set.spec.name.rawValue }) {
            figures.archivedThrough = (timeline.slices.last?.last ?? timeline.begin.after.timestamp).time
            figures.archiveEnd = timeline.end?.message
            figures.baselessSince = newest.flatMap { timeline.baselessSince(for: $0) }?.time
        }
        return figures
    }

    /// Rules about the backups as they are now, to be judged beside ``HealthRule/standard``; none where the spec says
    /// nothing of backups and there are none.
    ///
    /// What cannot be read is a finding too.
    public func healthRules() async -> [HealthRule] {
        do {
            let figures = try await figures()
            let isUsed = figures.count > 0 || figures.archivedThrough != nil || set.spec.backup != BackupSpec()
            return isUsed ? HealthRule.backups(.success(figures)) : []
        } catch let error as ReplicaKitError {
            return HealthRule.backups(.failure(error))
        } catch {
            return []
        }
    }
}

extension BSONTimestamp {
    /// The second that it counts in.
    fileprivate var time: BSONDateTime { BSONDateTime(milliseconds: Int64(seconds) * 1000) }
}
