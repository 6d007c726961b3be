internal import AsyncHTTPClient
public import Foundation
public import Logging
public import ReplicaKit
public import ServiceLifecycle

/// Tells the receivers of a spec what health rules find in its set.
///
/// ```swift
/// let router = try AlertRouter(spec: spec, baseDirectory: "/srv/mongo")
/// // Beside whatever examines the set, and calls `router.receive(report)` with each report:
/// try await router.run()
/// ```
///
/// A receiver is told when something appears, when it gets worse, again and again while it lasts, and when it is gone;
/// what comes and goes within ``AlertsSpec/resolveAfterSeconds`` is one alert. Each route has a task of its own: one
/// that waits or fails holds up neither the others nor who calls ``receive(_:)``. Who was told of what is kept in
/// `alerts.json` in the set's ``ReplicaSet/stateDirectory``, so that a restart forgets nothing; after a crash somebody
/// may be told twice, with the same key.
///
/// Two that run for one set on one machine do not both tell: the second waits, says so, and goes on when the first
/// ends, from what that one wrote down. Two machines know nothing of each other.
public actor AlertRouter: Service {
    let set: ReplicaSetName
    private let spec: AlertsSpec
    private let secrets: SecretStore
    let clock: any Clock<Duration>
    private let now: @Sendable () -> Date
    let logger: Logger
    private let memory: AlertMemory
    /// Where the lock is by which two of the same set keep out of each other's way.
    let lockDirectory: String
    private var book: AlertBook
    private var version = 0
    /// Whether it is this one that tells; until then the newest report waits.
    private var isTelling = false
    private var waiting: HealthReport?
    /// By route: wakes its task.
    private let bells: [String: AsyncStream<Void>.Continuation]
    private let rings: [String: AsyncStream<Void>]
    private let makeSender: @Sendable (AlertRoute, HTTPClient) throws -> any AlertSender

    /// Reads what was told before.
    ///
    /// - Parameters:
    ///   - spec: The spec of the set.
    ///   - baseDirectory: What the spec's relative paths are relative to.
    ///   - clock: Measures pauses and limits.
    ///   - now: The time of day.
    ///   - logger: Is told what a receiver cannot be told, and when that is over.
    /// - Throws: ``ReplicaKitError``: a spec that is wrong, a secret that it names and that is not there, a file of state
    ///   that cannot be read.
    public init(
        spec: ReplicaSetSpec,
        baseDirectory: String,
        clock: any Clock<Duration> = ContinuousClock(),
        now: @escaping @Sendable () -> Date = { Date.now },
        logger: Logger = Logger(label: "replicakit.alerts")
    ) throws {
        let secrets = SecretStore(baseDirectory: baseDirectory)
        try spec.validate()
        try spec.checkAlerts(secrets)
        try self.init(spec: spec, secrets: secrets, clock: clock, now: now, logger: logger) { route, http in
            route.sender(spec: spec, secrets: secrets, http: http, logger: logger, now: now)
        }
    }

    init(
        spec: ReplicaSetSpec,
        secrets: SecretStore,
        clock: any Clock<Duration>,
        now: @escaping @Sendable () -> Date,
        logger: Logger,
        makeSender: @escaping @Sendable (AlertRoute, HTTPClient) throws -> any AlertSender
    ) throws {
        (set, self.spec, self.secrets) = (spec.name, spec.alerts, secrets)
        (self.clock, self.now, self.logger, self.makeSender) = (clock, now, logger, makeSender)
        lockDirectory = secrets.stateDirectory(of: spec.name)
        memory = AlertMemory(path: lockDirectory + "/alerts.json")
        book = try Self.book(memory, spec.alerts, logger)
        let streams = spec.alerts.routes.map { route in
            (route.name, AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1)))
        }
        bells = Dictionary(uniqueKeysWithValues: streams.map { ($0.0, $0.1.continuation) })
        rings = Dictionary(uniqueKeysWithValues: streams.map { ($0.0, $0.1.stream) })
    }

    /// Takes in a report of the set, and comes back at once: telling is done by ``run()``. A report of another set is
    /// left alone.
    public func receive(_ report: HealthReport) async {
        guard report.set == set else { return }
        guard isTelling else {
            waiting = report
            return
        }
        let hasChanged = book.observe(report, at: seconds, resolveAfter: spec.resolveAfterSeconds)
        for bell in bells.values { bell.yield() }
        if hasChanged { await remember() }
    }

    /// Tells the receivers until it is cancelled or shut down gracefully. It can be run once.
    public func run() async throws {
        do {
            try await cancelWhenGracefulShutdown { try await self.serve() }
        } catch is CancellationError where !Task.isCancelled {
            // A graceful shutdown is a good end.
        }
    }

    private func serve() async throws {
        let lock = try await turn()
        try begin()
        defer { isTelling = false }
        try await tellEverybody()
        _ = consume lock
    }

    /// Goes on from what was written down last: by another one, where this one has waited for its turn.
    private func begin() throws {
        book = try Self.book(memory, spec, logger)
        isTelling = true
        guard let report = waiting else { return }
        waiting = nil
        _ = book.observe(report, at: seconds, resolveAfter: spec.resolveAfterSeconds)
        for bell in bells.values { bell.yield() }
    }

    private func tellEverybody() async throws {
        try await HTTPClient.withHTTPClient(configuration: .forAlerts) { http in
            try await withThrowingDiscardingTaskGroup { group in
                for route in spec.routes {
                    guard let rings = rings[route.name] else { continue }
                    let sender = try makeSender(route, http)
                    group.addTask { try await self.serve(route, by: sender, rings) }
                }
                // Without routes too it ends only when it is told to.
                group.addTask { for await _ in AsyncStream<Never>.makeStream().stream {} }
            }
        }
    }

    // MARK: - One route

    private func serve(_ route: AlertRoute, by sender: any AlertSender, _ rings: AsyncStream<Void>) async throws {
        var ring = rings.makeAsyncIterator()
        var backoff = Backoff()
        while true {
            try Task.checkCancellation()
            let due = book.due(for: route, set: set, among: spec.routes, at: seconds, capacity: sender.capacity)
            guard !due.items.isEmpty else {
                await wait(route, for: &ring, until: due.next)
                continue
            }
            book.begin(due, for: route, at: seconds)
            // Before anybody is told: after a crash it is known who may have to be told that it is over.
            await remember()
            do {
                if let notification = due.notification {
                    let answer = try await sender.deliver(notification, to: route, clock: clock)
                    logger.debug("told", metadata: ["route": "\(route.name)", "answer": "\(answer)"])
                }
                if backoff.failures > 0 {
                    logger.notice("an alert route works again", metadata: ["route": "\(route.name)"])
                }
                backoff = Backoff()
                book.acknowledge(due, for: route, at: seconds)
                await remember()
                // Who is escalated to waits for what was just written down.
                for (name, bell) in bells where name != route.name { bell.yield() }
                if due.notification != nil { try await clock.sleep(for: Backoff.pace) }
            } catch {
                try Task.checkCancellation()
                let pause = backoff.pause(after: error)
                report(error, route, failures: backoff.failures, pause)
                try await clock.sleep(for: pause)
            }
        }
    }

    /// Waits until somebody rings or a time has come.
    private func wait(
        _ route: AlertRoute,
        for ring: inout AsyncStream<Void>.Iterator,
        until next: Double?
    ) async {
        guard let next, let bell = bells[route.name] else {
            _ = await ring.next(isolation: self)
            return
        }
        let (clock, pause) = (clock, Duration.seconds(max(0, next - seconds)))
        await withTaskGroup { group in
            group.addTask {
                // Not when it was cancelled: then somebody else rang.
                if (try? await clock.sleep(for: pause)) != nil { bell.yield() }
            }
            _ = await ring.next(isolation: self)
            group.cancelAll()
        }
    }

    /// The first failure is told loudly, those after it quietly: the route is known not to work.
    private func report(_ error: any Error, _ route: AlertRoute, failures: Int, _ pause: Duration) {
        let error = ReplicaKitError(error, route: route)
        let level: Logger.Level = failures > 1 ? .info : error.code == .alertRejected ? .error : .warning
        logger.log(
            level: level,
            "\(error.message); trying again",
            metadata: [
                "route": "\(route.name)", "failures": "\(failures)", "pauseSeconds": "\(pause.seconds)",
                "code": "\(error.code)",
            ]
        )
    }

    private func remember() async {
        version += 1
        do {
            try await memory.write(book, version: version)
        } catch {
            logger.error("cannot remember who was told of which alert: \(error)")
        }
    }

    private static func book(
        _ memory: AlertMemory,
        _ spec: AlertsSpec,
        _ logger: Logger
    ) throws(ReplicaKitError) -> AlertBook {
        var book = try AlertMemory.read(memory.path, logger)
        book.keepOnly(routes: Set(spec.routes.map(\.name)))
        return book
    }

    private var seconds: Double { now().timeIntervalSince1970 }
}
