/// Who is told of what health rules find, and how.
public struct AlertsSpec: Sendable, Hashable {
    /// The routes. A finding goes to every route that wants it.
    public var routes: [AlertRoute]
    /// How long a finding must be gone before its alert counts as resolved, in seconds. What comes back earlier is the
    /// same alert, and nobody is told of it again.
    public var resolveAfterSeconds: Double

    /// Creates a spec of alerts; without routes nobody is told anything.
    public init(routes: [AlertRoute] = [], resolveAfterSeconds: Double = 60) {
        self.routes = routes
        self.resolveAfterSeconds = resolveAfterSeconds
    }
}

/// One way to tell somebody.
public struct AlertRoute: Sendable, Hashable {
    /// Its name, unique in the spec.
    public var name: String
    /// The priorities that it wants. Empty: it gets only what other routes escalate to it.
    public var priorities: [AlertPriority]
    /// The rules that it wants, or families of them: `machine` stands for all that begin with `machine.`. Empty is all.
    public var rules: [HealthRuleID]
    /// The members that it wants to know of. Empty is all, and the set as a whole.
    public var members: [MemberName]
    /// Who receives.
    public var receiver: AlertReceiver
    /// When it is not to be disturbed.
    public var quietHours: QuietHours?
    /// Who is told when an alert lasts.
    public var escalation: Escalation?
    /// After how many minutes an alert that is still there is sent again; 0 is never.
    public var repeatMinutes: Int
    /// How long one delivery may take, in seconds.
    public var timeoutSeconds: Double

    /// The priorities of a route that names none: all but P3, which no message is worth.
    public static let usualPriorities: [AlertPriority] = [.p0, .p1, .p2]

    /// Creates a route; without a name it is called as its receiver's kind.
    public init(
        name: String? = nil,
        priorities: [AlertPriority] = usualPriorities,
        rules: [HealthRuleID] = [],
        members: [MemberName] = [],
        receiver: AlertReceiver,
        quietHours: QuietHours? = nil,
        escalation: Escalation? = nil,
        repeatMinutes: Int = 240,
        timeoutSeconds: Double = 10
    ) {
        self.name = name ?? receiver.kind.rawValue
        self.priorities = priorities
        self.rules = rules
        self.members = members
        self.receiver = receiver
        self.quietHours = quietHours
        self.escalation = escalation
        self.repeatMinutes = repeatMinutes
        self.timeoutSeconds = timeoutSeconds
    }

    /// The hours of a day in which a route is not to be disturbed.
    public struct QuietHours: Sendable, Hashable {
        /// When they begin.
        public var from: TimeOfDay
        /// When they end; earlier than ``from`` is the next day.
        public var to: TimeOfDay
        /// The time zone that both are in, such as `Europe/Berlin`.
        public var timeZone: String
        /// The priorities that disturb all the same.
        public var except: [AlertPriority]

        /// Creates quiet hours.
        public init(from: TimeOfDay, to: TimeOfDay, timeZone: String = "UTC", except: [AlertPriority] = [.p0]) {
            self.from = from
            self.to = to
            self.timeZone = timeZone
            self.except = except
        }
    }

    /// A time of day on a wall clock.
    public struct TimeOfDay: Sendable, Hashable {
        /// Minutes since midnight, from 0 to 1439.
        public var minutes: Int

        /// Creates a time.
        public init(hour: Int, minute: Int = 0) { minutes = hour * 60 + minute }

        /// Reads `22:30`; `nil` for any other text.
        public init?(_ text: String) {
            let parts = text.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy { (48...57).contains($0) } }),
                let hour = Int(Substring(parts[0])), let minute = Int(Substring(parts[1])), hour < 24, minute < 60
            else { return nil }
            self.init(hour: hour, minute: minute)
        }
    }

    /// Whom a route hands on to what lasts.
    public struct Escalation: Sendable, Hashable {
        /// After how many minutes, from when this route was to be told.
        public var afterMinutes: Int
        /// The name of the other route.
        public var to: String

        /// Creates an escalation.
        public init(afterMinutes: Int, to: String) {
            self.afterMinutes = afterMinutes
            self.to = to
        }
    }
}

extension AlertRoute.TimeOfDay: CustomStringConvertible {
    /// `22:30`.
    public var description: String {
        let parts = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return parts.joined(separator: ":")
    }
}

extension AlertsSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case routes, resolveAfterSeconds
    }

    /// Decodes a spec of alerts, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        routes = try values.decode(.routes, default: plain.routes)
        resolveAfterSeconds = try values.decode(.resolveAfterSeconds, default: plain.resolveAfterSeconds)
    }

    /// Encodes all values.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(routes, forKey: .routes)
        try values.encodeShortly(resolveAfterSeconds, forKey: .resolveAfterSeconds)
    }
}

extension AlertRoute: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, priorities, rules, members, webhook, slack, pagerDuty, email, command, quietHours, escalate
        case repeatMinutes, timeoutSeconds

        init(_ kind: AlertReceiver.Kind) {
            self =
                switch kind {
                case .webhook: .webhook
                case .slack: .slack
                case .pagerDuty: .pagerDuty
                case .email: .email
                case .command: .command
                }
        }
    }

    /// Decodes a route, strictly: exactly one receiver.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let kinds = AlertReceiver.Kind.allCases.filter { values.contains(CodingKeys($0)) }
        guard kinds.count == 1, let kind = kinds.first else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "give exactly one of: "
                        + AlertReceiver.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                )
            )
        }
        let receiver: AlertReceiver =
            switch kind {
            case .webhook: .webhook(try values.decode(AlertReceiver.Webhook.self, forKey: .webhook))
            case .slack: .slack(try values.decode(AlertReceiver.Slack.self, forKey: .slack))
            case .pagerDuty: .pagerDuty(try values.decode(AlertReceiver.PagerDuty.self, forKey: .pagerDuty))
            case .email: .email(try values.decode(AlertReceiver.Email.self, forKey: .email))
            case .command: .command(try values.decode([String].self, forKey: .command))
            }
        let plain = Self(receiver: receiver)
        self.init(
            name: try values.decode(.name, default: plain.name),
            priorities: try values.decode(.priorities, default: plain.priorities),
            rules: try values.decode(.rules, default: plain.rules),
            members: try values.decode(.members, default: plain.members),
            receiver: receiver,
            quietHours: try values.decodeIfPresent(QuietHours.self, forKey: .quietHours),
            escalation: try values.decodeIfPresent(Escalation.self, forKey: .escalate),
            repeatMinutes: try values.decode(.repeatMinutes, default: plain.repeatMinutes),
            timeoutSeconds: try values.decode(.timeoutSeconds, default: plain.timeoutSeconds)
        )
    }

    /// Encodes every value that is there.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(priorities, forKey: .priorities)
        if !rules.isEmpty { try values.encode(rules, forKey: .rules) }
        if !members.isEmpty { try values.encode(members, forKey: .members) }
        switch receiver {
        case .webhook(let webhook): try values.encode(webhook, forKey: .webhook)
        case .slack(let slack): try values.encode(slack, forKey: .slack)
        case .pagerDuty(let pagerDuty): try values.encode(pagerDuty, forKey: .pagerDuty)
        case .email(let email): try values.encode(email, forKey: .email)
        case .command(let words): try values.encode(words, forKey: .command)
        }
        try values.encodeIfPresent(quietHours, forKey: .quietHours)
        try values.encodeIfPresent(escalation, forKey: .escalate)
        try values.encode(repeatMinutes, forKey: .repeatMinutes)
        try values.encodeShortly(timeoutSeconds, forKey: .timeoutSeconds)
    }
}

extension AlertRoute.QuietHours: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case from, to, timeZone, except
    }

    /// Decodes quiet hours, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let (from, to) = (
            try values.decode(AlertRoute.TimeOfDay.self, forKey: .from),
            try values.decode(AlertRoute.TimeOfDay.self, forKey: .to)
        )
        let plain = Self(from: from, to: to)
        timeZone = try values.decode(.timeZone, default: plain.timeZone)
        except = try values.decode(.except, default: plain.except)
        (self.from, self.to) = (from, to)
    }
}

extension AlertRoute.TimeOfDay: Codable {
    /// Decodes `"22:30"`.
    public init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let time = Self(text) else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "\"\(text)\" is no time of day, such as \"22:30\""
                )
            )
        }
        self = time
    }

    /// Encodes `"22:30"`.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        try value.encode(description)
    }
}

extension AlertRoute.Escalation: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case afterMinutes, to
    }

    /// Decodes an escalation, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        afterMinutes = try values.decode(Int.self, forKey: .afterMinutes)
        to = try values.decode(String.self, forKey: .to)
    }
}

extension AlertPriority {
    /// Decodes its name.
    public init(from decoder: any Decoder) throws { self = try decoder.name(of: "priority") }
}
