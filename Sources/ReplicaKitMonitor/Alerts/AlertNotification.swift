public import ReplicaKit

/// What one route is told at once.
public struct AlertNotification: Sendable, Hashable {
    /// The set.
    public var set: ReplicaSetName
    /// The name of the route.
    public var route: String
    /// The alerts, worst first.
    public var alerts: [Alert]
    /// What is said in one sentence of alerts that are not among ``alerts``, because there are too many.
    public var summary: Summary?

    /// Creates a notification.
    public init(set: ReplicaSetName, route: String, alerts: [Alert], summary: Summary? = nil) {
        self.set = set
        self.route = route
        self.alerts = alerts
        self.summary = summary
    }

    /// Alerts that are counted and not told one by one.
    public struct Summary: Sendable, Hashable {
        /// How many there are of each rule, most first.
        public var counts: [Count]
        /// How urgent the most urgent is.
        public var priority: AlertPriority

        /// How many alerts a rule has.
        public struct Count: Sendable, Hashable {
            /// The rule.
            public var rule: HealthRuleID
            /// How many.
            public var count: Int
        }

        /// Counts alerts.
        init(_ subjects: [AlertSubject]) {
            counts = Dictionary(grouping: subjects, by: \.rule).map { Count(rule: $0.key, count: $0.value.count) }
                .sorted { ($1.count, $0.rule) < ($0.count, $1.rule) }
            priority = subjects.map(\.priority).min() ?? .p3
        }

        /// How many there are; 0 when all that were summed up before are resolved.
        public var total: Int { counts.reduce(0) { $0 + $1.count } }

        /// It in words.
        public var text: String {
            guard total > 0 else { return "all that were summed up before are resolved" }
            let rules = counts.prefix(10).map { "\($0.rule) \($0.count)" }.joined(separator: ", ")
            return "and \(total) more: \(rules)" + (counts.count > 10 ? ", and \(counts.count - 10) other rules" : "")
        }
    }

    /// Whether something that it tells of is still there.
    public var status: Alert.Status {
        alerts.contains { $0.status == .firing } || (summary?.total ?? 0) > 0 ? .firing : .resolved
    }

    /// It in one line, such as `[P1] orders: m2: the file system is full by 91 % (limit 90 %)`.
    public var title: String {
        let firing = alerts.filter { $0.status == .firing }
        let count = firing.count + (summary?.total ?? 0)
        let resolved = alerts.count - firing.count
        let most = (firing.map(\.subject.priority) + (count > firing.count ? [summary?.priority ?? .p3] : [])).min()
        let mark = most.map { "[\($0.rawValue)]" } ?? "[resolved]"
        if alerts.count == 1, summary == nil { return "\(mark) \(set): \(alerts[0].subject.sentence)" }
        let parts = [(count, "firing"), (resolved, "resolved")].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        guard !parts.isEmpty else { return "\(mark) \(set): \(summary?.text ?? "")" }
        return "\(mark) \(set): \(parts.joined(separator: ", "))"
    }
}

extension AlertSubject {
    /// Whom it is about, and what.
    var sentence: String { member.map { "\($0): \(message)" } ?? message }
}
