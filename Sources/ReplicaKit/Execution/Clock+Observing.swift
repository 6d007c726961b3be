extension Clock where Duration == Swift.Duration {
    /// Waits until something is so, by looking again and again; never by sleeping for a guessed time.
    ///
    /// A look that fails because the member is not reachable, or is not what it must become yet, is a look that has
    /// not seen it; the last such error explains a deadline that passes. Every look opens its own connection, because
    /// one that failed stays dead.
    ///
    /// - Parameters:
    ///   - what: What is waited for, as the end of "waited for …".
    ///   - limit: The longest it may take.
    ///   - passes: Which errors of a look are no more than "not yet".
    ///   - look: Gives the observation, or `nil` when it is not so yet.
    /// - Throws: ``ReplicaKitError/Code/stepTimedOut``, `CancellationError`, and at once any error of `look` that more
    ///   looking would not mend, such as a wrong password.
    @discardableResult
    func observe<Seen: Sendable>(
        _ what: String,
        within limit: Duration,
        ignoring passes: (ReplicaKitError) -> Bool = \.mayPass,
        _ look: () async throws -> Seen?
    ) async throws -> Seen {
        let start = now
        var last: (any Error)?
        var pause = Duration.milliseconds(10)
        while true {
            try Task.checkCancellation()
            do {
                if let seen = try await look() { return seen }
                last = nil
            } catch let error as ReplicaKitError where passes(error) {
                last = error
            }
            guard start.duration(to: now) < limit else {
                throw ReplicaKitError(
                    .stepTimedOut,
                    "waited \(Int(limit.seconds)) s for \(what)" + (last.map { "; last answer: \($0)" } ?? ""),
                    hint: "Look at `rkctl status` and at the members' logs, then run the same command again.",
                    cause: last
                )
            }
            try await sleep(for: pause)
            pause = min(pause * 1.5, .milliseconds(100))
        }
    }
}

extension Clock where Duration == Swift.Duration {
    /// Waits until a look says yes: ``observe(_:within:_:)`` where there is nothing to bring home.
    func wait(
        for what: String,
        within limit: Duration,
        ignoring passes: (ReplicaKitError) -> Bool = \.mayPass,
        until look: () async throws -> Bool
    ) async throws {
        try await observe(what, within: limit, ignoring: passes) { try await look() ? true : nil as Bool? }
    }
}

extension ReplicaKitError {
    /// Whether looking again a little later may give another answer.
    ///
    /// Members that start, elect or reconfigure refuse connections, close them, say that they are not the primary, or
    /// that their state changes just now.
    var mayPass: Bool {
        switch code {
        case .hostNotFound: false
        case .notPrimary, .serverTimedOut: true
        default:
            code.family == .connection || server.map { Self.passingServerCodes.contains($0.code) } ?? false
        }
    }

    /// NotYetInitialized 94, InterruptedDueToReplStateChange 11602, InterruptedAtShutdown 11600, ShutdownInProgress 91,
    /// PrimarySteppedDown 189, NotPrimaryOrSecondary 13436, ConfigurationInProgress 109, and the refusals of a reconfig
    /// or election that another one is under way: 103, 308, 125.
    private static let passingServerCodes: Set<Int> = [94, 11602, 11600, 91, 189, 13436, 109, 308, 125]
}

extension Duration {
    static func * (left: Duration, right: Double) -> Duration {
        .nanoseconds(Int64(left.seconds * right * 1e9))
    }
}
