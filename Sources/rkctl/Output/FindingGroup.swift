import ReplicaKit

/// Findings that say the same of several members.
struct FindingGroup {
    /// One of them.
    let finding: Finding
    /// The members, in the order they were found; empty for the set.
    let members: [String]

    /// Puts together what differs in its member alone. The order is kept.
    static func groups(of findings: [Finding]) -> [FindingGroup] {
        var order: [String] = []
        var groups: [String: [Finding]] = [:]
        for finding in findings {
            let key = "\(finding.rule)\u{0}\(finding.severity)\u{0}\(finding.message)"
            if groups[key] == nil { order.append(key) }
            groups[key, default: []].append(finding)
        }
        return order.compactMap { key in
            guard let group = groups[key], let first = group.first else { return nil }
            return FindingGroup(finding: first, members: group.compactMap { $0.member?.description })
        }
    }

    /// What is wrong, and what to do about it.
    func lines(_ paint: Paint) -> [String] {
        let subject = members.isEmpty ? "" : paint(members.joined(separator: ", "), .bold) + ": "
        let rule = paint("[\(finding.priority.rawValue) \(finding.rule)]", .dim)
        let mark = paint(finding.severity.mark, finding.severity.style)
        return ["\(mark) \(subject)\(finding.message)  \(rule)", "  " + paint("→", .dim) + " \(finding.remedy)"]
    }
}
