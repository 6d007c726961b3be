/// How bad a finding is.
public enum Severity: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Worth knowing, and no reason to do anything: an index is being built.
    case info
    /// Something could not be judged that should be: nobody can say that it is well.
    case unknown
    /// Something is wrong that the set still copes with.
    case warning
    /// The set, or data, is in danger, or does not serve.
    case critical

    /// By how bad it is.
    public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .info: 0
        case .unknown: 1
        case .warning: 2
        case .critical: 3
        }
    }
}

/// How soon somebody must look: what alerts are routed by.
public enum AlertPriority: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
    /// Now, whatever the hour: no primary, no majority, data at risk.
    case p0 = "P0"
    /// Within minutes: a member is down, a disk is nearly full.
    case p1 = "P1"
    /// In working hours.
    case p2 = "P2"
    /// Some day.
    case p3 = "P3"

    /// The more urgent is the smaller.
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}
