import ReplicaKit

/// What the target of a restore is and holds, as far as that allows the restore or forbids it.
struct TargetState: Sendable {
    let member: MemberAddress
    let version: ServerVersion
    let featureCompatibilityVersion: String
    /// Bytes free on the disk of the primary; `nil` where it does not say.
    let freeBytes: Int?
    /// All collections and views but the server's own.
    let present: [Namespace]
    /// The members that do not serve, as the primary sees them, each with its state.
    let unhealthy: [String]

    init(asking connection: any MemberConnection, _ timeout: Duration) async throws {
        member = connection.address
        version = try await connection.run(BuildInfo(), timeout: timeout).version
        featureCompatibilityVersion =
            try await connection.run(GetFeatureCompatibilityVersion(), timeout: timeout).version
        unhealthy = try await connection.run(ReplSetGetStatus(), timeout: timeout).members.compactMap { member in
            if member.isHealthy, [.primary, .secondary, .arbiter].contains(member.state) { return nil }
            return "\(member.address) (\(member.isHealthy ? "\(member.state)" : "not reachable"))"
        }
        let stats = try await connection.run(["dbStats": 1], on: "admin", timeout: timeout)
        if let total = stats["fsTotalSize"]?.doubleValue, let used = stats["fsUsedSize"]?.doubleValue {
            freeBytes = Int(max(0, total - used))
        } else {
            freeBytes = nil
        }
        var present: [Namespace] = []
        for database in try await connection.run(ListDatabases(), timeout: timeout).names
        where !["local", "config", RestoreMark.database].contains(database) {
            let command: BSONDocument = ["listCollections": 1, "nameOnly": true]
            for item in try await connection.documents(command, on: database, timeout: timeout) {
                guard let name = item["name"]?.stringValue else { continue }
                let namespace = Namespace(database: database, collection: name)
                let isInternal =
                    name == "system.views" || name == "system.profile" || name.hasPrefix("system.buckets.")
                    || Restorer.isServers(namespace)
                if !isInternal { present.append(namespace) }
            }
        }
        self.present = present
    }

    /// Demands that it can take the backup.
    func require(_ manifest: BackupManifest, bytes: Int) throws(ReplicaKitError) {
        let needed = try ServerVersion(manifest.featureCompatibilityVersion)
        guard try ServerVersion(featureCompatibilityVersion) >= needed else {
            throw ReplicaKitError(
                .refused,
                "the backup is of feature compatibility version \(needed), and the target has \(featureCompatibilityVersion)",
                member: member,
                hint: "Restore to a set of that version or a later one."
            )
        }
        if let freeBytes, freeBytes < bytes {
            throw ReplicaKitError(
                .refused,
                "the documents have \(bytes) bytes, and the target's disk has \(freeBytes) free",
                member: member,
                hint: "Make room on the disks of all members, or restore a part: --include."
            )
        }
    }

    /// Demands that all members serve, so that none is left far behind by all that is written.
    func requireHealthy(_ set: ReplicaSetName) throws(ReplicaKitError) {
        guard !unhealthy.isEmpty else { return }
        throw ReplicaKitError(
            .refused,
            "not all members of \(set) serve: \(unhealthy.joined(separator: ", ")). They would have to catch up with all "
                + "that is restored, or be synced anew",
            member: member,
            hint: "Bring them back first (rkctl status), or restore all the same: --allow-unhealthy."
        )
    }

    /// Demands that nothing is there that the restore would write to, or that it holds nothing.
    func requireEmpty(
        _ targets: Swift.Set<Namespace>,
        asking connection: any MemberConnection,
        _ timeout: Duration
    ) async throws {
        var full: [String] = []
        for namespace in present where targets.contains(namespace) {
            let found = try await connection.run(FindOne(in: namespace), timeout: timeout).found
            if found != nil { full.append(namespace.description) }
        }
        guard full.isEmpty else {
            throw ReplicaKitError(
                .targetNotEmpty,
                "the target holds data in \(full.prefix(10).joined(separator: ", "))"
                    + (full.count > 10 ? " and \(full.count - 10) more" : ""),
                member: member,
                hint: "Restore beside it (--to-namespace), or make the target equal to the backup (--mirror)."
            )
        }
    }
}
