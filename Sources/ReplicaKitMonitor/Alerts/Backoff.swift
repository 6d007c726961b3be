import ReplicaKit

/// How long a route waits after a delivery that failed.
struct Backoff {
    /// How often in a row it failed.
    private(set) var failures = 0

    /// The least pause between two messages of a route; chats take about one a second.
    static let pace = Duration.seconds(1)
    /// The longest pause after a failure that may pass.
    static let longest = 60.0
    /// The pause after a no that stays one until somebody changes something.
    static let afterRejection = Duration.seconds(900)
    /// The longest pause that a receiver may ask for.
    static let longestAskedFor = Duration.seconds(3600)

    /// Counts a failure.
    ///
    /// - Returns: How long to wait: twice as long each time, from about 1 s, with half of it left to chance so that
    ///   many programs do not come back at the same moment.
    mutating func pause(after error: any Error) -> Duration {
        failures += 1
        let failure = error as? DeliveryFailure
        if let asked = failure?.retryAfter { return min(max(asked, Self.pace), Self.longestAskedFor) }
        if failure?.isPermanent == true { return Self.afterRejection }
        let whole = min(Self.longest, Double(1 << min(failures - 1, 10)))
        return .seconds(whole * Double.random(in: 0.5...1))
    }
}
