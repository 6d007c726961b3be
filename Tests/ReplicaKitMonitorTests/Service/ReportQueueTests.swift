import ReplicaKit
import Synchronization
import Testing

@testable import ReplicaKitMonitor

@Suite("The queue of an observer")
struct ReportQueueTests {
    private func report(_ seconds: Double, _ rules: HealthRuleID...) throws -> HealthReport {
        try Looks.examination(.healthy, at: seconds, findings: rules.map { Looks.finding($0) }).report
    }

    @Test("The newest report replaces one that was not taken, and takes on what only that had found")
    func replacing() throws {
        var backlog = ReportQueue.Backlog()
        let none = backlog.take()
        #expect(none == nil)
        backlog.put(try report(0, "old"))
        let first = backlog.take()
        #expect(first?.findings.map(\.rule) == ["old"])
        backlog.put(try report(10, "old", "short"))
        backlog.put(try report(20, "new"))
        let taken = backlog.take()
        let next = try #require(taken)
        #expect(next.takenAt == BSONDateTime(milliseconds: Looks.start + 20_000))
        // "old" was shown before, so it is over; "short" was not, so it is shown once.
        #expect(next.findings.map(\.rule) == ["new", "short"])
        backlog.put(try report(30))
        let last = backlog.take()
        #expect(last?.findings.isEmpty == true)
        let rest = backlog.take()
        #expect(rest == nil)
    }

    @Test("A slow observer gets the newest report, not all of them", .timeLimit(.minutes(20)))
    func slow() async throws {
        let queue = ReportQueue()
        let seen = Mutex<[BSONDateTime]>([])
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (gate, open) = AsyncStream<Void>.makeStream()
        let delivery = Task {
            await queue.deliver { report in
                seen.withLock { $0.append(report.takenAt) }
                begin.yield()
                for await _ in gate { break }
            }
        }
        queue.put(try report(0))
        for await _ in begun { break }
        for number in 1...5 { queue.put(try report(Double(number))) }
        open.yield()
        for await _ in begun { break }
        delivery.cancel()
        open.finish()
        await delivery.value
        #expect(seen.withLock { $0 }.map { $0.milliseconds - Looks.start } == [0, 5000])
    }
}
