import ReplicaKit

/// A set at a glance, for people: one line of the set and a table of its members.
struct StatusView {
    let status: ReplicaSetStatus

    /// The lines; the table's last column is cut at `width`.
    func lines(_ paint: Paint, width: Int? = nil) -> [String] {
        var table = Table(columns: [
            .init(title: "MEMBER"), .init(title: "HOST"), .init(title: "STATE"),
            .init(title: "LAG", alignsRight: true), .init(title: "VOTES", alignsRight: true),
            .init(title: "PRIORITY", alignsRight: true), .init(title: "UPTIME", alignsRight: true),
            .init(title: "SYNC SOURCE"), .init(title: "PING", alignsRight: true), .init(title: "VERSION"),
            .init(title: "NOTES"),
        ])
        table.rows = status.members.map(row)
        table.removeEmptyColumns()
        return [summary(paint), ""] + table.lines(paint, width: width) + problems(paint)
    }

    /// What is wrong with members, in full: a table would cut it off.
    private func problems(_ paint: Paint) -> [String] {
        let errors = status.members.compactMap { member in member.error.map { (member, $0) } }
        guard !errors.isEmpty else { return [] }
        let lines = errors.map { member, error in
            let text = "\(paint(name(of: member.host), .bold)): \(error.message)"
            guard !member.reachable, let state = member.state, case .reported(let witness) = member.stateSource else {
                return text
            }
            return text + " (\(name(of: witness)) says \(state))"
        }
        // Members that are ill of the same are cured by the same.
        let hints = errors.compactMap(\.1.hint).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        return [""] + lines + hints.map { paint("hint:", .bold) + " \($0)" }
    }

    private func summary(_ paint: Paint) -> String {
        var parts = [paint(status.set.rawValue, .bold)]
        if let primary = status.primary {
            parts.append("primary \(name(of: primary))")
        } else {
            parts.append(paint(status.majorityReachable ? "no primary" : "no primary, no majority", .red))
        }
        if status.primary != nil, !status.majorityReachable {
            parts.append(paint("majority not reachable", .red))
        }
        if let term = status.term { parts.append("term \(term)") }
        if let version = status.configVersion { parts.append("config \(version)") }
        if let window = status.oplogWindowSeconds { parts.append("oplog window \(Format.seconds(Double(window)))") }
        return parts.joined(separator: "  ")
    }

    private func row(_ member: ReplicaSetStatus.Member) -> [Table.Cell] {
        [
            .init(member.name?.rawValue ?? "–"), .init(member.host.description), state(of: member),
            .init(member.lagSeconds.map(Format.seconds) ?? "–", lagStyle(of: member)), .init("\(member.votes)"),
            .init(Format.tenths(member.priority)), .init(member.uptimeSeconds.map(Format.seconds) ?? "–"),
            .init(member.syncSource.map(name(of:)) ?? "–"), .init(member.pingSeconds.map(Format.seconds) ?? "–"),
            .init(member.serverVersion?.description ?? "–"),
            .init(notes(of: member)),
        ]
    }

    /// The state by its own word; what others say of a member that does not answer may be long past.
    private func state(of member: ReplicaSetStatus.Member) -> Table.Cell {
        guard member.reachable else { return .init("unreachable", .red) }
        guard let state = member.state else { return .init("unknown", .yellow) }
        let style: Style =
            switch state {
            case .primary, .secondary, .arbiter: .green
            case .down, .removed: .red
            default: .yellow
            }
        return .init(state.description, style)
    }

    /// Half an oplog's chunk of heartbeats late is usual; a minute is not.
    private func lagStyle(of member: ReplicaSetStatus.Member) -> Style? {
        switch member.lagSeconds ?? 0 {
        case ..<10: nil
        case ..<60: .yellow
        default: .red
        }
    }

    private func notes(of member: ReplicaSetStatus.Member) -> String {
        var notes: [String] = []
        if member.name == nil { notes.append("not in the spec") }
        if member.id == nil { notes.append("not in the config") }
        if member.hidden { notes.append("hidden") }
        if member.delaySeconds > 0 { notes.append("delayed \(Format.seconds(Double(member.delaySeconds)))") }
        return notes.joined(separator: "; ")
    }

    private func name(of address: MemberAddress) -> String {
        status.members.first { $0.host == address }?.name?.rawValue ?? address.description
    }
}
