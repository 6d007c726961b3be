extension Clock where Duration == Swift.Duration {
    /// Looks again and again until something is there or the time is up.
    ///
    /// - Parameters:
    ///   - timeout: How long, by this clock.
    ///   - pause: How long to wait between two looks.
    ///   - look: Gives what was waited for, or `nil` while it is not there.
    /// - Returns: What `look` gave at last; `nil` when the time was up.
    /// - Throws: `CancellationError`, or what `look` throws.
    package func poll<Found>(
        for timeout: Swift.Duration,
        every pause: Swift.Duration,
        _ look: () async throws -> Found?
    ) async throws -> Found? {
        let end = now.advanced(by: timeout)
        while true {
            if let found = try await look() { return found }
            let left = now.duration(to: end)
            guard left > .zero else { return nil }
            try await sleep(until: now.advanced(by: min(pause, left)), tolerance: nil)
        }
    }
    /// Runs something and gives up at the limit.
    ///
    /// - Returns: `nil` when it was not done by then.
    package func unlessLate<Result: Sendable>(
        _ limit: Swift.Duration,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result? {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                try await sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
