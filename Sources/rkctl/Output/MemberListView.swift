import ReplicaKit

/// One member beside what the spec and the config say of it.
struct MemberListView {
    let snapshot: MemberSnapshot
    let config: ReplicaSetConfig.Member?
    let state: MemberState?

    /// The members of a snapshot.
    static func all(of snapshot: ReplicaSetSnapshot) -> [MemberListView] {
        snapshot.members.map { member in
            MemberListView(
                snapshot: member,
                config: snapshot.configMember(of: member),
                state: snapshot.state(of: member)?.state
            )
        }
    }

    private var spec: MemberSpec? { snapshot.spec }
    private var votes: Int { config?.votes ?? spec?.votes ?? 0 }
    private var priority: Double { config?.priority ?? spec?.priority ?? 0 }
    private var tags: [String: String] { config?.tags ?? spec?.tags ?? [:] }
    private var isArbiter: Bool { config?.isArbiter ?? spec?.arbiter ?? false }
    private var isHidden: Bool { config?.isHidden ?? spec?.hidden ?? false }
    private var delaySeconds: Int { config?.delaySeconds ?? spec?.delaySeconds ?? 0 }

    /// What the spec and the config do not agree on.
    var differences: [String] {
        guard let spec else { return ["not in the spec"] }
        guard let config else { return ["not in the set"] }
        var differences: [String] = []
        if spec.votes != config.votes { differences.append("votes \(spec.votes) in the spec") }
        if spec.priority != config.priority { differences.append("priority \(text(spec.priority)) in the spec") }
        if spec.hidden != config.isHidden { differences.append("\(spec.hidden ? "" : "not ")hidden in the spec") }
        if spec.delaySeconds != config.delaySeconds {
            differences.append("delay \(spec.delaySeconds) s in the spec")
        }
        if spec.tags != config.tags { differences.append("other tags in the spec") }
        return differences
    }

    /// All of them, in a table.
    static func lines(_ views: [MemberListView], _ paint: Paint, width: Int?) -> [String] {
        var table = Table(columns: [
            .init(title: "ID", alignsRight: true), .init(title: "MEMBER"), .init(title: "HOST"), .init(title: "STATE"),
            .init(title: "VOTES", alignsRight: true), .init(title: "PRIORITY", alignsRight: true),
            .init(title: "KIND"), .init(title: "TAGS"), .init(title: "NOTES"),
        ])
        table.rows = views.map { view in
            let kinds = [
                view.isArbiter ? "arbiter" : nil, view.isHidden ? "hidden" : nil,
                view.delaySeconds > 0 ? "delayed \(view.delaySeconds) s" : nil,
            ].compactMap(\.self)
            let tags = view.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            return [
                .init(view.config?.id.description ?? "–"), .init(view.snapshot.name?.rawValue ?? "–"),
                .init(view.snapshot.configAddress.description), .init(view.state?.description ?? "–"),
                .init("\(view.votes)"), .init(view.text(view.priority)), .init(kinds.joined(separator: ", ")),
                .init(tags.joined(separator: ", ")), .init(view.differences.joined(separator: "; "), .yellow),
            ]
        }
        table.removeEmptyColumns()
        return table.lines(paint, width: width)
    }

    /// For programs.
    var json: BSONDocument {
        [
            "id": config.map { .integer($0.id.rawValue) } ?? .null,
            "name": snapshot.name.map { .string($0.rawValue) } ?? .null,
            "host": .string(snapshot.configAddress.description),
            "state": state.map { .string($0.description) } ?? .null,
            "votes": .integer(votes), "priority": .double(priority), "hidden": .bool(isHidden),
            "arbiter": .bool(isArbiter), "delaySeconds": .integer(delaySeconds),
            "tags": .document(BSONDocument(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
            "inSpec": .bool(spec != nil), "inSet": .bool(config != nil),
            "differences": .array(BSONArray(differences.map { .string($0) })),
        ]
    }

    private func text(_ priority: Double) -> String { Int(exactly: priority).map(String.init) ?? String(priority) }
}
