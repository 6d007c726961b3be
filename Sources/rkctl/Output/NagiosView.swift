import ReplicaKit

/// A report in the form of monitoring plugins (Nagios, Icinga, Naemon): a line with the status, the worst finding and
/// the performance data, then the other findings.
struct NagiosView {
    let report: HealthReport
    let limits: HealthSpec

    /// The exit code of plugins: 0 ok, 1 warning, 2 critical, 3 unknown.
    static func exitCode(of report: HealthReport) -> Int32 {
        switch report.worst {
        case .critical: 2
        case .warning: 1
        case .unknown: 3
        case .info, nil: 0
        }
    }

    /// The lines.
    var lines: [String] {
        let told = report.findings.filter { $0.severity > .info }
        let status = (report.worst?.rawValue ?? "ok").uppercased()
        let head =
            told.first.map { text(of: $0) + (told.count > 1 ? " (and \(told.count - 1) more)" : "") }
            ?? "\(report.set): \(report.status.primary.map { "primary \($0), " } ?? "")\(report.status.members.count) members"
        let data = performanceData
        return ["\(status) - \(head)" + (data.isEmpty ? "" : " | \(data)")]
            + told.dropFirst().map {
                "\($0.severity.rawValue.uppercased()): " + text(of: $0)
            }
    }

    private func text(of finding: Finding) -> String {
        let text = (finding.member.map { "\($0): " } ?? "") + finding.message
        // The bar begins the performance data.
        return text.replacing("|", with: "/").replacing("\n", with: " ")
    }

    private var performanceData: String {
        report.readings.flatMap { readings in
            HealthThreshold.allCases.flatMap { threshold in
                threshold.gauges.compactMap { gauge in
                    readings.values[gauge].map { datum(readings.member, gauge, $0, threshold) }
                }
            }
        }.joined(separator: " ")
    }

    /// `'label'=value[UOM];warn;crit;min;max`, in seconds, bytes, per cent or without a unit.
    private func datum(_ member: Finding.Subject, _ gauge: Gauge, _ value: Double, _ threshold: HealthThreshold)
        -> String
    {
        let (unit, scale): (String, Double) =
            if gauge.rawValue.hasSuffix("Seconds") { ("s", 1) } else if gauge.rawValue.hasSuffix("Ratio") {
                ("%", 100)
            } else {
                ("", 1)
            }
        let range = limits.limits(of: threshold)
        func bound(_ limit: Double?) -> String {
            limit.map { Self.number($0 * scale) + (threshold.isFloor ? ":" : "") } ?? ""
        }
        let label = "\(member)_\(gauge.rawValue)".replacing("'", with: "").replacing("=", with: "_")
        return "'\(label)'=\(Self.number(value * scale))\(unit);\(bound(range.warning));\(bound(range.critical));0;"
            + (unit == "%" ? "100" : "")
    }

    /// Six decimals at most, with a point whatever the locale.
    private static func number(_ value: Double) -> String {
        let micros = (value * 1_000_000).rounded()
        guard let whole = Int64(exactly: micros), abs(micros) < 1e15 else { return "\(value)" }
        let rest = whole.magnitude % 1_000_000
        let sign = whole < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole.magnitude / 1_000_000)" }
        var digits = String(rest + 1_000_000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(sign)\(whole.magnitude / 1_000_000).\(digits)"
    }
}
