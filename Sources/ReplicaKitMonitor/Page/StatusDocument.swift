import ReplicaKit

/// What `/api/status` answers: every set with all that is known of it, or one set with all and the others at a glance.
struct StatusDocument: Encodable {
    let intervalSeconds: Double
    let overview: [Glance]
    let sets: [Whole]

    /// - Parameter set: The set that is wanted whole; `nil` wants all.
    init(_ monitor: Monitor, set: String? = nil) {
        let known = monitor.watches.map { ($0.record, $0.age.seconds, $0.isStale) }
        intervalSeconds = monitor.interval.seconds
        overview = known.map { Glance(record: $0, isStale: $2) }
        sets = known.filter { set == nil || $0.0.name.rawValue == set }.map {
            Whole(record: $0, ageSeconds: $1, isStale: $2)
        }
    }

    /// A set in a list.
    struct Glance: Encodable {
        let set: ReplicaSetName
        /// `ok`, `info`, `warning`, `critical`, or `unknown`: also when it cannot be looked at.
        let status: String
        let primary: String?

        init(record: SetRecord, isStale: Bool) {
            set = record.name
            let report = record.examination?.report
            status = isStale || report == nil ? Severity.unknown.rawValue : report?.worst?.rawValue ?? "ok"
            primary = report?.status.members.first { $0.host == report?.status.primary }.map {
                $0.name?.rawValue ?? $0.host.description
            }
        }
    }

    /// All that is known of a set.
    struct Whole: Encodable {
        let record: SetRecord
        let ageSeconds: Double
        let isStale: Bool

        enum CodingKeys: String, CodingKey {
            case set, status, report, primarySince, electionReason, events, history, ageSeconds, stale, error
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            let snapshot = record.examination?.look.snapshot
            let primary = try? snapshot?.primary?.view?.status.get()
            try container.encode(record.name, forKey: .set)
            try container.encode(record.examination?.report.status, forKey: .status)
            try container.encode(record.examination?.report, forKey: .report)
            try container.encode(primary?.lastElectionDate?.rfc3339, forKey: .primarySince)
            try container.encode(primary?.lastElectionReason, forKey: .electionReason)
            try container.encode(record.events.reversed() as [SetEvent], forKey: .events)
            try container.encode(record.history, forKey: .history)
            try container.encode(ageSeconds, forKey: .ageSeconds)
            try container.encode(isStale, forKey: .stale)
            try container.encode(record.failure.map(ErrorReport.init), forKey: .error)
        }
    }
}
