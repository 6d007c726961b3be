import ReplicaKit

/// What is wrong with a set, for people: the findings, worst first, each with what to do, and the figures of the members.
struct HealthView {
    let report: HealthReport

    /// The lines.
    ///
    /// - Parameters:
    ///   - showsAll: What could not be judged, and what is silenced, one by one.
    func lines(_ paint: Paint, width: Int? = nil, showsAll: Bool = false) -> [String] {
        [summary(paint), ""] + findings(paint) + figures(paint, width) + rest(paint, showsAll)
    }

    private func summary(_ paint: Paint) -> String {
        let status = report.worst.map { paint($0.rawValue, $0.style) } ?? paint("ok", .green)
        let primary = report.status.primary.map { "primary \(name(of: $0))" } ?? paint("no primary", .red)
        return [
            paint(report.set.rawValue, .bold), status, primary, "asked in \(Format.seconds(report.tookSeconds))",
        ].joined(separator: "  ")
    }

    private func findings(_ paint: Paint) -> [String] {
        guard !report.findings.isEmpty else { return [paint("✓", .green) + " nothing is wrong"] }
        return FindingGroup.groups(of: report.findings).flatMap { $0.lines(paint) }
    }

    /// What people look at first, each figure only where some member has it.
    private func figures(_ paint: Paint, _ width: Int?) -> [String] {
        let columns: [(title: String, value: (MemberReadings) -> String?)] = [
            ("LAG", { $0.values[.lagSeconds].map(Format.seconds) }),
            ("OPLOG", { $0.values[.oplogWindowSeconds].map(Format.seconds) }),
            ("CONNECTIONS", { $0.values[.connections].map { "\(Int($0))" } }),
            ("READ P95", { $0.values[.readLatencySeconds].map(Format.seconds) }),
            ("WRITE P95", { $0.values[.writeLatencySeconds].map(Format.seconds) }),
            ("CACHE", { $0.values[.cacheRatio].map(percent) }),
            ("DIRTY", { $0.values[.cacheDirtyRatio].map(percent) }),
            ("HITS", { $0.values[.cacheHitRatio].map(percent) }),
            ("CPU", { $0.values[.cpuRatio].map(percent) }),
            ("MEMORY", { $0.values[.memoryRatio].map(percent) }),
            ("DISK", { $0.values[.diskRatio].map(percent) }),
        ]
        let present = columns.filter { column in report.readings.contains { column.value($0) != nil } }
        guard !present.isEmpty else { return [] }
        var table = Table(
            columns: [.init(title: "MEMBER"), .init(title: "STATE")]
                + present.map { .init(title: $0.title, alignsRight: true) }
        )
        table.rows = report.readings.map { readings in
            let member = report.status.members.first { $0.host == readings.member.host }
            let state = member.map { $0.reachable ? $0.state?.description ?? "unknown" : "unreachable" } ?? "unknown"
            return [.init(readings.member.description), .init(state)]
                + present.map { Table.Cell($0.value(readings) ?? "–") }
        }
        return [""] + table.lines(paint, width: width)
    }

    private func rest(_ paint: Paint, _ showsAll: Bool) -> [String] {
        var lines: [String] = []
        if showsAll {
            lines += report.silenced.map { "silenced: \($0.key): \($0.message)" }
            lines += unjudged
        } else {
            if !report.silenced.isEmpty { lines.append("\(report.silenced.count) silenced by the spec") }
            if !report.unjudged.isEmpty {
                let rules = Set(report.unjudged.map(\.rule)).count
                lines.append("\(rules) rules could not judge every member: --verbose says why, --over 10 looks twice")
            }
        }
        return lines.isEmpty ? [] : [""] + lines.map { paint($0, .dim) }
    }

    /// What could not be judged: members of which the same is said stand in one line.
    private var unjudged: [String] {
        var order: [String] = []
        var members: [String: [String]] = [:]
        for entry in report.unjudged {
            let key = "not judged: \(entry.rule): \(entry.why)"
            if members[key] == nil { order.append(key) }
            members[key, default: []] += entry.member.map { [$0.description] } ?? []
        }
        return order.map { key in
            let names = members[key] ?? []
            return key + (names.isEmpty ? "" : " (\(names.joined(separator: ", ")))")
        }
    }

    private func percent(_ ratio: Double) -> String { "\(Format.tenths(ratio * 100)) %" }

    private func name(of address: MemberAddress) -> String {
        report.status.members.first { $0.host == address }?.name?.rawValue ?? address.description
    }
}

extension Severity {
    /// One sign that is not told apart by its colour alone.
    var mark: String {
        switch self {
        case .info: "·"
        case .unknown: "?"
        case .warning: "!"
        case .critical: "✗"
        }
    }

    var style: Style? {
        switch self {
        case .info: .dim
        case .unknown, .warning: .yellow
        case .critical: .red
        }
    }
}
