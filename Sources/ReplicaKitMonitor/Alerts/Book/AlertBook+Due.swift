import Foundation
import ReplicaKit

extension AlertBook {
    /// What a route is to be told now, and when it is to be asked again.
    struct Due: Sendable {
        /// What is told, with the keys; `nil` when nothing is due.
        var notification: AlertNotification?
        /// What it is about: to be handed back when it is tried and when it is told.
        var items: [Item] = []
        /// When something else will be due if nothing changes, in seconds since 1970.
        var next: Double?
    }

    /// One alert that is due.
    struct Item: Sendable {
        var key: String
        var reason: Alert.Reason
        var rank: Int
        var isSummarized = false
    }

    /// Decides what a route is to be told at a time.
    ///
    /// - Parameters:
    ///   - route: The route.
    ///   - set: The name of the set.
    ///   - routes: All routes, for what they escalate.
    ///   - now: The time, in seconds since 1970.
    ///   - capacity: How many alerts are told one by one; the rest is summed up.
    func due(
        for route: AlertRoute,
        set: ReplicaSetName,
        among routes: [AlertRoute],
        at now: Double,
        capacity: Int
    ) -> Due {
        var due = Due()
        func wait(until time: Double) { due.next = min(due.next ?? time, time) }
        let quietEnd = route.quietHours?.end(at: now)
        var closing: [Item] = []
        for (key, entry) in entries {
            let delivery = entry.deliveries[route.name]
            let escalation = escalation(of: entry, to: route, among: routes)
            if let escalation, escalation > now { wait(until: escalation) }
            let isEscalated = escalation.map { $0 <= now } ?? false
            let isWanted = route.wants(entry.subject) || isEscalated
            let reason: Alert.Reason
            if entry.resolvedAt == nil, isWanted {
                guard let found = delivery.reason(isEscalated && !route.wants(entry.subject), entry, route, now) else {
                    if let again = delivery.nextRepeat(route) { wait(until: again) }
                    continue
                }
                reason = found
            } else {
                guard let delivery, !delivery.isClosed else { continue }
                reason = .resolved
            }
            if let quietEnd, route.quietHours?.except.contains(entry.subject.priority) != true {
                // An incident that is closed rings nobody, and one that stays open may ring again.
                if reason != .resolved || route.receiver.kind != .pagerDuty {
                    wait(until: quietEnd)
                    continue
                }
            }
            let item = Item(key: key, reason: reason, rank: entry.subject.rank)
            if reason == .resolved, delivery?.isSummarized == true {
                closing.append(item)
            } else {
                due.items.append(item)
            }
        }
        // What is there stands before what is gone, and the worst first.
        due.items.sort { left, right in
            (left.reason == .resolved ? 1 : 0, right.rank, left.key)
                < (right.reason == .resolved ? 1 : 0, left.rank, right.key)
        }
        let told = due.items.prefix(capacity)
        // Each end is told by itself, at the next turn if need be: a receiver keeps open what it is not told the end of.
        due.items = told + due.items.dropFirst(capacity).filter { $0.reason != .resolved }
        for index in due.items.indices.dropFirst(capacity) { due.items[index].isSummarized = true }
        let summary = summary(for: route, due.items, closing)
        due.items += closing
        if !told.isEmpty || summary != nil {
            due.notification = AlertNotification(
                set: set,
                route: route.name,
                alerts: told.compactMap { alert($0, set) },
                summary: summary
            )
        }
        return due
    }

    /// When a route is to be told because another one was; `nil` when no other escalates to it.
    private func escalation(of entry: Entry, to route: AlertRoute, among routes: [AlertRoute]) -> Double? {
        guard entry.resolvedAt == nil else { return nil }
        return routes.compactMap { other -> Double? in
            guard let escalation = other.escalation, escalation.to == route.name,
                let delivery = entry.deliveries[other.name], !delivery.isClosed
            else { return nil }
            // A receiver that was tried and is away counts as told: that is when another one is needed most.
            return delivery.attemptedAt + Double(escalation.afterMinutes) * 60
        }.min()
    }

    /// What is said of the alerts that are only counted, when that changed.
    private func summary(
        for route: AlertRoute,
        _ items: [Item],
        _ closing: [Item]
    ) -> AlertNotification.Summary? {
        let isNew = items.contains(where: \.isSummarized)
        guard isNew || !closing.isEmpty else { return nil }
        let told = Set(items.filter { !$0.isSummarized }.map(\.key)).union(closing.map(\.key))
        let counted = Set(items.filter(\.isSummarized).map(\.key))
        let open = entries.filter { key, entry in
            if counted.contains(key) { return true }
            guard !told.contains(key), let delivery = entry.deliveries[route.name] else { return false }
            return delivery.isSummarized && !delivery.isClosed && entry.resolvedAt == nil
        }
        // Of some of many that are resolved nothing is said until all are.
        guard isNew || open.isEmpty else { return nil }
        return AlertNotification.Summary(open.values.map(\.subject))
    }

    private func alert(_ item: Item, _ set: ReplicaSetName) -> Alert? {
        guard let entry = entries[item.key] else { return nil }
        return Alert(
            set: set,
            subject: entry.subject,
            startsAt: BSONDateTime(seconds: entry.appearedAt),
            endsAt: item.reason == .resolved
                ? BSONDateTime(seconds: entry.absentSince ?? entry.resolvedAt ?? entry.appearedAt) : nil,
            reason: item.reason
        )
    }

    // MARK: - What became of it

    /// Writes down that a route is about to be told.
    mutating func begin(_ due: Due, for route: AlertRoute, at now: Double) {
        for item in due.items where item.reason != .resolved {
            guard entries[item.key]?.deliveries[route.name].map(\.isClosed) != false else { continue }
            entries[item.key]?.deliveries[route.name] = Delivery(attemptedAt: now)
        }
    }

    /// Writes down that a route was told.
    mutating func acknowledge(_ due: Due, for route: AlertRoute, at now: Double) {
        for item in due.items {
            if item.reason == .resolved {
                entries[item.key]?.deliveries[route.name]?.isClosed = true
            } else {
                entries[item.key]?.deliveries[route.name]?.acknowledgedAt = now
                entries[item.key]?.deliveries[route.name]?.rank = item.rank
                entries[item.key]?.deliveries[route.name]?.isSummarized = item.isSummarized
            }
        }
    }
}

extension AlertBook.Delivery? {
    /// Why a route is to be told of something that is there and that it wants; `nil` when it knows.
    fileprivate func reason(
        _ isOnlyEscalated: Bool,
        _ entry: AlertBook.Entry,
        _ route: AlertRoute,
        _ now: Double
    ) -> Alert.Reason? {
        guard let self, !self.isClosed, self.acknowledgedAt != nil else {
            return isOnlyEscalated ? .escalated : .appeared
        }
        if let rank = self.rank, entry.subject.rank > rank { return .worsened }
        guard let again = nextRepeat(route), again <= now else { return nil }
        return .repeated
    }

    /// When a route is to be told again.
    fileprivate func nextRepeat(_ route: AlertRoute) -> Double? {
        guard route.repeatMinutes > 0, let last = self?.acknowledgedAt else { return nil }
        return last + Double(route.repeatMinutes) * 60
    }
}

extension AlertRoute {
    /// Whether it wants to be told, whatever others escalate to it.
    func wants(_ subject: AlertSubject) -> Bool {
        priorities.contains(subject.priority)
            && (rules.isEmpty
                || rules.contains { subject.rule == $0 || subject.rule.rawValue.hasPrefix($0.rawValue + ".") })
            && (members.isEmpty || members.contains { $0.rawValue == subject.member })
    }
}

extension BSONDateTime {
    init(seconds: Double) { self.init(milliseconds: Int64((seconds * 1000).rounded())) }
}
