internal import Synchronization

/// A clock that stands still until a test moves it, so that no deadline passes because a machine is busy.
public final class ManualClock: Clock {
    /// A moment, by how long the clock has gone.
    public struct Instant: InstantProtocol {
        /// How long it has gone.
        public var sinceStart: Duration

        /// The moment that much later.
        public func advanced(by duration: Duration) -> Instant { Instant(sinceStart: sinceStart + duration) }
        /// How long it is from this moment to another.
        public func duration(to other: Instant) -> Duration { other.sinceStart - sinceStart }
        /// Whether it is earlier.
        public static func < (left: Instant, right: Instant) -> Bool { left.sinceStart < right.sinceStart }
    }

    private struct Sleeper {
        var deadline: Instant
        var wake: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Instant(sinceStart: .zero)
        var sleepers: [Int: Sleeper] = [:]
        var lastNumber = 0
        /// Sleepers that were cancelled before they had begun to sleep.
        var cancelled: Set<Int> = []
        var watchers: [(count: Int, go: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// Creates a clock that stands at its start.
    public init() {}

    /// Where it stands.
    public var now: Instant { state.withLock { $0.now } }
    /// A nanosecond.
    public var minimumResolution: Duration { .nanoseconds(1) }

    /// Sleeps until somebody moves the clock that far.
    public func sleep(until deadline: Instant, tolerance: Duration?) async throws {
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { wake in
                let (ended, watchers) = state.withLock {
                    state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
                    if state.cancelled.remove(number) != nil { return (.failure(CancellationError()), []) }
                    if deadline <= state.now { return (.success(()), []) }
                    state.sleepers[number] = Sleeper(deadline: deadline, wake: wake)
                    let ready = state.watchers.filter { $0.count <= state.sleepers.count }.map(\.go)
                    state.watchers.removeAll { $0.count <= state.sleepers.count }
                    return (nil, ready)
                }
                if let ended { wake.resume(with: ended) }
                for watcher in watchers { watcher.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                if let sleeper = state.sleepers.removeValue(forKey: number) { return sleeper as Sleeper? }
                state.cancelled.insert(number)
                return nil
            }
            sleeper?.wake.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock on, and wakes whom it is time to wake.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.map(\.wake)
        }
        for wake in woken { wake.resume() }
    }

    /// Waits until so many tasks sleep.
    public func untilAsleep(_ count: Int) async {
        await withCheckedContinuation { go in
            let isSo = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, go))
                return false
            }
            if isSo { go.resume() }
        }
    }
}
