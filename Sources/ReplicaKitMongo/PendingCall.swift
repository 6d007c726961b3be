import Synchronization

/// One call that someone awaits while a thread may be blocked in it.
///
/// The awaiting side is freed by whatever comes first: the result, cancellation, or the deadline. What comes later is
/// dropped.
final class PendingCall<Value: Sendable>: Sendable {
    private enum State {
        /// Nobody awaits it yet.
        case new
        case queued(CheckedContinuation<Value, any Error>)
        case running(CheckedContinuation<Value, any Error>)
        /// It ended before anybody awaited it.
        case failedEarly(any Error)
        case finished
    }

    private let state = Mutex<State>(.new)

    /// Waits for the end, after starting the work with `start`; a call that ended already is not started.
    func value(start: () -> Void) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let early: (any Error)? = state.withLock { state in
                if case .failedEarly(let error) = state {
                    state = .finished
                    return error
                }
                state = .queued(continuation)
                return nil
            }
            if let early {
                continuation.resume(throwing: early)
            } else {
                start()
            }
        }
    }

    /// Says that the work begins now; false when nobody waits for it any more.
    func begin() -> Bool {
        state.withLock { state in
            guard case .queued(let continuation) = state else { return false }
            state = .running(continuation)
            return true
        }
    }

    /// Ends the call with a result, unless it has ended.
    func finish(_ result: Result<Value, any Error>) {
        let continuation: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .queued(let continuation), .running(let continuation):
                state = .finished
                return continuation
            case .new, .failedEarly, .finished:
                return nil
            }
        }
        continuation?.resume(with: result)
    }

    /// Ends the call with an error from outside.
    ///
    /// - Returns: Whether a thread is in it, which must be got out.
    func abandon(throwing error: any Error) -> Bool {
        let (continuation, wasRunning): (CheckedContinuation<Value, any Error>?, Bool) = state.withLock { state in
            switch state {
            case .new:
                state = .failedEarly(error)
                return (nil, false)
            case .queued(let continuation):
                state = .finished
                return (continuation, false)
            case .running(let continuation):
                state = .finished
                return (continuation, true)
            case .failedEarly, .finished:
                return (nil, false)
            }
        }
        continuation?.resume(throwing: error)
        return wasRunning
    }
}
