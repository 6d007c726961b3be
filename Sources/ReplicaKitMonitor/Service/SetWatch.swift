import Logging
import ReplicaKit
import Synchronization

/// Looks at one set again and again, and keeps what it saw.
final class SetWatch: Sendable {
    let set: ReplicaSet
    private let connections: KeptConnections
    private let interval: Duration
    private let rules: [HealthRule]
    private let borrower: RuleBorrower?
    private let timeout: Duration?
    private let logger: Logger
    private let elapsed: @Sendable () -> Duration
    private let state: Mutex<State>

    private struct State {
        var record: SetRecord
        /// When the last look ended, by ``elapsed``; before the first, when the watching was set up.
        var lastEnd: Duration = .zero
    }

    init(_ set: ReplicaSet, options: MonitorOptions, elapsed: @escaping @Sendable () -> Duration, logger: Logger) {
        connections = KeptConnections(set.toolbox.driver, elapsed: elapsed)
        var toolbox = set.toolbox
        toolbox.driver = connections
        self.set = ReplicaSet(spec: set.spec, baseDirectory: set.baseDirectory, toolbox: toolbox, limits: set.limits)
        self.interval = options.interval
        self.rules = options.rules
        // It is asked about the set as it was given: what the looks keep open is theirs.
        borrower = options.lentRules.map { RuleBorrower(set, $0, elapsed: elapsed) }
        self.timeout = options.timeout
        self.logger = logger
        self.elapsed = elapsed
        state = Mutex(State(record: SetRecord(name: set.spec.name), lastEnd: elapsed()))
    }

    /// What is known of the set.
    var record: SetRecord { state.withLock { $0.record } }

    /// For how long no look has ended.
    var age: Duration { elapsed() - state.withLock { $0.lastEnd } }

    /// Whether that is so long that the watching must be stuck: each member has its time to answer, so no look may take
    /// that long.
    var isStuck: Bool { age > patience + .seconds(30) }

    /// Whether what is known is too old to be shown as if it were so now.
    var isStale: Bool { record.failure != nil || age > patience }

    private var patience: Duration { interval * 3 + (timeout ?? set.limits.call) * 2 }

    /// Looks until the task is cancelled.
    ///
    /// The looks keep to a grid of `interval` from the first one on, so that they do not drift by what they take. One
    /// that takes longer than the interval makes the next wait for the grid again.
    ///
    /// - Parameters:
    ///   - share: Where in the interval the looks after the first are, from 0 to 1: those of many sets are spread out.
    ///   - clock: Measures the interval.
    ///   - seen: Told each look and what changed with it.
    func run(
        share: Double,
        clock: some Clock<Duration>,
        seen: @Sendable (HealthReport, [SetEvent]) -> Void
    ) async throws {
        do {
            try await withThrowingTaskGroup { group in
                if let borrower { group.addTask { try await borrower.run(clock: clock) } }
                // It ends by being cancelled, which ends the asking too.
                try await keepLooking(share: share, clock: clock, seen)
            }
        } catch {
            await connections.close()
            throw error
        }
    }

    private func keepLooking(
        share: Double,
        clock: some Clock<Duration>,
        _ seen: @Sendable (HealthReport, [SetEvent]) -> Void
    ) async throws {
        let start = clock.now.advanced(by: .seconds(interval.seconds * share))
        var ticks = 0
        while true {
            try await look(seen)
            ticks = Self.tick(after: ticks, passed: start.duration(to: clock.now), every: interval)
            try await clock.sleep(until: start.advanced(by: interval * ticks), tolerance: nil)
        }
    }

    /// The next point of the grid: the one after the last, or the first that is still to come.
    static func tick(after last: Int, passed: Duration, every interval: Duration) -> Int {
        max(last, Int((passed.seconds / interval.seconds).rounded(.down))) + 1
    }

    private func look(_ seen: @Sendable (HealthReport, [SetEvent]) -> Void) async throws {
        do {
            let examination = try await set.examine(
                since: record.examination?.look,
                rules: rules + (borrower?.rules ?? []),
                timeout: timeout
            )
            try Task.checkCancellation()
            let events = state.withLock { state in
                state.lastEnd = elapsed()
                return state.record.add(examination)
            }
            seen(examination.report, events)
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            let error = error as? ReplicaKitError ?? ReplicaKitError(.unexpectedReply, "\(error)", cause: error)
            let isNew = state.withLock { state in
                defer { state.record.fail(error) }
                state.lastEnd = elapsed()
                return state.record.failure.map { $0.code != error.code || $0.message != error.message } ?? true
            }
            // Once, not at every look: it stays to be seen in the metrics and on the page.
            if isNew { logger.error("cannot look at \(set.spec.name): \(error)") }
        }
    }
}
