import ReplicaKit
import Synchronization

/// Between the watching of one set and one of its observers: a queue of one report, so that a slow observer neither
/// holds up the watching nor gathers old reports.
final class ReportQueue: Sendable {
    private let backlog = Mutex(Backlog())
    private let arrivals: AsyncStream<Void>
    private let arrival: AsyncStream<Void>.Continuation

    init() {
        // One mark is enough: it says that something is there.
        (arrivals, arrival) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Puts a report in the place of one that waits. Never waits itself.
    func put(_ report: HealthReport) {
        backlog.withLock { $0.put(report) }
        arrival.yield()
    }

    /// Hands reports to the observer, one after the other, until the task is cancelled.
    func deliver(to observer: Monitor.Observer) async {
        for await _ in arrivals {
            guard let report = backlog.withLock({ $0.take() }) else { continue }
            await observer(report)
        }
    }
}

extension ReportQueue {
    /// The report that waits.
    ///
    /// A newer report replaces it, but takes with it what only the replaced one had found: a finding that appeared and
    /// went while the observer was busy is shown to it once, and is missing from the report after, as if it had been
    /// resolved then. Findings that the observer has already been shown are not carried on: they are simply over.
    struct Backlog: Sendable {
        private var waiting: HealthReport?
        private var shown: Set<Finding.Key> = []

        mutating func put(_ report: HealthReport) {
            var report = report
            if let waiting {
                let present = Set(report.findings.map(\.key))
                let carried = waiting.findings.filter { !present.contains($0.key) && !shown.contains($0.key) }
                report.findings = (report.findings + carried).worstFirst
            }
            waiting = report
        }

        mutating func take() -> HealthReport? {
            guard let report = waiting else { return nil }
            waiting = nil
            shown = Set(report.findings.map(\.key))
            return report
        }
    }
}
