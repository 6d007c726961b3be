public import ReplicaKit
import Synchronization

/// What steps told, at once and in order.
public final class Notes: Sendable {
    private let state = Mutex<[String]>([])

    /// Takes notes.
    public init() {}

    /// All of it.
    public var lines: [String] { state.withLock { $0 } }

    /// Takes an event of a run.
    public func add(_ event: PlanEvent) {
        switch event {
        case .stepNoted(_, let text): state.withLock { $0.append(text) }
        case .stepFinished(let step, _, _): state.withLock { $0.append("done: \(step.action.description)") }
        case .stepFailed(_, let message): state.withLock { $0.append("failed: \(message)") }
        case .began, .stepStarted, .finished: break
        }
    }

    /// Takes a line.
    public func note(_ text: String) { state.withLock { $0.append(text) } }

    /// Whether a line begins so.
    public func has(_ beginning: String) -> Bool { lines.contains { $0.hasPrefix(beginning) } }
}
