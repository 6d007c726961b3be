public import ReplicaKit

/// Which backups and slices of the oplog can go, by what must stay.
///
/// It is decided by what a restore would need, never by the dates of files: the newest good backup stays, so does
/// everything with a tag, and so does what a restore to any moment since the promise began needs.
public struct BackupPruning: Sendable {
    /// Backups that go.
    public var backups: [BackupID]
    /// Backups that go too, which were begun long ago and never completed.
    public var interrupted: [BackupID] = []
    /// Why each of the others stays.
    public var kept: [(id: BackupID, reason: String)]
    /// Entries of the oplog before this one are needed by nothing that stays; `nil` where no backup stays.
    public var oplogNeededFrom: BSONTimestamp? { oplogNeededFrom(removing: backups) }
    /// The earliest moment that must stay restorable.
    let promised: BSONDateTime
    private let needs: [BackupID: BSONTimestamp]

    /// Decides.
    ///
    /// - Parameters:
    ///   - backups: All complete backups.
    ///   - set: The set whose backups may go; those of others stay.
    ///   - promised: The earliest moment that must stay restorable.
    ///   - inUse: Backups that are being read, which stay.
    public init(
        _ backups: [CataloguedBackup],
        of set: ReplicaSetName,
        promised: BSONDateTime,
        inUse: Set<BackupID> = []
    ) {
        let readable = backups.compactMap { try? $0.manifest.get() }.filter { $0.set == set.rawValue }.sorted {
            $0.end.timestamp < $1.end.timestamp
        }
        let good = readable.filter { manifest in
            backups.first { $0.id == manifest.id }?.notes.verdict?.isGood ?? true
        }
        let promisedSeconds = UInt32(clamping: promised.milliseconds / 1000)
        // A restore to the promise's beginning needs the newest base before it.
        let base = good.last { $0.end.timestamp.seconds <= promisedSeconds }
        var kept: [(id: BackupID, reason: String)] = []
        var gone: [BackupID] = []
        for backup in backups {
            guard let manifest = try? backup.manifest.get() else {
                kept.append((backup.id, "its manifest cannot be read: look at it, then remove it by hand"))
                continue
            }
            if manifest.set != set.rawValue {
                kept.append((backup.id, "it is of another set, \(manifest.set)"))
            } else if !backup.notes.tags.isEmpty {
                kept.append((backup.id, "it is tagged \(backup.notes.tags.joined(separator: ", "))"))
            } else if backup.id == good.last?.id {
                kept.append((backup.id, "it is the newest good one"))
            } else if manifest.end.timestamp.seconds > promisedSeconds {
                kept.append((backup.id, "it is younger than the promise"))
            } else if backup.id == base?.id {
                kept.append((backup.id, "restores to the oldest promised moments begin with it"))
            } else if inUse.contains(backup.id) {
                kept.append((backup.id, "it is being restored or verified"))
            } else {
                gone.append(backup.id)
            }
        }
        self.backups = gone
        self.kept = kept
        self.promised = promised
        needs = Dictionary(readable.map { ($0.id, $0.oplogNeededFrom) }) { first, _ in first }
    }

    /// Where the oplog is needed from once these backups are gone; `nil` where none is left.
    func oplogNeededFrom(removing gone: [BackupID]) -> BSONTimestamp? {
        needs.filter { !gone.contains($0.key) }.values.min()
    }
}
