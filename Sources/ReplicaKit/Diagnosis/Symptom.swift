/// What an operator notices, and looks for the cause of.
public enum Symptom: String, Sendable, Hashable, Codable, CaseIterable {
    /// A member is down, or not as the others.
    case member
    /// There is no primary, or it changes.
    case primary
    /// A secondary is behind.
    case lag
    /// A disk fills up.
    case disk
    /// Clients get no connections.
    case connections
    /// Logins fail.
    case authentication
    /// Operations are slow.
    case slow

    /// The question in words.
    public var title: String {
        switch self {
        case .member: "Is a member down?"
        case .primary: "Is there a primary, and does it stay?"
        case .lag: "Is a secondary behind?"
        case .disk: "Does a disk fill up?"
        case .connections: "Do clients get connections?"
        case .authentication: "Do logins fail?"
        case .slow: "Are operations slow?"
        }
    }

    /// The rules whose findings belong to it: by their whole name, or their family.
    var rules: [HealthRuleID] {
        switch self {
        case .member:
            ["member", "config.spec", "config.spread", "server.restarted", "server.restarts", "replication.rollback"]
        case .primary:
            [
                "primary", "set", "quorum", "write", "config.even-voters", "config.successors",
                "config.election-timeout",
                "config.priorities", "config.arbiter",
            ]
        case .lag: ["replication", "oplog", "server.locked", "config.delayed-voter"]
        case .disk: ["machine.disk", "machine.disk-latency", "machine.sync-latency"]
        case .connections: ["server.connections"]
        case .authentication: ["member.login", "server.failed-logins", "server.access-control"]
        case .slow:
            [
                "latency", "queries", "cache", "server.queue", "server.tickets", "server.cursors",
                "server.long-operation",
                "server.index-build", "machine.cpu", "machine.memory", "machine.disk-latency",
            ]
        }
    }

    /// Whether a finding belongs to it.
    public func concerns(_ finding: Finding) -> Bool {
        rules.contains { finding.rule == $0 || finding.rule.rawValue.hasPrefix($0.rawValue + ".") }
    }
}
