public import Logging
public import ReplicaKit
public import ReplicaKitBackup

extension BackupKeeper {
    /// Lends a keeper of the place that the set's spec names, a bucket or a directory, or of another directory;
    /// encrypted where the spec names a key. Connections to a bucket are closed afterwards.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - directory: A directory to take instead of the spec's place.
    ///   - logger: Is told of requests to a bucket that failed and are sent again.
    ///   - body: What is done with it.
    /// - Throws: ``ReplicaKitError`` when a secret cannot be read; what `body` throws.
    public static func with<Result>(
        of set: ReplicaSet,
        directory: String? = nil,
        logger: Logger,
        _ body: (BackupKeeper) async throws -> Result
    ) async throws -> Result {
        guard directory == nil, let place = set.spec.backup.s3 else {
            return try await body(BackupKeeper(of: set, directory: directory))
        }
        let location = try S3Location(place, secrets: set.secrets)
        return try await S3BackupStore.with(location, clock: set.toolbox.clock, logger: logger) { store in
            try await body(BackupKeeper(of: set, encryptingWhereNamed: store))
        }
    }

    /// Rules about the backups in the place that the set's spec names, as ``healthRules()`` gives them. A place that
    /// cannot be read, or not in time, is a finding.
    ///
    /// - Parameters:
    ///   - set: The set.
    ///   - limit: How long the place may take.
    ///   - logger: As for ``with(of:directory:logger:_:)``.
    public static func healthRules(of set: ReplicaSet, within limit: Duration, logger: Logger) async -> [HealthRule] {
        let clock = set.toolbox.clock
        do {
            return try await withThrowingTaskGroup(of: [HealthRule].self) { group in
                group.addTask { try await with(of: set, logger: logger) { await $0.healthRules() } }
                group.addTask {
                    try await clock.sleep(for: limit)
                    throw ReplicaKitError(
                        .backupStoreFailed,
                        "the place of the backups did not answer within \(Int(limit.seconds)) s"
                    )
                }
                defer { group.cancelAll() }
                return try await group.next() ?? []
            }
        } catch let error as ReplicaKitError {
            return HealthRule.backups(.failure(error))
        } catch {
            // Cancelled: nobody waits for it.
            return []
        }
    }
}
