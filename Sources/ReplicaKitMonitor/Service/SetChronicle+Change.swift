import ReplicaKit

extension SetChronicle {
    /// What two looks alone tell.
    struct Change {
        let before: HealthExamination
        let now: HealthExamination
        private let membersBefore: [MemberAddress: ReplicaSetStatus.Member]

        init(_ before: HealthExamination, _ now: HealthExamination) {
            self.before = before
            self.now = now
            membersBefore = Dictionary(before.report.status.members.map { ($0.host, $0) }) { first, _ in first }
        }

        func event(
            _ kind: SetEvent.Kind,
            _ member: Finding.Subject?,
            _ message: String,
            _ details: [Finding.Evidence] = []
        ) -> SetEvent {
            SetEvent(at: now.report.takenAt, kind: kind, member: member, message: message, details: details)
        }

        /// How a member is called, also one that has just left.
        func subject(_ host: MemberAddress) -> Finding.Subject {
            let member = (now.report.status.members + before.report.status.members).first { $0.host == host }
            return Finding.Subject(name: member?.name, host: host)
        }

        func ofConfig() -> [SetEvent] {
            guard let config = now.look.snapshot.currentConfig, let earlier = before.look.snapshot.currentConfig,
                config.version != earlier.version || config.term != earlier.term
            else { return [] }
            let (hosts, hostsBefore) = (config.members.map(\.host), earlier.members.map(\.host))
            let added = hosts.filter { !hostsBefore.contains($0) }.map(subject)
            let removed = hostsBefore.filter { !hosts.contains($0) }.map(subject)
            var events = added.map { event(.memberAdded, $0, "\($0) was added to the config") }
            events += removed.map { event(.memberRemoved, $0, "\($0) was removed from the config") }
            // A new primary writes its term into the config; that is no change for anybody.
            guard config.version != earlier.version else { return events }
            let versions = "from version \(earlier.version) to \(config.version)"
            events.append(
                event(
                    .configChanged,
                    nil,
                    "the config went \(versions)",
                    [.init("from", .integer(earlier.version)), .init("to", .integer(config.version))]
                )
            )
            return events
        }

        func ofReachability() -> [SetEvent] {
            now.report.status.members.compactMap { member in
                guard let earlier = membersBefore[member.host], earlier.reachable != member.reachable else {
                    return nil
                }
                let subject = subject(member.host)
                if member.reachable { return event(.memberReachable, subject, "\(subject) answers again") }
                let why = member.error.map { ": \($0.message)" } ?? ""
                return event(.memberUnreachable, subject, "\(subject) does not answer\(why)")
            }
        }

        func ofStates() -> [SetEvent] {
            now.report.status.members.compactMap { member in
                guard let earlier = membersBefore[member.host], earlier.state != member.state else { return nil }
                let subject = subject(member.host)
                let words = [earlier.state, member.state].map { $0?.description ?? "unknown" }
                return event(
                    .stateChanged,
                    subject,
                    "\(subject) went from \(words[0]) to \(words[1])",
                    [.init("from", .string(words[0])), .init("to", .string(words[1]))]
                )
            }
        }

        /// What became of findings.
        ///
        /// - Parameter open: Those that have appeared and were not resolved.
        func ofFindings(open: [Finding.Key: Finding]) -> [SetEvent] {
            let present = now.report.findings.compactMap { finding -> SetEvent? in
                guard let old = open[finding.key] else { return event(.findingAppeared, finding) }
                return old.severity == finding.severity ? nil : event(.findingChanged, finding)
            }
            let keys = Set(now.report.findings.map(\.key))
            let gone = open.values.filter { !keys.contains($0.key) && !isUnjudged($0.key) }
            return present + gone.sorted { $0.rule < $1.rule }.map { event(.findingResolved, $0) }
        }

        /// Whether nobody can say if it is still so: the rule had not what it needs, or the member does not answer.
        func isUnjudged(_ key: Finding.Key) -> Bool {
            now.report.unjudged.contains { Finding.Key(rule: $0.rule, member: $0.member) == key }
                || now.report.status.members.contains { $0.host == key.member?.host && !$0.reachable }
        }

        private func event(_ kind: SetEvent.Kind, _ finding: Finding) -> SetEvent {
            let isOver = kind == .findingResolved ? "resolved: " : ""
            return event(
                kind,
                finding.member,
                finding.member.map { "\($0): \(isOver)\(finding.message)" } ?? isOver + finding.message,
                [
                    .init("rule", .string(finding.rule.rawValue)),
                    .init("severity", .string(finding.severity.rawValue)),
                    .init("priority", .string(finding.priority.rawValue)),
                ]
            )
        }
    }
}
