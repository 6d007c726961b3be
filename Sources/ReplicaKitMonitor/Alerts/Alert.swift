public import ReplicaKit

/// A finding, as somebody is told of it.
public struct Alert: Sendable, Hashable {
    /// Whether it is still there.
    public enum Status: String, Sendable, Hashable {
        /// It is.
        case firing
        /// It is not.
        case resolved
    }

    /// Why somebody is told now.
    public enum Reason: String, Sendable, Hashable {
        /// It was not there before.
        case appeared
        /// It is worse than was told.
        case worsened
        /// It was told and is still there.
        case repeated
        /// Another route was told, and it is still there.
        case escalated
        /// It is gone, or is no longer urgent enough for the route.
        case resolved
        /// Somebody tries the route.
        case test
    }

    /// The set.
    public var set: ReplicaSetName
    /// What was found: how bad it was at its worst, and the last words on it.
    public var subject: AlertSubject
    /// Since when it is there.
    public var startsAt: BSONDateTime
    /// When it was last seen; `nil` while it is there.
    public var endsAt: BSONDateTime?
    /// Why somebody is told now.
    public var reason: Reason

    /// Creates an alert.
    public init(
        set: ReplicaSetName,
        subject: AlertSubject,
        startsAt: BSONDateTime,
        endsAt: BSONDateTime? = nil,
        reason: Reason
    ) {
        self.set = set
        self.subject = subject
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.reason = reason
    }

    /// Whether it is still there.
    public var status: Status { reason == .resolved ? .resolved : .firing }

    /// What makes it the same to every receiver, from its appearance to its end and over restarts: set, rule and
    /// member, with slashes between them; at most 255 bytes.
    public var deduplicationKey: String { Self.deduplicationKey(set: set, rest: subject.key) }

    static func deduplicationKey(set: ReplicaSetName, rest: String) -> String {
        let key = "\(set)/\(rest)"
        guard key.utf8.count > 255 else { return key }
        // A hash in the place of the end keeps long ones apart.
        var start = Array(key.utf8.prefix(238))
        while String(validating: start, as: UTF8.self) == nil { start.removeLast() }
        return String(decoding: start, as: UTF8.self) + "~" + Fingerprint.of([key])
    }
}

/// What an alert is about, in words and numbers that can be written down.
public struct AlertSubject: Sendable, Hashable, Codable {
    /// The rule.
    public var rule: HealthRuleID
    /// How bad it is.
    public var severity: Severity
    /// How soon somebody must look.
    public var priority: AlertPriority
    /// The member's name, or its address where it has none; `nil` for the set.
    public var member: String?
    /// The member's address; `nil` for the set.
    public var host: String?
    /// What is wrong, in one sentence.
    public var message: String
    /// The numbers that it was judged by, as `name value`.
    public var evidence: [String]
    /// What to do.
    public var remedy: String

    /// Takes what a finding says.
    public init(_ finding: Finding) {
        rule = finding.rule
        severity = finding.severity
        priority = finding.priority
        member = finding.member?.description
        host = finding.member?.host.description
        message = finding.message
        evidence = finding.evidence.map { "\($0.key) \($0.value.stringValue ?? $0.value.description)" }
        remedy = finding.remedy
    }

    /// What makes it the same at another look.
    var key: String { member.map { "\(rule)/\($0)" } ?? rule.rawValue }

    /// How bad and how urgent, in one number: the larger the worse.
    var rank: Int {
        let priorities = AlertPriority.allCases.count
        let urgency = priorities - (AlertPriority.allCases.firstIndex(of: priority) ?? priorities)
        return urgency * 10 + (Severity.allCases.sorted().firstIndex(of: severity) ?? 0)
    }
}

/// A short name of some words that is the same in every process: FNV-1a, 64 bits, in hexadecimal.
enum Fingerprint {
    static func of(_ words: [String]) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for word in words {
            // A byte that is in no UTF-8 keeps words apart.
            for byte in Array(word.utf8) + [0xFF] { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
