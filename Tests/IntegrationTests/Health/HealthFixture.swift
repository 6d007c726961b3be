import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

extension LifecycleFixture {
    /// What depends on the machine that tests share, not on the set: how long anything takes there, too.
    static let ofTheMachine = HealthRuleID.ofTheMachine + ["latency.reads", "latency.writes", "latency.commands"]

    /// A set that is up, whose health is judged without what the machine and fail points would add.
    static func up(
        members count: Int = 3,
        version: String = RealServers.defaultVersion,
        silencing rules: [HealthRuleID] = ofTheMachine + ["server.settings"],
        editing edit: (inout ReplicaSetSpec) throws -> Void = { _ in },
        _ body: (LifecycleFixture) async throws -> Void
    ) async throws {
        try await with(
            members: count,
            version: version,
            editing: { spec in
                spec.health.silence = rules.map { HealthSpec.Silence(rule: $0) }
                try edit(&spec)
            }
        ) { fixture in
            _ = try await fixture.set.apply(.up)
            try await body(fixture)
        }
    }

    func pid(of name: MemberName) async throws -> pid_t {
        guard case .running(let process) = try await members.host.state(of: name) else {
            throw TestFailure("\(name) does not run")
        }
        return try #require(pid_t(process.identity))
    }

    /// Does something with Python; what it answers is of no interest.
    func act(_ script: String) async throws {
        let _: Bool = try await judge(script + "\nresult = True")
    }
}
