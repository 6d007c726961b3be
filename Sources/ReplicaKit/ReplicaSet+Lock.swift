extension ReplicaSet {
    /// What only one process on this machine may do at a time.
    package enum Exclusive: String {
        /// Change the set.
        case change = "lock"
        /// Write backups of it.
        case backup = "backup.lock"
        /// Write the archive of its oplog.
        case oplogArchive = "oplog-archive.lock"
    }

    /// Waits until no run changes the set on this machine, or the time is up: whoever runs then is told who has the lock.
    package func waitForOtherRuns(within limit: Duration) async throws {
        _ = try await toolbox.clock.poll(for: limit, every: .milliseconds(100)) {
            SetLock.isHeld(path: lockPath) ? nil : true
        }
    }

    /// Does something while nobody else does the like.
    ///
    /// - Throws: ``ReplicaKitError/Code/locked`` when another process does.
    package func alone<Result>(_ what: Exclusive, _ body: () async throws -> Result) async throws -> Result {
        try journal.prepare()
        let lock = try SetLock(path: "\(stateDirectory)/\(what.rawValue)", set: spec.name)
        let result = try await body()
        _ = consume lock
        return result
    }
}
