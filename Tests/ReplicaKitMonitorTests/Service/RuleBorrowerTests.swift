import ReplicaKit
import ReplicaKitTesting
import Synchronization
import Testing

@testable import ReplicaKitMonitor

@Suite("Rules that are lent")
struct RuleBorrowerTests {
    private static func rule(_ message: String) -> HealthRule {
        HealthRule("team.lent", looksFor: "a test", in: "nothing") { _ in
            [
                Finding(
                    rule: "team.lent",
                    severity: .critical,
                    priority: .p1,
                    member: nil,
                    message: message,
                    evidence: [],
                    remedy: ""
                )
            ]
        }
    }

    /// What the rules say of an empty set.
    private static func report(_ borrower: RuleBorrower) -> HealthReport {
        let spec = ReplicaSetSpec(name: "rs0", members: [])
        let snapshot = ReplicaSetSnapshot(takenAt: BSONDateTime(milliseconds: 0), setName: "rs0", members: [])
        return HealthExaminer(spec: spec, rules: borrower.rules).report(on: HealthLook(snapshot: snapshot))
    }

    @Test("Before the first answer nothing is judged; then the last answer counts, and each interval brings a new one")
    func asking() async throws {
        let clock = ManualClock()
        let count = Mutex(0)
        let lent = LentRules([Self.rule("never")], interval: .seconds(60)) { set in
            #expect(set.spec.name == "rs0")
            return [Self.rule("\(count.withLock { $0 += 1; return $0 })")]
        }
        let borrower = RuleBorrower(.stub("rs0", RefusingDriver()), lent) { clock.now.sinceStart }
        #expect(Self.report(borrower).findings.isEmpty)
        #expect(Self.report(borrower).unjudged.map(\.rule) == ["team.lent"])
        let asking = Task { try await borrower.run(clock: clock) }
        for minute in 1...3 {
            await clock.untilAsleep(1)
            #expect(Self.report(borrower).findings.map(\.message) == ["\(minute)"])
            #expect(Self.report(borrower).unjudged.isEmpty)
            clock.advance(by: .seconds(59))
            #expect(count.withLock { $0 } == minute)
            clock.advance(by: .seconds(1))
        }
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
    }

    @Test("A question that stays open becomes a finding, and the last answer stands until then")
    func overdue() async throws {
        let clock = ManualClock()
        let (asked, ask) = AsyncStream<Void>.makeStream()
        let count = Mutex(0)
        let lent = LentRules([Self.rule("never")], interval: .seconds(60), patience: .seconds(600)) { _ in
            guard
                count.withLock({
                    $0 += 1; return $0
                }) > 1
            else { return [Self.rule("first")] }
            ask.yield()
            for await _ in AsyncStream<Never>.makeStream().stream {}
            return []
        }
        let borrower = RuleBorrower(.stub("rs0", RefusingDriver()), lent) { clock.now.sinceStart }
        let asking = Task { try await borrower.run(clock: clock) }
        await clock.untilAsleep(1)
        clock.advance(by: .seconds(60))
        for await _ in asked { break }
        clock.advance(by: .seconds(600))
        #expect(Self.report(borrower).findings.map(\.rule) == ["team.lent"])
        clock.advance(by: .seconds(1))
        let report = Self.report(borrower)
        #expect(Set(report.findings.map(\.rule)) == ["team.lent", LentRules.overdue])
        let finding = try #require(report.findings.first { $0.rule == LentRules.overdue })
        #expect(
            finding.severity == .unknown && finding.message.contains("601 s") && finding.message.contains("team.lent")
        )
        // Stopping does not wait for it.
        asking.cancel()
        await #expect(throws: CancellationError.self) { try await asking.value }
    }
}
