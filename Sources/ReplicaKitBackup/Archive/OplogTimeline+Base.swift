import ReplicaKit

extension OplogTimeline {
    /// Whether a backup is of the set whose oplog this is.
    func isOfSet(of backup: BackupManifest) -> Bool {
        begin.set == backup.set && (backup.setID == nil || backup.setID == begin.setID)
    }

    /// Where the newest part begins, if a restore of a backup cannot go on with it: what lies between them is missing.
    ///
    /// - Returns: `nil` where it can, which goes for a backup that is newer than all slices too, and where there is no
    ///   slice yet.
    func baselessSince(for backup: BackupManifest) -> BSONTimestamp? {
        guard let newest = windows.last else { return nil }
        return isOfSet(of: backup) && newest.after < backup.archiveStart ? nil : newest.after
    }
}
