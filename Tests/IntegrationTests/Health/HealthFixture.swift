import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

extension LifecycleFixture {
    /// What depends on the machine that tests share, not on the set: how busy it and its disk are.
    static let ofTheMachine: [HealthRuleID] = [
        "machine.cpu", "machine.memory", "machine.disk-latency", "machine.sync-latency", "machine.disk",
    ]

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

extension HealthReport {
    /// What is wrong, without what is only worth knowing.
    var troubles: [Finding] { findings.filter { $0.severity > .info } }

    /// For a failure's message.
    var told: Comment {
        Comment(rawValue: findings.map { "\($0.severity) \($0.key): \($0.message)" }.joined(separator: "\n"))
    }

    /// Expects a finding of a rule about a member, with that severity, and a remedy; and nothing else wrong than that and
    /// what is named.
    @discardableResult
    func expect(
        _ rule: HealthRuleID,
        _ severity: Severity,
        of member: MemberName?,
        beside others: Set<HealthRuleID> = [],
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Finding? {
        let found = findings.first { $0.rule == rule && $0.member?.name == member }
        #expect(found?.severity == severity, told, sourceLocation: sourceLocation)
        #expect(found?.remedy.isEmpty == false, told, sourceLocation: sourceLocation)
        let surplus = troubles.filter { $0.rule != rule && !others.contains($0.rule) }
        #expect(surplus.isEmpty, told, sourceLocation: sourceLocation)
        return found
    }
}
