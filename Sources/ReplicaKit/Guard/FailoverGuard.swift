import Logging

/// Watches a set's primary, and has a successor elected as soon as it is certain that the primary is gone.
///
/// A set notices a dead primary only after `electionTimeoutMillis`, by default 10 s. Whoever sees the process end can
/// ask the most advanced secondary for an ordinary election at once, and clients hardly notice. It is never a forced
/// one: without a majority nothing is done, and there cannot be two primaries in one term.
///
/// A primary that runs and does not answer is fenced first: its process is killed, so that clients let go of it and it
/// cannot come back in the middle. That needs more certainty: probes on an old and on fresh connections fail several
/// times in a row, while the host says that it runs, a majority of the others answers, and none of those has had a
/// heartbeat of it since.
///
/// Nothing is done while a run of this library changes the set on this machine.
public struct FailoverGuard: Sendable {
    /// How the guard watches.
    public struct Settings: Sendable, Hashable {
        /// The time between two probes.
        public var probeInterval: Duration
        /// How long a probe may take.
        public var probeTimeout: Duration
        /// How many probes in a row must fail, on old and fresh connections alike, before a primary counts as hung.
        public var failuresOfHang: Int
        /// Whether a hung primary is killed. Without that nothing is done about one.
        public var fences: Bool
        /// Whether the other secondaries are made to replicate from the likeliest successor while all is well, so that
        /// majority writes go on at once after an election.
        public var prepares: Bool
        /// After so many elections within ``pause`` the guard does nothing until that time is over.
        public var maximumElections: Int
        /// See ``maximumElections``.
        public var pause: Duration

        /// Creates settings.
        public init(
            probeInterval: Duration = .milliseconds(250),
            probeTimeout: Duration = .milliseconds(500),
            failuresOfHang: Int = 3,
            fences: Bool = true,
            prepares: Bool = true,
            maximumElections: Int = 3,
            pause: Duration = .seconds(300)
        ) {
            self.probeInterval = probeInterval
            self.probeTimeout = probeTimeout
            self.failuresOfHang = failuresOfHang
            self.fences = fences
            self.prepares = prepares
            self.maximumElections = maximumElections
            self.pause = pause
        }
    }

    let set: ReplicaSet
    let settings: Settings

    /// Creates a guard. It does nothing before ``run(_:)``.
    public init(set: ReplicaSet, settings: Settings = Settings()) {
        self.set = set
        self.settings = settings
    }

    /// Watches until the task is cancelled.
    ///
    /// - Parameter report: Told what is seen and done, in order, from any thread.
    /// - Throws: ``ReplicaKitError/Code/hostUnsupported`` when someone else runs the members: nobody can tell then
    ///   whether a process has ended; `CancellationError`.
    public func run(_ report: @escaping @Sendable (GuardEvent) -> Void) async throws {
        guard set.spec.runtime != .external else {
            throw ReplicaKitError(
                .hostUnsupported,
                "someone else runs the members of \(set.spec.name), so nobody here can see that one has died",
                hint: "Run the guard where the members run, with a spec that says how (runtime: {process: …})."
            )
        }
        try await watch(on: set.toolbox.clock, report)
    }

    private func watch(
        on clock: some Clock<Duration>,
        _ report: @escaping @Sendable (GuardEvent) -> Void
    ) async throws {
        // A successor is asked at once, without signing in first: that would be most of the time without a primary.
        let beginning = clock.now
        let kept = KeptConnections(set.toolbox.driver) { beginning.duration(to: clock.now) }
        var performer = set.performer
        performer.toolbox.driver = kept
        do {
            try await GuardWatch(set: set, settings: settings, performer: performer).run(on: clock, report)
        } catch {
            await kept.close()
            throw error
        }
        await kept.close()
    }
}
