import ReplicaKit

extension Exposition {
    /// Adds all that is known of a set.
    ///
    /// - Parameters:
    ///   - record: What is known.
    ///   - isStale: Whether that is too old to be shown as if it were so now. Then only the looks themselves are shown:
    ///     a value that stays where it was for ever would hide that nobody looks any more.
    mutating func add(_ record: SetRecord, isStale: Bool) {
        let set = Label("set", record.name.rawValue)
        add(.looks, [set, Label("outcome", "done")], Double(record.looks))
        add(.looks, [set, Label("outcome", "failed")], Double(record.failures))
        guard let examination = record.examination else { return }
        let report = examination.report
        add(.lookTime, [set], Double(report.takenAt.milliseconds) / 1000)
        add(.lookDuration, [set], report.tookSeconds)
        guard !isStale else { return }
        add(report.status, set)
        let hosts = Set(report.status.currentMembers.map(\.host))
        for readings in report.readings where hosts.contains(readings.member.host) {
            for gauge in Gauge.allCases {
                let metric = Metric(gauge.metricName, .gauge, gauge.summary)
                add(metric, [set, Label("member", readings.member.description)], readings.values[gauge])
            }
        }
        for finding in report.findings { add(finding, set) }
        for member in report.status.currentMembers {
            guard let view = examination.look.snapshot.member(at: member.host)?.view,
                let status = try? view.serverStatus.get()
            else { continue }
            addCounters(status, [set, Label("member", member.label)])
        }
        addCompatible(examination)
    }

    private mutating func add(_ status: ReplicaSetStatus, _ set: Label) {
        add(.majority, [set], status.majorityReachable ? 1 : 0)
        add(.term, [set], status.term.map(Double.init))
        add(.configVersion, [set], status.configVersion.map(Double.init))
        for member in status.currentMembers {
            let labels = [set, Label("member", member.label)]
            add(.memberUp, labels, member.reachable ? 1 : 0)
            add(.primary, labels, member.host == status.primary ? 1 : 0)
            var states = MemberState.named
            if let state = member.state, !states.contains(state) { states.append(state) }
            for state in states {
                add(.memberState, labels + [Label("state", state.description)], state == member.state ? 1 : 0)
            }
        }
    }

    private mutating func add(_ finding: Finding, _ set: Label) {
        let labels = [
            set, Label("member", finding.member?.description ?? ""), Label("rule", finding.rule.rawValue),
            Label("severity", finding.severity.rawValue), Label("priority", finding.priority.rawValue),
        ]
        // A rule may find two things about one member; they are one series.
        add(once: .finding, labels, 1)
    }
}

extension ReplicaSetStatus.Member {
    /// The value of the label `member`: its name in the spec, else its address.
    fileprivate var label: String { name?.rawValue ?? host.description }
}

extension MemberState {
    /// The states that have names, in the order of their numbers.
    fileprivate static let named: [MemberState] = [
        .startup, .primary, .secondary, .recovering, .startup2, .unknown, .arbiter, .down, .rollback, .removed,
    ]
}

extension Metric {
    fileprivate static let looks = Metric("replicakit_looks", .counter, "Looks at the set, by outcome.")
    fileprivate static let lookTime = Metric(
        "replicakit_last_look_timestamp_seconds",
        .gauge,
        "When the last look that succeeded was taken."
    )
    fileprivate static let lookDuration = Metric(
        "replicakit_last_look_duration_seconds",
        .gauge,
        "How long the last look that succeeded took."
    )
    fileprivate static let majority = Metric(
        "replicakit_set_majority_reachable",
        .gauge,
        "Whether enough voters answer to elect and keep a primary."
    )
    fileprivate static let term = Metric("replicakit_set_term", .gauge, "The newest election term.")
    fileprivate static let configVersion = Metric(
        "replicakit_set_config_version",
        .gauge,
        "The version of the newest config."
    )
    fileprivate static let memberUp = Metric("replicakit_member_up", .gauge, "Whether the member answers.")
    fileprivate static let primary = Metric(
        "replicakit_set_primary",
        .gauge,
        "Whether the member certainly is the primary of the set."
    )
    fileprivate static let memberState = Metric(
        "replicakit_member_state",
        .gauge,
        "Whether the member is in the state; one of its states is 1."
    )
    fileprivate static let finding = Metric("replicakit_finding", .gauge, "Something that a health rule finds now.")
}
