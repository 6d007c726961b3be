/// Something that is looked for in every look at a set: a value, so that others can be added to the standard ones.
///
/// ```swift
/// let rule = HealthRule("team.name-of-hosts", looksFor: "members without a domain", in: "replSetGetConfig") { context in
///     context.members.filter { !$0.subject.host.host.contains(".") }.map { … }
/// }
/// let examination = try await set.examine(rules: HealthRule.standard + [rule])
/// ```
public struct HealthRule: Sendable {
    /// Its name.
    public let id: HealthRuleID
    /// What it looks for, in a few words.
    public let summary: String
    /// What it reads: commands and fields.
    public let source: String
    /// Judges a look.
    public let judge: @Sendable (HealthContext) -> [Judgment]

    /// What a rule says.
    public enum Judgment: Sendable {
        /// Something is wrong, or worth knowing.
        case found(Finding)
        /// It could not be judged.
        case unjudged(HealthReport.Unjudged)
    }

    /// Creates a rule that may be unable to judge.
    public init(
        _ id: HealthRuleID,
        looksFor summary: String,
        in source: String,
        judging judge: @escaping @Sendable (HealthContext) -> [Judgment]
    ) {
        self.id = id
        self.summary = summary
        self.source = source
        self.judge = judge
    }

    /// Creates a rule that finds something or nothing.
    public init(
        _ id: HealthRuleID,
        looksFor summary: String,
        in source: String,
        finding: @escaping @Sendable (HealthContext) -> [Finding]
    ) {
        self.init(id, looksFor: summary, in: source, judging: { finding($0).map(Judgment.found) })
    }

    /// All rules about what members answer.
    public static let standard: [HealthRule] =
        availability + configuration + replication + server
        + HealthThreshold.allCases.filter { !$0.gauges.isEmpty }.map(\.healthRule)
}
