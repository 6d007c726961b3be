public import ReplicaKit
public import Testing

extension HealthRuleID {
    /// What depends on the machine that tests share, not on the set: how busy it and its disk are.
    public static let ofTheMachine: [HealthRuleID] = [
        "machine.cpu", "machine.memory", "machine.disk-latency", "machine.sync-latency", "machine.disk",
    ]
}

extension HealthReport {
    /// What is wrong, without what is only worth knowing.
    public var troubles: [Finding] { findings.filter { $0.severity > .info } }

    /// For a failure's message.
    public var told: Comment {
        Comment(rawValue: findings.map { "\($0.severity) \($0.key): \($0.message)" }.joined(separator: "\n"))
    }

    /// Expects a finding of a rule about a member, with that severity, and a remedy; and nothing else wrong than that and
    /// what is named.
    @discardableResult
    public func expect(
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
