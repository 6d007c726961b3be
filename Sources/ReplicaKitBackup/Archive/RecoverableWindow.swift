public import ReplicaKit

/// A range of moments that a backup and the archive of the oplog can be restored to, each of them.
public struct RecoverableWindow: Sendable, Hashable {
    /// The timeline of the archive.
    public var timeline: String
    /// The first moment: that of the base itself.
    public var from: BSONTimestamp
    /// The last one: the last entry that is saved without a gap.
    public var to: BSONTimestamp
    /// The earliest good backup from which the archive goes on without a gap.
    public var base: BackupID
}

extension OplogTimeline {
    /// What can be restored with this timeline: what its slices cover and no backup reaches into is not in it.
    ///
    /// - Parameter backups: All complete backups; those that were found bad, and those of other sets, are no base.
    /// - Returns: At most one for each of ``windows``, in their order.
    public func recoverable(with backups: [CataloguedBackup]) -> [RecoverableWindow] {
        let bases = backups.filter { $0.notes.verdict?.isGood ?? true }.compactMap { try? $0.manifest.get() }
            .filter(isOfSet(of:)).sorted { $0.end.timestamp < $1.end.timestamp }
        return windows.compactMap { window -> RecoverableWindow? in
            let base = bases.first { window.after < $0.archiveStart && $0.end.timestamp <= window.last }
            return base.map {
                RecoverableWindow(timeline: id, from: $0.end.timestamp, to: window.last, base: $0.id)
            }
        }
    }
}
