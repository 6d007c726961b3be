/// How health is judged: limits that differ from the usual ones, and what is not to be told.
public struct HealthSpec: Sendable, Hashable {
    /// The limits that differ, in the unit of each name. One that leaves a half out keeps the usual half.
    public var limits: [HealthThreshold: HealthLimits]
    /// What is found and not told.
    public var silence: [Silence]

    /// Creates a spec of health; without anything all limits are the usual ones.
    public init(limits: [HealthThreshold: HealthLimits] = [:], silence: [Silence] = []) {
        self.limits = limits
        self.silence = silence
    }

    /// Findings that are not told.
    public struct Silence: Sendable, Hashable {
        /// The rule, or a family of rules: `machine` stands for all that begin with `machine.`.
        public var rule: HealthRuleID
        /// The member; `nil` for all, and the set.
        public var member: MemberName?
        /// Until when; `nil` for good.
        public var until: BSONDateTime?
        /// Why, for those who wonder later.
        public var reason: String

        /// Creates a silence.
        public init(rule: HealthRuleID, member: MemberName? = nil, until: BSONDateTime? = nil, reason: String = "") {
            self.rule = rule
            self.member = member
            self.until = until
            self.reason = reason
        }

        /// Whether it covers a finding at a time.
        public func covers(_ finding: Finding, at time: BSONDateTime) -> Bool {
            if let until, until.milliseconds <= time.milliseconds { return false }
            if let member, member != finding.member?.name { return false }
            return finding.rule == rule || finding.rule.rawValue.hasPrefix(rule.rawValue + ".")
        }
    }

    /// The limits of a figure, in the unit of the gauge.
    public func limits(of threshold: HealthThreshold) -> HealthLimits {
        let (own, standard) = (limits[threshold], threshold.standard)
        return HealthLimits(
            warning: (own?.warning ?? standard.warning).map { $0 * threshold.scale },
            critical: (own?.critical ?? standard.critical).map { $0 * threshold.scale }
        )
    }

    /// How bad a value is by the limits, in the unit of the gauge; `nil` when it is well.
    public func severity(of value: Double, by threshold: HealthThreshold) -> Severity? {
        let limits = limits(of: threshold)
        func isBeyond(_ limit: Double?) -> Bool {
            guard let limit else { return false }
            return threshold.isFloor ? value < limit : value >= limit
        }
        if isBeyond(limits.critical) { return .critical }
        return isBeyond(limits.warning) ? .warning : nil
    }
}

extension HealthSpec: Codable {
    /// Decodes limits by their names and `silence`, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(Keys.self)
        limits = [:]
        for threshold in HealthThreshold.allCases {
            limits[threshold] = try values.decodeIfPresent(HealthLimits.self, forKey: Keys(threshold))
        }
        silence = try values.decode(Keys("silence"), default: [])
    }

    /// Encodes what differs from the usual.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Keys.self)
        for threshold in HealthThreshold.allCases {
            try values.encodeIfPresent(limits[threshold], forKey: Keys(threshold))
        }
        if !silence.isEmpty { try values.encode(silence, forKey: Keys("silence")) }
    }

    /// The names of all limits, and `silence`.
    private struct Keys: CodingKey, CaseIterable, RawRepresentable {
        let rawValue: String
        var stringValue: String { rawValue }
        var intValue: Int? { nil }

        init(_ name: String) { rawValue = name }
        init(_ threshold: HealthThreshold) { rawValue = threshold.rawValue }
        init?(rawValue: String) { self.rawValue = rawValue }
        init?(stringValue: String) { rawValue = stringValue }
        init?(intValue: Int) { nil }

        static var allCases: [Keys] { HealthThreshold.allCases.map(Keys.init(_:)) + [Keys("silence")] }
    }
}

extension HealthSpec.Silence: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case rule, member, until, reason
    }

    /// Decodes a silence, strictly; the time in RFC 3339.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        rule = try values.decode(HealthRuleID.self, forKey: .rule)
        member = try values.decodeIfPresent(MemberName.self, forKey: .member)
        until = try values.decodeIfPresent(String.self, forKey: .until).map { text in
            guard let time = BSONDateTime(rfc3339: text) else {
                throw DecodingError.dataCorrupted(
                    DecodingError.Context(
                        codingPath: values.codingPath + [CodingKeys.until],
                        debugDescription: "\"\(text)\" is no time with a zone, such as 2026-01-31T22:00:00Z"
                    )
                )
            }
            return time
        }
        reason = try values.decode(.reason, default: "")
    }

    /// Encodes every value that is there.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(rule, forKey: .rule)
        try values.encodeIfPresent(member, forKey: .member)
        try values.encodeIfPresent(until?.rfc3339, forKey: .until)
        if !reason.isEmpty { try values.encode(reason, forKey: .reason) }
    }
}
