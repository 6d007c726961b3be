import ReplicaKit
import Testing

@testable import ReplicaKitMonitor

@Suite("What is told to whom, and when")
struct AlertBookTests {
    private static let disk = AlertFixtures.finding()
    private static let worse = AlertFixtures.finding("machine.disk", "m1", .p0, .critical)
    private static let milder = AlertFixtures.finding("machine.disk", "m1", .p2, .warning)

    @Test("What appears is told once, and its end once, a minute after it was seen last")
    func appearAndResolve() {
        var drill = BookDrill(AlertFixtures.route())
        #expect(drill.step(10, [Self.disk]) == ["chat appeared machine.disk/m1"])
        #expect(drill.last(3600, [Self.disk]).isEmpty)
        #expect(drill.last(60).isEmpty)
        #expect(drill.step() == ["chat resolved machine.disk/m1"])
        #expect(drill.last(7200).isEmpty)
        #expect(drill.book.entries.isEmpty)
    }

    @Test("An end says when it was seen last, not when it was given up")
    func end() throws {
        var drill = BookDrill(AlertFixtures.route())
        _ = drill.step(10, [Self.disk])
        let gone = drill.now + 10
        _ = drill.book.observe(AlertFixtures.report(), at: gone, resolveAfter: 60)
        _ = drill.book.observe(AlertFixtures.report(), at: gone + 60, resolveAfter: 60)
        drill.now = gone + 60
        let alert = try #require(drill.due(drill.routes[0]).notification?.alerts.first)
        #expect(alert.endsAt == BSONDateTime(seconds: gone))
        #expect(alert.status == .resolved)
    }

    @Test("What gets worse is told again, and what gets better is not")
    func worsen() {
        var drill = BookDrill(AlertFixtures.route())
        #expect(drill.step(10, [Self.milder]) == ["chat appeared machine.disk/m1"])
        #expect(drill.step(10, [Self.disk]) == ["chat worsened machine.disk/m1"])
        #expect(drill.step(10, [Self.worse]) == ["chat worsened machine.disk/m1"])
        #expect(drill.last(600, [Self.milder]).isEmpty)
        // It had calmed down, so this is news.
        #expect(drill.step(10, [Self.worse]) == ["chat worsened machine.disk/m1"])
    }

    @Test("What goes up and down around a limit is told once")
    func flappingLevel() {
        var drill = BookDrill(AlertFixtures.route())
        #expect(drill.step(10, [Self.milder]).count == 1)
        #expect(drill.step(10, [Self.disk]).count == 1)
        let told = (0..<200).flatMap { drill.step(10, [$0.isMultiple(of: 3) ? Self.disk : Self.milder]) }
        #expect(told.isEmpty)
    }

    @Test("What comes and goes within the settling time is one alert")
    func flapping() {
        var drill = BookDrill(AlertFixtures.route())
        let told = (0..<200).flatMap { drill.step(10, $0.isMultiple(of: 4) ? [Self.disk] : []) }
        #expect(told == ["chat appeared machine.disk/m1"])
    }

    @Test("What comes back every two minutes for a day is told a few times, and rarer and rarer")
    func slowFlapping() {
        var drill = BookDrill(AlertFixtures.route())
        let told = (0..<(6 * 60 * 24)).flatMap { drill.step(10, $0 % 12 == 0 ? [Self.disk] : []) }
        #expect(told.count <= 4, "\(told)")
        #expect(told.first == "chat appeared machine.disk/m1")
    }

    @Test("What lasts is repeated, at the pace of the route")
    func repetition() {
        var drill = BookDrill(AlertFixtures.route(repeatMinutes: 30))
        #expect(drill.step(10, [Self.disk]).count == 1)
        #expect(drill.last(1790, [Self.disk]).isEmpty)
        #expect(drill.step(10, [Self.disk]) == ["chat repeated machine.disk/m1"])
        #expect(drill.last(3600, [Self.disk]).count == 2)
    }

    @Test("A route is told what it wants: priorities, rules with their families, members")
    func filters() {
        var route = AlertFixtures.route("some", [.p1])
        route.rules = ["machine"]
        route.members = ["m2"]
        let found = [
            AlertFixtures.finding("machine.disk", "m2"), AlertFixtures.finding("machine.disk", "m1"),
            AlertFixtures.finding("machinery.x", "m2"), AlertFixtures.finding("machine.cpu", "m2", .p2),
            AlertFixtures.finding("machine", "m2"), AlertFixtures.finding("machine.memory", nil),
        ]
        var drill = BookDrill(route)
        #expect(drill.step(10, found).sorted() == ["some appeared machine.disk/m2", "some appeared machine/m2"])
    }

    @Test("A route that wants only what is urgent is told the end when it is urgent no more")
    func belowPriority() {
        var drill = BookDrill(AlertFixtures.route("urgent", [.p0]), AlertFixtures.route("all"))
        #expect(drill.step(10, [Self.worse]).count == 2)
        #expect(drill.last(60, [Self.milder]).isEmpty)
        #expect(drill.step(10, [Self.milder]) == ["urgent resolved machine.disk/m1"])
    }

    @Test("What lasts is escalated, and both routes are told its end")
    func escalation() {
        let first = AlertFixtures.route("first", escalation: .init(afterMinutes: 15, to: "boss"))
        var drill = BookDrill(first, AlertFixtures.route("boss", []))
        #expect(drill.step(10, [Self.disk]) == ["first appeared machine.disk/m1"])
        #expect(drill.last(890, [Self.disk]).isEmpty)
        #expect(drill.step(10, [Self.disk]) == ["boss escalated machine.disk/m1"])
        #expect(drill.last(3600, [Self.disk]).isEmpty)
        #expect(drill.last(70) == ["first resolved machine.disk/m1", "boss resolved machine.disk/m1"])
    }

    @Test("A receiver that is away is no reason not to escalate")
    func escalationPastADeadReceiver() {
        let first = AlertFixtures.route("first", escalation: .init(afterMinutes: 15, to: "boss"))
        var drill = BookDrill(first, AlertFixtures.route("boss", []))
        _ = drill.book.observe(AlertFixtures.report([Self.disk]), at: drill.now, resolveAfter: 60)
        // Tried, and never acknowledged.
        drill.book.begin(drill.due(first), for: first, at: drill.now)
        #expect(drill.due(drill.routes[1]).next == drill.now + 900)
        drill.now += 900
        #expect(drill.due(drill.routes[1]).notification?.alerts.map(\.reason) == [.escalated])
    }

    @Test("Quiet hours hold what is not urgent, and tell at their end what is still there")
    func quietHours() {
        let hours = AlertRoute.QuietHours(from: .init(hour: 22), to: .init(hour: 7))
        var drill = BookDrill(AlertFixtures.route(quietHours: hours))
        let passing = AlertFixtures.finding("machine.cpu", "m2", .p2, .warning)
        let urgent = AlertFixtures.finding("primary.available", nil, .p0)
        #expect(drill.step(11 * 3600, [Self.disk, passing]).isEmpty)
        #expect(drill.due(drill.routes[0]).next == AlertFixtures.noon + 19 * 3600)
        #expect(drill.step(10, [Self.disk, urgent]) == ["chat appeared primary.available"])
        #expect(drill.last(8 * 3600 - 20, [Self.disk]) == ["chat resolved primary.available"])
        #expect(drill.step(10, [Self.disk]) == ["chat appeared machine.disk/m1"])
    }

    @Test("An end is held in quiet hours too, but closes an incident at once")
    func quietEnd() {
        let hours = AlertRoute.QuietHours(from: .init(hour: 12, minute: 1), to: .init(hour: 13))
        let pagerDuty = AlertReceiver.pagerDuty(.init(routingKey: .env("KEY")))
        var drill = BookDrill(
            AlertFixtures.route("mail", quietHours: hours),
            AlertFixtures.route("duty", quietHours: hours, receiver: pagerDuty)
        )
        #expect(drill.step(10, [Self.disk]).count == 2)
        #expect(drill.last(600) == ["duty resolved machine.disk/m1"])
        #expect(drill.last(3600) == ["mail resolved machine.disk/m1"])
    }

    @Test("What cannot be judged stays as it is")
    func unjudged() {
        var drill = BookDrill(AlertFixtures.route())
        _ = drill.step(10, [Self.disk])
        let doubt = HealthReport.Unjudged(rule: "machine.disk", member: AlertFixtures.subject("m1"), why: "one look")
        for _ in 0..<100 { #expect(drill.step(10, AlertFixtures.report(unjudged: [doubt])).isEmpty) }
        // A member that does not answer says nothing of its disk either: it may be down because the disk is full.
        let silent = MemberReadings(member: AlertFixtures.subject("m1"))
        for _ in 0..<100 { #expect(drill.step(10, AlertFixtures.report(readings: [silent])).isEmpty) }
        let answers = MemberReadings(member: AlertFixtures.subject("m1"), values: [.pingSeconds: 0.001])
        let told = (0..<8).flatMap { _ in drill.step(10, AlertFixtures.report(readings: [answers])) }
        #expect(told == ["chat resolved machine.disk/m1"])
    }

    @Test("A receiver that may have been told is told the end, and one that cannot have been is not")
    func uncertainDelivery() {
        var drill = BookDrill(AlertFixtures.route("tried"), AlertFixtures.route("held"))
        _ = drill.book.observe(AlertFixtures.report([Self.disk]), at: drill.now, resolveAfter: 60)
        drill.book.begin(drill.due(drill.routes[0]), for: drill.routes[0], at: drill.now)
        for _ in 0..<8 {
            drill.now += 10
            _ = drill.book.observe(AlertFixtures.report(), at: drill.now, resolveAfter: 60)
        }
        #expect(drill.due(drill.routes[0]).notification?.alerts.map(\.reason) == [.resolved])
        #expect(drill.due(drill.routes[1]).notification == nil)
    }

    @Test("Ten thousand findings are one message with the worst and a count, and one more when they are gone")
    func flood() {
        let many = (0..<10_000).map { AlertFixtures.finding("server.queue", "m\($0)", .p2, .warning) }
        let bad = AlertFixtures.finding("primary.available", nil, .p0)
        var drill = BookDrill(AlertFixtures.route())
        let told = drill.step(10, many + [bad])
        #expect(told.count == 21)
        #expect(told.first == "chat appeared primary.available")
        #expect(told.last == "chat summary 9981")
        #expect(drill.last(30, many + [bad]).isEmpty)
        let ends = drill.last(80)
        #expect(ends.filter { $0.hasPrefix("chat resolved") }.count == 20)
        #expect(ends.filter { $0.hasPrefix("chat summary") } == ["chat summary 0"])
        #expect(drill.step(3600).isEmpty)
        #expect(drill.book.entries.isEmpty)
    }

    @Test("More ends than fit into a message are told in several, each one by itself")
    func manyEnds() {
        var drill = BookDrill(AlertFixtures.route())
        drill.capacity = 3
        let all = (0..<9).map { AlertFixtures.finding("server.queue", "m\($0)") }
        for count in stride(from: 3, through: 9, by: 3) { #expect(drill.step(10, Array(all.prefix(count))).count == 3) }
        let ends = drill.last(80)
        #expect(Set(ends).count == 9)
        #expect(ends.allSatisfy { $0.hasPrefix("chat resolved") })
    }

    @Test("What comes back before anybody could be told that it had gone is not told again")
    func backBeforeTheEndWasTold() {
        let hours = AlertRoute.QuietHours(from: .init(hour: 12, minute: 1), to: .init(hour: 13))
        var drill = BookDrill(AlertFixtures.route(quietHours: hours))
        #expect(drill.step(10, [Self.disk]).count == 1)
        #expect(drill.last(600).isEmpty)
        #expect(drill.last(3600, [Self.disk]).isEmpty)
    }

    @Test("The deduplication key is the same for the same thing, and never longer than 255 bytes")
    func keys() {
        let alert = AlertFixtures.alert()
        #expect(alert.deduplicationKey == "orders/machine.disk/m1")
        #expect(AlertFixtures.alert(AlertFixtures.finding(message: "other words")).fingerprint == alert.fingerprint)
        #expect(AlertFixtures.alert(Self.worse).fingerprint == alert.fingerprint)
        let long = ["a", "b"].map { end in
            AlertFixtures.alert(AlertFixtures.finding("r", String(repeating: "é", count: 200) + end)).deduplicationKey
        }
        #expect(long[0] != long[1])
        #expect(long.allSatisfy { $0.utf8.count <= 255 })
    }
}
