import ReplicaKit

/// The health rules: what each looks for, its limits, and where it looks.
struct RulesView {
    let rules: [HealthRule]
    let limits: HealthSpec

    func lines(_ paint: Paint, width: Int? = nil) -> [String] {
        var table = Table(columns: [
            .init(title: "RULE"), .init(title: "WARNING"), .init(title: "CRITICAL"), .init(title: "LOOKS FOR"),
            .init(title: "READS"),
        ])
        table.rows = rules.map { rule in
            let bounds = bounds(of: rule)
            return [
                .init(rule.id.rawValue), .init(bounds.warning), .init(bounds.critical), .init(rule.summary),
                .init(rule.source),
            ]
        }
        return table.lines(paint, width: width)
    }

    var json: BSONDocument {
        let list = rules.map { rule -> BSONValue in
            var entry: BSONDocument = [
                "rule": .string(rule.id.rawValue), "looksFor": .string(rule.summary), "reads": .string(rule.source),
            ]
            if let threshold = threshold(of: rule) {
                let own = limits.limits(of: threshold)
                entry.append("limit", .string(threshold.rawValue))
                entry.append("warning", own.warning.map { .double($0 / threshold.scale) } ?? .null)
                entry.append("critical", own.critical.map { .double($0 / threshold.scale) } ?? .null)
            }
            return .document(entry)
        }
        return ["rules": .array(BSONArray(list))]
    }

    private func threshold(of rule: HealthRule) -> HealthThreshold? {
        HealthThreshold.allCases.first { $0.rule == rule.id }
    }

    private func bounds(of rule: HealthRule) -> (warning: String, critical: String) {
        guard let threshold = threshold(of: rule) else { return ("", "") }
        let own = limits.limits(of: threshold)
        func text(_ limit: Double?) -> String {
            limit.map { (threshold.isFloor ? "< " : "") + Format.tenths($0 / threshold.scale) + threshold.unit } ?? "–"
        }
        return (text(own.warning), text(own.critical))
    }
}
