import ReplicaKit

/// What is known of each alert of one set, and who was told what of it: a value, and all that is decided is decided
/// here, by pure functions of it and of a time.
///
/// It is a map by what was found, not a queue of messages: however often something comes and goes while a receiver is
/// away, there is one entry for it, and the receiver is told how it stands when it is back.
struct AlertBook: Sendable, Hashable, Codable {
    /// The alerts, by the keys of their findings.
    var entries: [String: Entry] = [:]

    /// One alert.
    struct Entry: Sendable, Hashable, Codable {
        /// What was found: at its worst within the settling time, with the last words on it.
        var subject: AlertSubject
        /// When it appeared. All times are seconds since 1970.
        var appearedAt: Double
        /// Since when it is not found any more.
        var absentSince: Double?
        /// Since when it is less bad than the subject says.
        var betterSince: Double?
        /// When it was given up as resolved.
        var resolvedAt: Double?
        /// How often it came back, or got worse again, soon after it had gone or got better.
        var recurrences = 0
        /// What each route was told, by the route's name.
        var deliveries: [String: Delivery] = [:]
    }

    /// What one route was told of one alert.
    struct Delivery: Sendable, Hashable, Codable {
        /// When telling it was first tried: from then on the receiver may know, whether or not it said so.
        var attemptedAt: Double
        /// When the receiver last said that it was told.
        var acknowledgedAt: Double?
        /// How bad it was then.
        var rank: Int?
        /// Whether it was only counted in a summary.
        var isSummarized = false
        /// Whether the receiver was told that it is resolved.
        var isClosed = false
    }

    /// How long what is resolved is remembered, in seconds, so that what comes back soon is known as flapping.
    static let memory = 3600.0

    /// How long something must be gone, or better, until that counts: twice as long each time that it comes back.
    private static func settling(_ entry: Entry, _ resolveAfter: Double) -> Double {
        min(resolveAfter * Double(1 << min(entry.recurrences, 12)), max(resolveAfter, memory))
    }

    /// Takes in a report.
    ///
    /// - Returns: Whether something changed that must be remembered.
    mutating func observe(_ report: HealthReport, at now: Double, resolveAfter: Double) -> Bool {
        var hasChanged = false
        var found: Set<String> = []
        for finding in report.findings {
            let subject = AlertSubject(finding)
            // One rule may find two things of one member: the worse stands first.
            guard found.insert(subject.key).inserted else { continue }
            if see(subject, at: now, resolveAfter) { hasChanged = true }
        }
        let unjudged = Set(report.unjudged.map { Finding.Key(rule: $0.rule, member: $0.member).description })
        let silent = Set(report.readings.filter(\.values.isEmpty).map(\.member.description))
        for (key, var entry) in entries where !found.contains(key) && entry.resolvedAt == nil {
            // Nobody can say that it is well: it stays as it is.
            if unjudged.contains(key) || entry.subject.member.map(silent.contains) == true { continue }
            let since = entry.absentSince ?? now
            if entry.absentSince == nil { hasChanged = true }
            entry.absentSince = since
            if now - since >= Self.settling(entry, resolveAfter) {
                entry.resolvedAt = now
                hasChanged = true
            }
            entries[key] = entry
        }
        return forget(at: now) || hasChanged
    }

    private mutating func see(_ subject: AlertSubject, at now: Double, _ resolveAfter: Double) -> Bool {
        guard let old = entries[subject.key] else {
            entries[subject.key] = Entry(subject: subject, appearedAt: now)
            return true
        }
        var entry = old
        if entry.resolvedAt != nil {
            // Who was never told that it had gone still believes that it is there, and is not told again.
            entry.deliveries = entry.deliveries.filter { !$0.value.isClosed }
            entry = Entry(
                subject: subject,
                appearedAt: now,
                recurrences: entry.recurrences + 1,
                deliveries: entry.deliveries
            )
        } else if subject.rank >= entry.subject.rank {
            entry.subject = subject
            (entry.absentSince, entry.betterSince) = (nil, nil)
        } else {
            let since = entry.betterSince ?? now
            entry.betterSince = since
            entry.absentSince = nil
            let worst = entry.subject
            entry.subject = subject
            if now - since >= Self.settling(entry, resolveAfter) {
                entry.betterSince = nil
                entry.recurrences += 1
                // From here on it can get worse again, and that is news.
                entry.deliveries = entry.deliveries.mapValues { delivery in
                    var delivery = delivery
                    delivery.rank = delivery.rank.map { min($0, subject.rank) }
                    return delivery
                }
            } else {
                (entry.subject.severity, entry.subject.priority) = (worst.severity, worst.priority)
            }
        }
        entries[subject.key] = entry
        // Words and numbers alone are not worth a write to the disk at each look.
        entry.subject = old.subject
        return entry != old || subject.rank > old.subject.rank
    }

    /// Forgets what is resolved, told to all who must know, and long gone.
    private mutating func forget(at now: Double) -> Bool {
        let count = entries.count
        entries = entries.filter { _, entry in
            guard let resolvedAt = entry.resolvedAt, now - resolvedAt >= Self.memory else { return true }
            return entry.deliveries.values.contains { !$0.isClosed }
        }
        return entries.count != count
    }

    /// Takes away what was told to routes that are not there any more.
    mutating func keepOnly(routes: Set<String>) {
        entries = entries.mapValues { entry in
            var entry = entry
            entry.deliveries = entry.deliveries.filter { routes.contains($0.key) }
            return entry
        }
    }
}
