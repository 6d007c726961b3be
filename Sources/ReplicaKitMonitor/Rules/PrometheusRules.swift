public import ReplicaKit

/// Alerting rules for a Prometheus that scrapes the monitor: the limits of a spec, on the metrics that it exports.
///
/// They are for sites where Prometheus and its Alertmanager already tell people; ``AlertRouter`` needs neither.
public struct PrometheusRules: Sendable {
    private let spec: ReplicaSetSpec

    /// Creates the rules of a set.
    public init(spec: ReplicaSetSpec) {
        self.spec = spec
    }

    /// The file of rules as a value: what ``yaml`` writes.
    public var json: JSONValue {
        let rules = setRules + memberRules + spec.rulesOfLimits + [otherFindings]
        return [
            "groups": [
                ["name": .string("replicakit-\(spec.name)"), "rules": .array(rules.map(\.json))]
            ]
        ]
    }

    /// The file of rules, in YAML.
    public var yaml: String {
        "# Made by `rkctl monitor rules` from the spec of \(spec.name); make it anew when the limits change.\n"
            + json.yaml
    }

    private func metric(_ name: String, _ more: String = "") -> String { spec.metric(name, more) }

    private var setRules: [PrometheusRule] {
        let look = metric("replicakit_last_look_timestamp_seconds")
        return [
            PrometheusRule(
                name: "ReplicaKitNotWatched",
                // There is no series whose labels could be taken over: the set's name is that of the selector.
                expression: "absent(\(look)) or time() - \(look) > 120",
                holds: "2m",
                severity: .critical,
                priority: .p1,
                summary: "{{ $labels.set }}: nobody has looked at the set for two minutes",
                remedy: "Look whether `rkctl monitor` runs, and what it logs."
            ),
            PrometheusRule(
                name: "ReplicaKitNoPrimary",
                expression: "max by (set) (\(metric("replicakit_set_primary"))) == 0",
                holds: "30s",
                severity: .critical,
                priority: .p0,
                summary: "{{ $labels.set }}: the set has no primary",
                remedy: "rkctl diagnose primary: which voters are missing, and why."
            ),
            PrometheusRule(
                name: "ReplicaKitNoMajority",
                expression: "\(metric("replicakit_set_majority_reachable")) == 0",
                holds: "30s",
                severity: .critical,
                priority: .p0,
                summary: "{{ $labels.set }}: too few voters answer to elect and keep a primary",
                remedy: "rkctl start, or start what else the members run on."
            ),
        ]
    }

    private var memberRules: [PrometheusRule] {
        [
            PrometheusRule(
                name: "ReplicaKitMemberDown",
                expression: "\(metric("replicakit_member_up")) == 0",
                holds: "1m",
                severity: .critical,
                priority: .p1,
                summary: "{{ $labels.set }}/{{ $labels.member }}: the member does not answer",
                remedy: "rkctl logs {{ $labels.member }}; then: rkctl start {{ $labels.member }}"
            )
        ]
    }

    /// What the monitor's own rules find beyond what the others here tell of.
    private var otherFindings: PrometheusRule {
        let told = HealthThreshold.allCases.filter { !$0.gauges.isEmpty }.map(\.rule.rawValue) + Self.toldByMetrics
        let names = Set(told).sorted().map { $0.split(separator: ".").joined(separator: #"\\."#) }
        let selector = #"severity=~"warning|critical",rule!~""# + names.joined(separator: "|") + #"""#
        return PrometheusRule(
            name: "ReplicaKitFinding",
            expression: metric("replicakit_finding", selector) + " == 1",
            holds: "1m",
            // The series has labels of its own for these.
            severity: nil,
            priority: nil,
            summary: "{{ $labels.set }}{{ with $labels.member }}/{{ . }}{{ end }}: {{ $labels.rule }}",
            remedy: "rkctl health: it says what was found, and what to do."
        )
    }

    /// The health rules that look for the same as ``setRules`` and ``memberRules``.
    static let toldByMetrics = ["primary.available", "member.answers"]
}

/// One alerting rule.
struct PrometheusRule: Sendable {
    var name: String
    var expression: String
    /// For how long it must be so, so that what comes and goes is not told.
    var holds: String
    var severity: Severity?
    var priority: AlertPriority?
    /// The name of the health rule that judges the same.
    var rule: HealthRuleID?
    var summary: String
    var remedy: String

    var json: JSONValue {
        var labels = JSONObject()
        labels["severity"] = severity.map { .string($0.rawValue) }
        labels["priority"] = priority.map { .string($0.rawValue) }
        labels["rule"] = rule.map { .string($0.rawValue) }
        var rule: JSONObject = ["alert": .string(name), "expr": .string(expression), "for": .string(holds)]
        if !labels.members.isEmpty { rule["labels"] = .object(labels) }
        rule["annotations"] = ["summary": .string(summary), "remedy": .string(remedy)]
        return .object(rule)
    }
}

extension ReplicaSetSpec {
    /// The series of a metric that are of this set.
    func metric(_ name: String, _ more: String = "") -> String {
        "\(name){set=\(JSONValue.string(self.name.rawValue))\(more.isEmpty ? "" : ",")\(more)}"
    }

    /// One rule for each limit of each figure.
    fileprivate var rulesOfLimits: [PrometheusRule] {
        HealthThreshold.allCases.flatMap { threshold in
            threshold.gauges.flatMap { gauge in rules(threshold, gauge) }
        }
    }

    private func rules(_ threshold: HealthThreshold, _ gauge: Gauge) -> [PrometheusRule] {
        let limits = health.limits(of: threshold)
        let (worse, better) = threshold.isFloor ? ("<", ">=") : (">=", "<")
        let series = metric(gauge.metricName)
        var rules: [PrometheusRule] = []
        for (severity, limit) in [(Severity.warning, limits.warning), (.critical, limits.critical)] {
            guard let limit else { continue }
            var expression = "\(series) \(worse) \(limit.inPromQL)"
            // What is critical is told once.
            if severity == .warning, let critical = limits.critical {
                expression = "(\(expression)) \(better) \(critical.inPromQL)"
            }
            let what = gauge.summary.dropLast()
            let format = gauge.promQLFormat
            let isCritical = severity == .critical
            rules.append(
                PrometheusRule(
                    name: "ReplicaKit" + gauge.rawValue.withFirstUppercased + (isCritical ? "Critical" : "Warning"),
                    expression: expression,
                    holds: isCritical ? "1m" : "5m",
                    severity: severity,
                    priority: threshold.priority(severity),
                    rule: threshold.rule,
                    summary: "{{ $labels.set }}/{{ $labels.member }}: {{ $value | \(format) }}: \(what)",
                    remedy: threshold.remedy(for: "{{ $labels.member }}", oplogMegabytes: nil)
                )
            )
        }
        return rules
    }
}

extension Double {
    /// The number without a fraction that says nothing.
    var inPromQL: String {
        // A limit in percent, times 0.01, is not always the number that people would write.
        let value = (self * 1e9).rounded() / 1e9
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}

extension Gauge {
    /// What makes a value of it readable, in templates of Prometheus.
    fileprivate var promQLFormat: String {
        if rawValue.hasSuffix("Seconds") { return "humanizeDuration" }
        return rawValue.hasSuffix("Ratio") ? "humanizePercentage" : "humanize"
    }
}

extension String {
    fileprivate var withFirstUppercased: String { prefix(1).uppercased() + dropFirst() }
}
