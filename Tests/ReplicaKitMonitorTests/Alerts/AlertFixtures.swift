import Foundation
import ReplicaKit
import Synchronization

@testable import ReplicaKitMonitor

/// Reports and routes to try alerts with.
enum AlertFixtures {
    static let set: ReplicaSetName = "orders"
    /// A Tuesday noon in UTC, in seconds since 1970.
    static let noon = 1_767_700_800.0

    static func finding(
        _ rule: HealthRuleID = "machine.disk",
        _ member: String? = "m1",
        _ priority: AlertPriority = .p1,
        _ severity: Severity = .critical,
        message: String = "the file system of its data is full by 91 % (limit 90 %)"
    ) -> Finding {
        Finding(
            rule: rule,
            severity: severity,
            priority: priority,
            member: member.map { subject($0) },
            message: message,
            evidence: [Finding.Evidence("diskRatio", .double(0.91))],
            remedy: "rkctl diagnose disk"
        )
    }

    static func subject(_ name: String) -> Finding.Subject {
        Finding.Subject(name: MemberName(rawValue: name), host: MemberAddress(host: "\(name).example", port: 27017))
    }

    static func report(
        _ findings: [Finding] = [],
        unjudged: [HealthReport.Unjudged] = [],
        readings: [MemberReadings] = []
    ) -> HealthReport {
        let snapshot = ReplicaSetSnapshot(takenAt: BSONDateTime(milliseconds: 0), setName: set, members: [])
        return HealthReport(
            findings: findings,
            unjudged: unjudged,
            readings: readings,
            status: ReplicaSetStatus(snapshot),
            tookSeconds: 0.1
        )
    }

    static func route(
        _ name: String = "chat",
        _ priorities: [AlertPriority] = AlertRoute.usualPriorities,
        repeatMinutes: Int = 0,
        quietHours: AlertRoute.QuietHours? = nil,
        escalation: AlertRoute.Escalation? = nil,
        receiver: AlertReceiver = .command(["true"])
    ) -> AlertRoute {
        AlertRoute(
            name: name,
            priorities: priorities,
            receiver: receiver,
            quietHours: quietHours,
            escalation: escalation,
            repeatMinutes: repeatMinutes
        )
    }

    static func spec(_ routes: [AlertRoute], resolveAfterSeconds: Double = 60) -> ReplicaSetSpec {
        ReplicaSetSpec(
            name: set,
            members: (1...3).map {
                MemberSpec(
                    name: MemberName(rawValue: "m\($0)"),
                    host: MemberAddress(host: "127.0.0.1", port: 27016 + $0)
                )
            },
            alerts: AlertsSpec(routes: routes, resolveAfterSeconds: resolveAfterSeconds)
        )
    }

    static func notification(_ alerts: [Alert], _ summary: AlertNotification.Summary? = nil) -> AlertNotification {
        AlertNotification(set: set, route: "chat", alerts: alerts, summary: summary)
    }

    static func alert(_ finding: Finding = finding(), reason: Alert.Reason = .appeared) -> Alert {
        Alert(
            set: set,
            subject: AlertSubject(finding),
            startsAt: BSONDateTime(seconds: noon),
            endsAt: reason == .resolved ? BSONDateTime(seconds: noon + 90) : nil,
            reason: reason
        )
    }
}

/// A book, its routes, and the time: each step says what every route is told.
struct BookDrill {
    var book = AlertBook()
    var routes: [AlertRoute]
    var now = AlertFixtures.noon
    var capacity = 20

    init(_ routes: AlertRoute...) { self.routes = routes }

    /// Lets time pass, takes in a report, and tells everybody all that is due.
    ///
    /// - Returns: One line for each alert told: route, reason and key.
    mutating func step(_ seconds: Double = 10, _ findings: [Finding] = []) -> [String] {
        step(seconds, AlertFixtures.report(findings))
    }

    mutating func step(_ seconds: Double, _ report: HealthReport) -> [String] {
        now += seconds
        _ = book.observe(report, at: now, resolveAfter: 60)
        var told: [String] = []
        for route in routes {
            while let notification = tell(route) {
                told += notification.alerts.map { "\(route.name) \($0.reason.rawValue) \($0.subject.key)" }
                if let summary = notification.summary { told.append("\(route.name) summary \(summary.total)") }
            }
        }
        return told
    }

    /// Looks every ten seconds for so long.
    mutating func last(_ seconds: Double, _ findings: [Finding] = []) -> [String] {
        (0..<Int(seconds / 10)).flatMap { _ in step(10, findings) }
    }

    func due(_ route: AlertRoute) -> AlertBook.Due {
        book.due(for: route, set: AlertFixtures.set, among: routes, at: now, capacity: capacity)
    }

    private mutating func tell(_ route: AlertRoute) -> AlertNotification? {
        let due = due(route)
        book.begin(due, for: route, at: now)
        book.acknowledge(due, for: route, at: now)
        return due.notification
    }
}

/// A receiver that answers as a test says, and remembers what it was told and when.
final class FakeReceiver: AlertSender {
    struct Told: Sendable {
        var at: Double
        var notification: AlertNotification
    }

    let capacity: Int
    private let now: @Sendable () -> Date
    private let answer: @Sendable (Int) async throws -> String
    private let all = Mutex<[Told]>([])

    /// What it was told, in order.
    var told: [Told] { all.withLock { $0 } }

    init(
        capacity: Int = 20,
        now: @escaping @Sendable () -> Date,
        _ answer: @escaping @Sendable (Int) async throws -> String = { _ in "ok" }
    ) {
        (self.capacity, self.now, self.answer) = (capacity, now, answer)
    }

    func send(_ notification: AlertNotification) async throws -> String {
        let count = all.withLock { all in
            all.append(Told(at: now().timeIntervalSince1970, notification: notification))
            return all.count
        }
        return try await answer(count)
    }

    func preview(_ notification: AlertNotification) throws -> String { "" }
}
