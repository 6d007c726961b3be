extension ReplicaSet {
    /// The last run, when it did not come to its end: it failed, was interrupted, or its process died.
    ///
    /// Its plan's ``Plan/intent`` is what was wanted: apply it again, and what is left is done. Starting members
    /// meanwhile, as one does before, leaves it open.
    /// - Returns: `nil` when the last run came to its end, or was taken over or abandoned, and when there was none. A run
    ///   that goes on in another process looks unfinished too; it holds the lock.
    /// - Throws: ``ReplicaKitError/Code/journalFailed``.
    public func unfinishedRun() throws -> JournalRecord? { try journal.resumable() }

    /// Writes down that nobody will finish a run. Nothing else is changed: the set stays as it was left.
    ///
    /// - Throws: ``ReplicaKitError/Code/locked`` when it goes on in another process.
    public func abandon(_ record: JournalRecord) throws {
        let lock = try SetLock(path: lockPath, set: spec.name)
        let entry = JournalEntry(at: Journal.now, event: .superseded, message: "abandoned")
        try journal.append(entry, to: record.plan.id)
        _ = consume lock
    }
}
