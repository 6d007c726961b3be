@testable import ReplicaKit

/// Views of a three-member set, for procedures to decide on.
enum Views {
    static func spec(_ count: Int = 3) -> ReplicaSetSpec {
        let names = ["a", "b", "c", "d", "e", "f", "g"]
        return ReplicaSetSpec(
            name: "rs",
            members: names.prefix(count).enumerated().map { index, name in
                MemberSpec(
                    name: MemberName(rawValue: name),
                    host: MemberAddress(host: "127.0.0.1", port: 27000 + index)
                )
            }
        )
    }

    static func config(_ spec: ReplicaSetSpec, marked: Bool = false) throws -> ReplicaSetConfig {
        var spec = spec
        if marked { spec.settings.heartbeatIntervalMillis = 100 }
        return try ReplicaSetConfig(spec: spec, serverVersion: ServerVersion(6, 0, 5))
    }

    static func running(_ spec: ReplicaSetSpec, primary: Int? = 0) throws -> SetView {
        SetView(
            spec: spec,
            processes: Dictionary(
                uniqueKeysWithValues: spec.members.map { ($0.name, .running(MemberProcess(identity: "1"))) }
            ),
            answering: Set(spec.members.map(\.name)),
            config: try config(spec),
            primary: primary.map { spec.members[$0].host },
            hasAdministrator: true,
            hasDefaultWriteConcern: true
        )
    }

    static func kinds(_ proposal: Proposal) -> [String] {
        guard case .plan(let plan) = proposal else { return [] }
        return plan.steps.map(\.action.kind)
    }

    static func plan(_ proposal: Proposal) -> Plan? {
        if case .plan(let plan) = proposal { plan } else { nil }
    }

    static func refusal(_ proposal: Proposal) -> Refusal? {
        if case .refusal(let refusal) = proposal { refusal } else { nil }
    }

    static func isNothing(_ proposal: Proposal) -> Bool {
        if case .nothingToDo = proposal { true } else { false }
    }

    static func edits(_ proposal: Proposal) -> [[ConfigEdit]] {
        guard case .plan(let plan) = proposal else { return [] }
        return plan.steps.compactMap { if case .editConfig(let edits) = $0.action { edits } else { nil } }
    }
}

extension SetView {
    mutating func stop(_ names: MemberName...) {
        for name in names {
            processes[name] = .stopped(.clean)
            answering.remove(name)
        }
    }
}
