/// Judges looks at a set by rules: pure.
public struct HealthExaminer: Sendable {
    /// What the set should be, with its limits and silences.
    public var spec: ReplicaSetSpec
    /// What is looked for.
    public var rules: [HealthRule]

    /// Creates an examiner.
    public init(spec: ReplicaSetSpec, rules: [HealthRule] = HealthRule.standard) {
        self.spec = spec
        self.rules = rules
    }

    /// Judges a look.
    ///
    /// - Parameters:
    ///   - look: What was seen.
    ///   - previous: What was seen before, for rates and for what counts only when it lasts.
    public func report(on look: HealthLook, previous: HealthLook? = nil) -> HealthReport {
        let context = HealthContext(spec: spec, look: look, previous: previous)
        var findings: [Finding] = []
        var unjudged: [HealthReport.Unjudged] = []
        for rule in rules {
            for judgment in rule.judge(context) {
                switch judgment {
                case .found(let finding): findings.append(finding)
                case .unjudged(let entry): unjudged.append(entry)
                }
            }
        }
        let now = look.snapshot.takenAt
        let isSilent = { (finding: Finding) in spec.health.silence.contains { $0.covers(finding, at: now) } }
        let sorted = findings.worstFirst
        return HealthReport(
            findings: sorted.filter { !isSilent($0) },
            silenced: sorted.filter(isSilent),
            unjudged: unjudged,
            readings: context.members.map { MemberReadings(member: $0.subject, values: $0.values) },
            status: ReplicaSetStatus(look.snapshot),
            tookSeconds: look.tookSeconds
        )
    }
}

extension [Finding] {
    /// The findings in the order of every report: worst first, then the most urgent; equals stay as they are.
    package var worstFirst: [Finding] {
        enumerated().sorted { left, right in
            let (l, r) = (left.element, right.element)
            return (r.severity, l.priority, left.offset) < (l.severity, r.priority, right.offset)
        }.map(\.element)
    }
}
