import Logging
import ReplicaKit
import ReplicaKitMongo
import TestSupport

/// A real set of three members that elects within a second.
struct WatchedSet: Sendable {
    let members: RealMembers
    let set: ReplicaSet

    /// The password of its administrator.
    var password: String {
        get throws { try set.secrets.read(set.spec.security.admin.password).reveal() }
    }

    static func with<Result: Sendable>(_ body: (WatchedSet) async throws -> Result) async throws -> Result {
        try await RealMembers.with(
            members: 3,
            started: false,
            editing: { spec in
                spec.settings.electionTimeoutMillis = 1000
                spec.settings.heartbeatIntervalMillis = 200
            }
        ) { members in
            let set = ReplicaSet(
                spec: members.spec,
                baseDirectory: members.directory.path,
                toolbox: Toolbox(driver: LibMongoCDriver(logger: .silent), host: members.host, logger: .silent)
            )
            _ = try await set.apply(.up)
            return try await body(WatchedSet(members: members, set: set))
        }
    }
}
