import ReplicaKit
import Testing

@testable import ReplicaKitMonitor

@Suite("Events from looks")
struct SetEventTests {
    /// The events of the last of these looks.
    private func events(_ looks: HealthExamination...) -> [SetEvent] {
        var chronicle = SetChronicle()
        return looks.map { chronicle.add($0) }.last ?? []
    }

    private func kinds(_ looks: HealthExamination...) -> [SetEvent.Kind] {
        var chronicle = SetChronicle()
        return (looks.map { chronicle.add($0) }.last ?? []).map(\.kind)
    }

    @Test("The first look and one like it tell nothing")
    func quiet() throws {
        let look = try Looks.examination(.healthy)
        #expect(kinds(look).isEmpty)
        #expect(try kinds(look, Looks.examination(.healthy, at: 10)).isEmpty)
    }

    @Test("An election tells the term, the reason, when, and who was the primary before")
    func election() throws {
        let after = [FakeMember].healthy.changing("a") { $0.state = .secondary }
            .changing("b") { ($0.state, $0.reason) = (.primary, "stepUpRequest") }
            .map { member in
                var member = member
                member.term = 2
                return member
            }
        let found = try events(Looks.examination(.healthy), Looks.examination(after, at: 10))
        #expect(found.map(\.kind) == [.primaryElected, .stateChanged, .stateChanged])
        let event = try #require(found.first)
        #expect(event.message == "b was elected the primary of term 2 (stepUpRequest), after a")
        #expect(event.member?.name == "b")
        #expect(event.at == BSONDateTime(milliseconds: Looks.start + 10_000))
        let details = Dictionary(event.details.map { ($0.key, $0.value) }) { first, _ in first }
        #expect(details["term"] == .int64(2))
        #expect(details["previous"] == "a")
        #expect(details["reason"] == "stepUpRequest")
        #expect(details["electedAt"] == .string(BSONDateTime(milliseconds: Looks.start - 5000).rfc3339))
    }

    @Test("A primary that is lost and found again was not elected; its successor after a gap was")
    func gap() throws {
        let without = try Looks.examination([FakeMember].healthy.changing("a") { $0.isReachable = false }, at: 10)
        let first = try Looks.examination(.healthy)
        #expect(kinds(first, without).contains(.primaryLost))
        #expect(try kinds(first, without, Looks.examination(.healthy, at: 20)).contains(.primaryBack))
        let successor = [FakeMember].healthy.changing("a") { $0.isReachable = false }
            .changing("b") { ($0.state, $0.term) = (.primary, 2) }.changing("c") { $0.term = 2 }
        let found = try events(first, without, Looks.examination(successor, at: 20))
        #expect(found.map(\.kind) == [.primaryElected, .stateChanged])
        #expect(found.first?.message == "b was elected the primary of term 2 (electionTimeout), after a")
    }

    @Test("The same primary in a later term was elected again")
    func reelected() throws {
        let again = [FakeMember].healthy.map { member in
            var member = member
            member.term = 3
            return member
        }
        let found = try events(Looks.examination(.healthy), Looks.examination(again, at: 10))
        #expect(found.map(\.message) == ["a was elected the primary of term 3 (electionTimeout)"])
    }

    @Test("A process that is another one was restarted, also when it was away in between")
    func restart() throws {
        let first = try Looks.examination(.healthy)
        let away = try Looks.examination([FakeMember].healthy.changing("c") { $0.isReachable = false }, at: 10)
        let back = [FakeMember].healthy.changing("c") { ($0.pid, $0.uptime) = (200, 3) }
        #expect(try kinds(first, Looks.examination(back, at: 10)) == [.restarted])
        #expect(kinds(first, away) == [.memberUnreachable, .stateChanged])
        let found = try events(first, away, Looks.examination(back, at: 20))
        #expect(found.map(\.kind) == [.memberReachable, .stateChanged, .restarted])
        #expect(found.last?.message == "c was restarted: its process is 3 s old")
        // In containers every process has the same number.
        let samePID = [FakeMember].healthy.changing("c") { $0.uptime = 3 }
        #expect(try kinds(first, Looks.examination(samePID, at: 10)) == [.restarted])
        let older = [FakeMember].healthy.changing("c") { $0.uptime = 1010 }
        #expect(try kinds(first, Looks.examination(older, at: 10)).isEmpty)
    }

    @Test("A member that comes or goes is told by name, and so is the config's version")
    func membership() throws {
        let four = [FakeMember].healthy + [FakeMember(name: "d", port: 4)]
        let added = try events(Looks.examination(.healthy), Looks.examination(four, at: 10, configVersion: 2))
        #expect(added.map(\.message) == ["d was added to the config", "the config went from version 1 to 2"])
        let removed = try events(
            Looks.examination(four),
            Looks.examination(.healthy, at: 10, configVersion: 3)
        )
        #expect(removed.map(\.kind) == [.memberRemoved, .configChanged])
        #expect(removed.first?.message == "d was removed from the config")
    }

    @Test("Findings appear, change and are resolved; one that cannot be judged is none of it")
    func findings() throws {
        let b = [FakeMember].healthy[1]
        let clear = try Looks.examination(.healthy)
        let found = try Looks.examination(.healthy, at: 10, findings: [Looks.finding("replication.lag", b)])
        let worse = try Looks.examination(.healthy, at: 20, findings: [Looks.finding("replication.lag", b, .critical)])
        let unjudged = try Looks.examination(
            .healthy,
            at: 30,
            unjudged: [HealthReport.Unjudged(rule: "replication.lag", member: b.subject, why: "no second look")]
        )
        let away = try Looks.examination([FakeMember].healthy.changing("b") { $0.isReachable = false }, at: 30)
        #expect(kinds(clear, found) == [.findingAppeared])
        #expect(events(clear, found).first?.message == "b: replication.lag is wrong")
        #expect(kinds(clear, found, worse) == [.findingChanged])
        #expect(kinds(clear, found, worse, clear) == [.findingResolved])
        #expect(kinds(clear, found, unjudged).isEmpty)
        #expect(kinds(clear, found, unjudged, found).isEmpty)
        #expect(kinds(clear, found, unjudged, clear) == [.findingResolved])
        #expect(!kinds(clear, found, away).contains(.findingResolved))
    }

    @Test("Encoded, an event has all keys")
    func encoding() throws {
        let event = SetEvent(
            at: BSONDateTime(milliseconds: Looks.start),
            kind: .restarted,
            member: [FakeMember].healthy[0].subject,
            message: "m",
            details: [.init("uptimeSeconds", 3.0)]
        )
        let document = try BSONEncoder().encode(event)
        #expect(document.keys == ["at", "event", "member", "host", "message", "details"])
        #expect(document[path: "details", "uptimeSeconds"] == .double(3))
        #expect(document["event"] == "restarted")
    }
}
