import ReplicaKit

/// A restore while it is done: each part is noted in the target when it is complete, and is not done again.
struct RestoreWork: Sendable {
    let set: ReplicaSet
    let store: any BackupStore
    let plan: RestorePlan
    let items: [RestoreItem]
    /// Begins to read the oplog that was captured beside the collections.
    var oplog: (@Sendable () async throws -> any DocumentReader)?
    let report: @Sendable (BackupEvent) -> Void

    var collections: [RestoreItem] { items.filter { !Restorer.isServers($0.source) } }
    private var users: [RestoreItem] { RestoreItem.users(of: items) }

    /// Index builds and large batches take long; each is one answer.
    private static let patience: Duration = .seconds(86_400)

    /// Does what is not done yet, on the primary of now.
    func run() async throws -> RestoreReport {
        let access = set.backupAccess
        guard let primary = await access.writableMember() else { throw Self.noPrimary(of: set) }
        return try await access.with(primary, as: access.bestIdentity) { connection in
            let mark = RestoreMark(connection: connection, timeout: access.timeout)
            if try await mark.begin(plan) { report(.note("the restore that was begun is completed")) }
            var result = RestoreReport()
            try await remove(on: connection, access.timeout, mark)
            report(.phase("restore the data"))
            try await restoreData(connection, access)
            result.collections = collections.count
            result.documents = plan.collections.reduce(0) { $0 + $1.documents }
            for item in users {
                let part = "users \(item.target)"
                // Once only: a replay may have changed them since.
                guard try await mark.state(of: part) != RestoreMark.done else { continue }
                result.users += try await UserRestoring(
                    connection: connection,
                    timeout: access.timeout,
                    administrator: set.spec.security.admin.user
                ).run(item, mirrors: plan.options.mirrors)
                try await mark.note(part, RestoreMark.done, durably: true)
            }
            let indexes = try await replay(on: connection, access, &result)
            report(.phase("build the indexes"))
            for (target, specs) in indexes {
                let failed = try await IndexRestoring(connection: connection, timeout: Self.patience)
                    .build(specs, on: target)
                result.failedIndexes += failed
                result.indexes += specs.count - failed.count
            }
            return result
        }
    }

    /// Takes the mark of an unfinished restore away, on the primary of now. Harmless when it is gone.
    func end() async throws {
        let access = set.backupAccess
        guard let primary = await access.writableMember() else { throw Self.noPrimary(of: set) }
        try await access.with(primary, as: access.bestIdentity) {
            try await RestoreMark(connection: $0, timeout: access.timeout).clear()
        }
    }

    private static func noPrimary(of set: ReplicaSet) -> ReplicaKitError {
        ReplicaKitError(.noPrimary, "\(set.spec.name) has no primary", hint: "Look at `rkctl status`.")
    }

    /// Removes what a mirror must not have.
    ///
    /// Once only: a replay may make collections of the same names.
    private func remove(
        on connection: any MemberConnection,
        _ timeout: Duration,
        _ mark: RestoreMark
    ) async throws {
        guard try await mark.state(of: RestoreMark.removal) != RestoreMark.done else { return }
        for namespace in plan.removed {
            try await connection.drop(namespace, timeout: timeout)
            report(.note("removed \(namespace), which the backup does not have"))
        }
        try await mark.note(RestoreMark.removal, RestoreMark.done, durably: true)
    }

    private func restoreData(_ connection: any MemberConnection, _ access: MemberAccess) async throws {
        try await access.withConnections(plan.options.parallelism, to: connection.address) { connections in
            let data = DataRestoring(
                connections: connections,
                timeout: max(access.timeout, .seconds(600)),
                mirrors: plan.options.mirrors,
                total: collections.reduce(0) { $0 + $1.bytes },
                report: report
            )
            try await data.run(collections)
        }
        // Everything before this write is on a majority once it is.
        let mark = RestoreMark(connection: connection, timeout: Self.patience)
        try await mark.note("all data", "done", durably: true)
    }
}
