public import Logging
public import ReplicaKit
public import ServiceLifecycle

/// Watches replica sets: looks at each of them at an interval, tells observers what the health rules say, and serves
/// what it saw as metrics, as JSON and as a page.
///
/// It is a service: run it in a `ServiceGroup`, which stops it gracefully, or in a task that is cancelled in the end.
///
/// ```swift
/// let monitor = try Monitor(watching: [set], observers: [alerts.deliver])
/// try await ServiceGroup(services: [monitor], gracefulShutdownSignals: [.sigterm], logger: logger).run()
/// ```
///
/// Every set is watched in a task of its own: one that hangs holds up nothing else. What a set costs in memory is
/// bounded: the last look, six hours of history, the last 200 events.
public struct Monitor: Service {
    /// Told what the rules say of each look at a set.
    ///
    /// Each set has a queue of one report for each observer: while an observer is busy with a report of a set, newer
    /// reports of that set replace each other, and the one that it gets next has also the findings that came and went
    /// meanwhile. Reports of different sets come at the same time. When the monitor stops, the call is cancelled.
    public typealias Observer = @Sendable (HealthReport) async -> Void

    /// Something that whoever runs the monitor may want to know.
    public enum Notice: Sendable {
        /// The endpoint listens, at this URL.
        case listening(url: String)
        /// More people than should can read what is served: why.
        case exposed(String)
        /// Something changed in a set.
        case event(set: ReplicaSetName, SetEvent)
    }

    private let options: MonitorOptions
    private let clock: any Clock<Duration>
    private let logger: Logger
    private let observers: [Observer]
    private let notice: @Sendable (Notice) -> Void
    let watches: [SetWatch]

    /// Sets up a monitor. Nothing is asked or opened before ``run()``.
    ///
    /// - Parameters:
    ///   - sets: What to watch; their names must differ.
    ///   - options: How often, by what rules, and where HTTP is served.
    ///   - clock: Measures the interval.
    ///   - logger: Receives what is worth knowing later; never a secret.
    ///   - observers: Told what the rules say of each look.
    ///   - notice: Told of the endpoint and of every change, from any thread; it must not block.
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/invalidArgument`` for no sets, two of one name, or an interval
    ///   outside 0.1 seconds to a day.
    public init(
        watching sets: [ReplicaSet],
        options: MonitorOptions = MonitorOptions(),
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "replicakit.monitor"),
        observers: [Observer] = [],
        notice: @escaping @Sendable (Notice) -> Void = { _ in }
    ) throws {
        guard !sets.isEmpty else { throw ReplicaKitError(.invalidArgument, "there is no set to watch") }
        let names = sets.map(\.spec.name)
        if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
            throw ReplicaKitError(
                .invalidArgument,
                "two of the sets are named \(twice): their metrics could not be told apart",
                hint: "Watch them by two monitors."
            )
        }
        guard options.interval >= .milliseconds(100), options.interval <= .seconds(86_400) else {
            throw ReplicaKitError(.invalidArgument, "the interval must be from 0.1 to 86400 seconds")
        }
        self.options = options
        self.clock = clock
        self.logger = logger
        self.observers = observers
        self.notice = notice
        let elapsed = Self.stopwatch(clock)
        watches = sets.map { SetWatch($0, options: options, elapsed: elapsed, logger: logger) }
    }

    /// Watches and serves until the task is cancelled or the service group stops it.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/portInUse`` and the like when the endpoint cannot listen,
    ///   ``ReplicaKit/ReplicaKitError/Code/tlsConfiguration``, ``ReplicaKit/ReplicaKitError/Code/secretMissing``;
    ///   `CancellationError`. Sets and members that cannot be reached are no error: they are what is watched for.
    public func run() async throws {
        guard let endpoint = options.endpoint else {
            return try await WatchService { try await watch(with: clock) }.run()
        }
        if let exposure = endpoint.exposure {
            logger.warning("\(exposure)")
            notice(.exposed(exposure))
        }
        try await Endpoint(options: endpoint, monitor: self, logger: logger).serve {
            try await watch(with: clock)
        } listening: { url in
            notice(.listening(url: url))
        }
    }

    /// What the endpoint serves as `/metrics`, for programs that have a server of their own.
    ///
    /// It is made from the last look at each set: no server is asked. A set whose last look is older than three
    /// intervals is left out but for the figures of the looks themselves.
    public func metrics(_ format: MetricsFormat = .prometheusText) -> String {
        var exposition = Exposition()
        for watch in watches { exposition.add(watch.record, isStale: watch.isStale) }
        return exposition.text(format)
    }

    private func watch(with clock: some Clock<Duration>) async throws {
        try await withThrowingTaskGroup { group in
            for (index, watch) in watches.enumerated() {
                let queues = observers.map { (ReportQueue(), $0) }
                for (queue, observer) in queues { group.addTask { await queue.deliver(to: observer) } }
                let share = Double(index) / Double(watches.count)
                group.addTask {
                    try await watch.run(share: share, clock: clock) { report, events in
                        for event in events { notice(.event(set: report.set, event)) }
                        for (queue, _) in queues { queue.put(report) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// The time from one look at a set to the next.
    var interval: Duration { options.interval }

    private static func stopwatch(_ clock: some Clock<Duration>) -> @Sendable () -> Duration {
        let start = clock.now
        return { start.duration(to: clock.now) }
    }
}

/// The watching, as a service: one that has no server, or is beside the endpoint's.
struct WatchService: Service {
    let watch: @Sendable () async throws -> Void

    func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await watch() }
        } catch is CancellationError where !Task.isCancelled {
            // A graceful stop: what it does to itself is no failure.
        }
    }
}
