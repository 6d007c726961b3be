import Synchronization

/// Limits how many servers tests run at the same time: all tests begin together, and two dozen servers that start at
/// once on a small machine make every one of them slow.
public enum ServerSlots {
    private static let total = 6
    @TaskLocal private static var isHolding = false

    private struct State {
        var free = total
        var waiting: [(count: Int, go: CheckedContinuation<Void, Never>)] = []
    }
    private static let state = Mutex(State())

    /// Runs `body` when there are slots for its servers. A test that asks again inside is not made to wait: it could
    /// wait for itself.
    public static func with<Result>(_ count: Int, _ body: () async throws -> Result) async throws -> Result {
        if isHolding { return try await body() }
        let count = min(max(1, count), total)
        await take(count)
        defer { give(count) }
        try Task.checkCancellation()
        return try await $isHolding.withValue(true, operation: body)
    }

    /// Runs `body` when no other test has servers: for what is about how long a set takes that has the machine to itself.
    public static func alone<Result>(_ body: () async throws -> Result) async throws -> Result {
        try await with(total, body)
    }

    private static func take(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let now = state.withLock { state in
                if state.waiting.isEmpty && state.free >= count {
                    state.free -= count
                    return true
                }
                state.waiting.append((count, continuation))
                return false
            }
            if now { continuation.resume() }
        }
    }

    private static func give(_ count: Int) {
        let next = state.withLock { state in
            state.free += count
            var next: [CheckedContinuation<Void, Never>] = []
            while let first = state.waiting.first, first.count <= state.free {
                state.free -= first.count
                next.append(first.go)
                state.waiting.removeFirst()
            }
            return next
        }
        for continuation in next { continuation.resume() }
    }
}
