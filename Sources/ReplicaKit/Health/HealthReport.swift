/// What the health rules say of one look at a set.
public struct HealthReport: Sendable {
    /// The name of the set.
    public var set: ReplicaSetName
    /// What was found, worst first.
    public var findings: [Finding]
    /// What would have been found and is silenced by the spec.
    public var silenced: [Finding]
    /// What could not be judged at this look, and why: mostly rates, which need two.
    public var unjudged: [Unjudged]
    /// The figures that were judged, by member, and what else can be plotted.
    public var readings: [MemberReadings]
    /// The set at a glance.
    public var status: ReplicaSetStatus
    /// When the members were asked.
    public var takenAt: BSONDateTime
    /// How long asking took, in seconds.
    public var tookSeconds: Double

    /// Creates a report.
    public init(
        findings: [Finding],
        silenced: [Finding] = [],
        unjudged: [Unjudged] = [],
        readings: [MemberReadings] = [],
        status: ReplicaSetStatus,
        tookSeconds: Double
    ) {
        set = status.set
        self.findings = findings
        self.silenced = silenced
        self.unjudged = unjudged
        self.readings = readings
        self.status = status
        takenAt = status.takenAt
        self.tookSeconds = tookSeconds
    }

    /// Something that a rule could not judge at this look.
    public struct Unjudged: Sendable, Hashable {
        /// The rule.
        public var rule: HealthRuleID
        /// The member; `nil` for the set.
        public var member: Finding.Subject?
        /// Why, in a few words.
        public var why: String

        /// Creates one.
        public init(rule: HealthRuleID, member: Finding.Subject? = nil, why: String) {
            self.rule = rule
            self.member = member
            self.why = why
        }
    }

    /// The worst severity that is there; `nil` when nothing is wrong.
    public var worst: Severity? {
        guard let worst = findings.map(\.severity).max(), worst > .info else { return nil }
        return worst
    }
}

/// The figures of one member at one look. What could not be had is not among them.
public struct MemberReadings: Sendable {
    /// The member.
    public var member: Finding.Subject
    /// The figures.
    public var values: [Gauge: Double]

    /// Creates readings.
    public init(member: Finding.Subject, values: [Gauge: Double] = [:]) {
        self.member = member
        self.values = values
    }
}

extension HealthReport: Encodable {
    enum CodingKeys: String, CodingKey {
        case set, status, findings, silenced, unjudged, readings, takenAt, tookSeconds
    }

    /// Encodes all keys: `status` is `ok`, `warning`, `critical` or `unknown`, times in RFC 3339.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(set, forKey: .set)
        try container.encode(worst?.rawValue ?? "ok", forKey: .status)
        try container.encode(findings, forKey: .findings)
        try container.encode(silenced, forKey: .silenced)
        try container.encode(unjudged, forKey: .unjudged)
        try container.encode(readings, forKey: .readings)
        try container.encode(takenAt.rfc3339, forKey: .takenAt)
        try container.encode(tookSeconds, forKey: .tookSeconds)
    }
}

extension HealthReport.Unjudged: Encodable {
    enum CodingKeys: String, CodingKey {
        case rule, member, why
    }

    /// Encodes all keys; the member by its name or address.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(rule, forKey: .rule)
        try container.encode(member?.description, forKey: .member)
        try container.encode(why, forKey: .why)
    }
}

extension MemberReadings: Encodable {
    enum CodingKeys: String, CodingKey {
        case member, host, values
    }

    /// Encodes the member and its figures by name, in the order of ``Gauge``.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(member.description, forKey: .member)
        try container.encode(member.host, forKey: .host)
        var nested = container.nestedContainer(keyedBy: AnyCodingKey.self, forKey: .values)
        for gauge in Gauge.allCases {
            guard let value = values[gauge] else { continue }
            try nested.encode(value, forKey: AnyCodingKey(stringValue: gauge.rawValue))
        }
    }
}
