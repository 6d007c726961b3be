import Foundation
import Glibc
import ReplicaKit
import ReplicaKitMongo
import ReplicaKitProcess
import TestSupport

/// A set of real servers that elects within a second, with a user, for tests that look at it.
struct RealSet: Sendable {
    let members: RealMembers
    let admin = MemberAuthentication.user("admin", RealSet.password)

    static let password = "p:w/%@ d"

    var addresses: [MemberAddress] { members.addresses }
    var toolbox: Toolbox { Toolbox(driver: LibMongoCDriver.quiet, host: members.host, logger: .silent) }

    /// Starts members, initiates them with this config but for its hosts, and lends the set when all are in their
    /// places and the user can log in everywhere but on arbiters.
    static func with<Result: Sendable>(
        members count: Int = 3,
        version: String = RealServers.defaultVersion,
        editing edit: (inout ReplicaSetSpec) -> Void = { _ in },
        _ body: (RealSet) async throws -> Result
    ) async throws -> Result {
        try await RealMembers.with(members: count, version: version, editing: { edit(&$0) }) { members in
            let set = RealSet(members: members)
            try await set.initiate(version: version)
            return try await body(set)
        }
    }

    func taker(as identity: MemberAuthentication? = nil, timeout: Duration = .seconds(5)) -> SnapshotTaker {
        SnapshotTaker(spec: members.spec, authentication: identity ?? admin, toolbox: toolbox, timeout: timeout)
    }

    /// Takes snapshots until one is as wanted.
    @discardableResult
    func wait(
        for what: String,
        within limit: Duration = .seconds(60),
        until isSo: (ReplicaSetSnapshot) -> Bool
    ) async throws -> ReplicaSetSnapshot {
        let start = ContinuousClock.now
        while true {
            let taken = try await taker().take()
            if isSo(taken) { return taken }
            guard start.duration(to: .now) < limit else {
                let states = taken.members.map { "\($0): \(String(describing: taken.state(of: $0)))" }
                throw TestFailure("waited for \(what): \(states), \(taken.primaryVerdict)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Makes a member answer nothing more, until it is told to go on.
    func hang(_ name: MemberName) async throws { try await TestSupport.hang(pid(of: name)) }

    /// Makes a member that hangs go on.
    func goOn(_ name: MemberName) async throws {
        let pid = try await pid(of: name)
        guard kill(pid, SIGCONT) == 0 else { throw TestFailure("cannot signal \(pid): errno \(errno)") }
    }

    private func pid(of name: MemberName) async throws -> pid_t {
        guard case .running(let process) = try await members.host.state(of: name), let pid = pid_t(process.identity)
        else { throw TestFailure("\(name) does not run") }
        return pid
    }

    private func initiate(version: String) async throws {
        var spec = members.spec
        spec.settings.electionTimeoutMillis = 1000
        spec.settings.heartbeatIntervalMillis = 200
        let config = try ReplicaSetConfig(spec: spec, serverVersion: ServerVersion(version))
        let driver = LibMongoCDriver.quiet
        let first = addresses[0]
        try await driver.withConnection(to: first, as: .none, timeout: .seconds(20)) { connection in
            _ = try await connection.run(ReplSetInitiate(config: config), timeout: .seconds(30))
            while try await !connection.run(Hello(), timeout: .seconds(5)).isWritablePrimary {
                try await Task.sleep(for: .milliseconds(20))
            }
            let create = CreateUser(user: "admin", password: Secret(Self.password), roles: [.root])
            _ = try await connection.run(create, timeout: .seconds(20))
        }
        try await wait(for: "all members in their places") { taken in
            taken.members.allSatisfy {
                $0.error == nil && [.primary, .secondary, .arbiter].contains($0.view?.ownState)
            }
        }
    }
}
