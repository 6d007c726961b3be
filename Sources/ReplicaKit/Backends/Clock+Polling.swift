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
}
