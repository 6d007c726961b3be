public import ReplicaKit
import Synchronization

/// What a guard told, in order.
public final class GuardLog: Sendable {
    private let events = Mutex<[GuardEvent]>([])

    private func add(_ event: GuardEvent) { events.withLock { $0.append(event) } }

    /// The kinds of what was told.
    public var kinds: [GuardEvent.Kind] { events.withLock { $0.map(\.kind) } }
    /// What was told, a line each, for a failure's message.
    public var text: String {
        events.withLock { $0 }.map { "\($0.at) \($0.kind): \($0.message) \($0.seconds ?? 0)" }.joined(separator: "\n")
    }

    /// Waits until so many events of a kind were told.
    public func wait(for kind: GuardEvent.Kind, count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while kinds.count(where: { $0 == kind }) < count {
            guard ContinuousClock.now < deadline else {
                throw TestFailure("the guard did not tell \(kind) \(count) times:\n\(text)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Runs a guard while something happens, from the moment that it watches.
    public static func guarding<Result: Sendable>(
        _ set: ReplicaSet,
        _ body: @Sendable (GuardLog) async throws -> Result
    ) async throws -> Result {
        let log = GuardLog()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await FailoverGuard(set: set, settings: .init(maximumElections: 100)).run { event in
                    log.add(event)
                }
            }
            defer { group.cancelAll() }
            try await log.wait(for: .watching, count: 1)
            return try await body(log)
        }
    }
}
