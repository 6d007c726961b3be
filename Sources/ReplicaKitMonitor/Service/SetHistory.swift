import ReplicaKit

/// What plots are drawn from: lag, oplog window and states of the last six hours, thinned with age.
///
/// The newest 15 minutes are kept by 10 seconds, what is older by the minute, so a set has at most 96 + 346 points
/// whatever the interval is. A point of several looks keeps the worst of them: a peak is not thinned away. A point
/// takes some 100 bytes and as many for each member, so a set of three members takes about 0.2 MB.
struct SetHistory: Sendable {
    /// One look, or several that were merged.
    struct Point: Sendable, Hashable {
        var at: BSONDateTime
        /// The smallest oplog window of the set.
        var oplogWindowSeconds: Double?
        /// In the order of ``SetHistory/members``; what a member had not then is missing.
        var members: [Finding.Subject: Sample]
    }

    /// A member at one point.
    struct Sample: Sendable, Hashable {
        var state: MemberState?
        var isReachable: Bool
        var lagSeconds: Double?
    }

    /// How far back it goes, in milliseconds.
    static let span: Int64 = 6 * 3600 * 1000
    private static let fineSpan: Int64 = 15 * 60 * 1000
    private static let fineStep: Int64 = 10 * 1000
    private static let coarseStep: Int64 = 60 * 1000

    /// Oldest first.
    private(set) var points: [Point] = []

    /// Adds a look. One from before the newest, as after a clock was set back, begins the history anew.
    mutating func add(_ report: HealthReport) {
        var members: [Finding.Subject: Sample] = [:]
        for member in report.status.currentMembers {
            let subject = Finding.Subject(name: member.name, host: member.host)
            members[subject] = Sample(
                state: member.state,
                isReachable: member.reachable,
                lagSeconds: member.lagSeconds
            )
        }
        let point = Point(
            at: report.takenAt,
            oplogWindowSeconds: report.status.oplogWindowSeconds.map(Double.init),
            members: members
        )
        if let newest = points.last, point.at < newest.at { points = [] }
        points.append(point)
        thin()
    }

    /// Merges neighbours of one step of time, and drops what is too old.
    private mutating func thin() {
        guard let now = points.last?.at.milliseconds else { return }
        var kept: [Point] = []
        kept.reserveCapacity(points.count)
        for point in points where now - point.at.milliseconds <= Self.span {
            if let last = kept.last, Self.step(of: last, at: now) == Self.step(of: point, at: now) {
                kept[kept.count - 1] = last.merged(with: point)
            } else {
                kept.append(point)
            }
        }
        points = kept
    }

    /// The step that a point lies in, coarse ones below zero. Steps are counted from 1970, so that they stay where they
    /// are as time goes on.
    private static func step(of point: Point, at now: Int64) -> Int64 {
        let time = point.at.milliseconds
        // Whole minutes become coarse, so that no minute is ever half of both.
        let isFine = (time / coarseStep + 1) * coarseStep > now - fineSpan
        return isFine ? time / fineStep : -1 - time / coarseStep
    }
}

extension SetHistory.Point {
    /// One point for two: the worse of each figure, at the time of the later.
    func merged(with later: Self) -> Self {
        var merged = later
        merged.oplogWindowSeconds = [oplogWindowSeconds, later.oplogWindowSeconds].compactMap(\.self).min()
        merged.members.merge(members) { new, old in
            var sample = SetHistory.badness(old) > SetHistory.badness(new) ? old : new
            sample.isReachable = old.isReachable && new.isReachable
            sample.lagSeconds = [old.lagSeconds, new.lagSeconds].compactMap(\.self).max()
            return sample
        }
        return merged
    }
}

extension SetHistory {
    /// How bad a member's state is; of two equally bad the later counts.
    fileprivate static func badness(_ sample: Sample) -> Int {
        switch sample.state {
        case .primary, .secondary, .arbiter: 0
        case .startup, .startup2, .recovering: 1
        case .rollback: 2
        default: 3
        }
    }
}

extension SetHistory: Encodable {
    enum CodingKeys: String, CodingKey {
        case times, oplogWindowSeconds, members
    }

    private struct Series: Encodable {
        let member: String
        let host: String
        let states: [String?]
        let reachable: [Bool?]
        let lagSeconds: [Double?]
    }

    /// Encodes columns, which take a fraction of the room of rows: `times` in RFC 3339 and, of equal length, the oplog
    /// window and each member's states and lags; null where a figure is missing.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(points.map(\.at.rfc3339), forKey: .times)
        try container.encode(points.map(\.oplogWindowSeconds), forKey: .oplogWindowSeconds)
        let subjects = Set(points.flatMap(\.members.keys)).sorted { $0.host < $1.host }
        let series = subjects.map { subject in
            let samples = points.map { $0.members[subject] }
            return Series(
                member: subject.description,
                host: subject.host.description,
                states: samples.map { $0?.state?.description },
                reachable: samples.map { $0?.isReachable },
                lagSeconds: samples.map { $0?.lagSeconds }
            )
        }
        try container.encode(series, forKey: .members)
    }
}
