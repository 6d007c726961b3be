import ReplicaKit
import Synchronization

/// Asks for the rules that are lent for one set, again and again, and keeps those that came last.
final class RuleBorrower: Sendable {
    private let set: ReplicaSet
    private let lent: LentRules
    private let elapsed: @Sendable () -> Duration
    private let state: Mutex<State>

    private struct State {
        var rules: [HealthRule]
        /// When the open question was asked, by ``elapsed``.
        var askedAt: Duration?
    }

    init(_ set: ReplicaSet, _ lent: LentRules, elapsed: @escaping @Sendable () -> Duration) {
        self.set = set
        self.lent = lent
        self.elapsed = elapsed
        state = Mutex(State(rules: lent.expected.map { $0.unjudged("it is being looked at for the first time") }))
    }

    /// The rules to judge a look by. Never waits.
    var rules: [HealthRule] {
        let (rules, askedAt) = state.withLock { ($0.rules, $0.askedAt) }
        guard let askedAt, elapsed() - askedAt > lent.patience else { return rules }
        return rules + [Self.overdue(rules, since: elapsed() - askedAt)]
    }

    /// Asks until the task is cancelled.
    func run(clock: some Clock<Duration>) async throws {
        while true {
            let next = clock.now.advanced(by: lent.interval)
            state.withLock { $0.askedAt = elapsed() }
            let rules = await lent.ask(set)
            // Who was cancelled has no answer.
            try Task.checkCancellation()
            state.withLock { $0 = State(rules: rules) }
            try await clock.sleep(until: next, tolerance: nil)
        }
    }

    private static func overdue(_ rules: [HealthRule], since age: Duration) -> HealthRule {
        let names = rules.map(\.id.rawValue).joined(separator: ", ")
        return HealthRule(LentRules.overdue, looksFor: "rules that are lent no more", in: "the monitor") { _ in
            [
                Finding(
                    rule: LentRules.overdue,
                    severity: .unknown,
                    priority: .p2,
                    member: nil,
                    message: "for \(Int(age.seconds)) s nothing was heard of what these rules judge: \(names)",
                    evidence: [.init("ageSeconds", .double(age.seconds))],
                    remedy: "Look whether the place of the backups answers: rkctl backup list"
                )
            ]
        }
    }
}

extension HealthRule {
    /// The rule when it has nothing to judge by.
    fileprivate func unjudged(_ why: String) -> HealthRule {
        let id = id
        return HealthRule(id, looksFor: summary, in: source) { _ in
            [.unjudged(HealthReport.Unjudged(rule: id, why: why))]
        }
    }
}
