internal import AsyncHTTPClient
internal import Foundation
public import Logging
public import ReplicaKit

/// Tries the routes of a spec with an alert that says that it is a test, and with its end.
public struct AlertCheck: Sendable {
    private let spec: ReplicaSetSpec
    private let secrets: SecretStore
    private let clock: any Clock<Duration>
    private let logger: Logger

    /// Creates a check.
    ///
    /// - Throws: ``ReplicaKitError/Code/invalidSpec``.
    public init(
        spec: ReplicaSetSpec,
        baseDirectory: String,
        clock: any Clock<Duration> = ContinuousClock(),
        logger: Logger = Logger(label: "replicakit.alerts")
    ) throws {
        try spec.validate()
        (self.spec, secrets) = (spec, SecretStore(baseDirectory: baseDirectory))
        (self.clock, self.logger) = (clock, logger)
    }

    /// What came of one message.
    public struct Outcome: Sendable {
        /// The route.
        public var route: AlertRoute
        /// What was told: that something is there, or that it is gone.
        public var status: Alert.Status
        /// What the receiver answered, or why it was not told.
        public var result: Result<String, ReplicaKitError>
        /// How long it took, in seconds.
        public var tookSeconds: Double
    }

    /// Tells every receiver of a test, and, where that worked, of its end. Receivers are told at the same time.
    ///
    /// - Parameters:
    ///   - name: The route; `nil` is all.
    ///   - priority: The priority that the test has. Routes are told whatever they want otherwise.
    /// - Returns: What came of each message, in the order of the routes.
    /// - Throws: ``ReplicaKitError/Code/invalidArgument`` when there is no such route, or none at all;
    ///   `CancellationError`.
    public func run(route name: String? = nil, priority: AlertPriority = .p2) async throws -> [Outcome] {
        let routes = try routes(name)
        return try await HTTPClient.withHTTPClient(configuration: .forAlerts) { http in
            try await withThrowingTaskGroup(of: (Int, [Outcome]).self) { group in
                for (index, route) in routes.enumerated() {
                    let sender = route.sender(spec: spec, secrets: secrets, http: http, logger: logger)
                    group.addTask { (index, try await self.tell(route, sender, priority)) }
                }
                var outcomes: [(Int, [Outcome])] = []
                for try await outcome in group { outcomes.append(outcome) }
                return outcomes.sorted { $0.0 < $1.0 }.flatMap(\.1)
            }
        }
    }

    /// What would be sent, with `<redacted>` in the place of secrets. Nothing is sent and no secret is read.
    ///
    /// - Throws: As ``run(route:priority:)``.
    public func preview(
        route name: String? = nil,
        priority: AlertPriority = .p2
    ) async throws -> [(route: AlertRoute, text: String)] {
        let routes = try routes(name)
        return try await HTTPClient.withHTTPClient(configuration: .forAlerts) { http in
            try routes.map { route in
                let sender = route.sender(spec: spec, secrets: secrets, http: http, logger: logger)
                return (route, try sender.preview(notification(route, priority, isOver: false)))
            }
        }
    }

    private func routes(_ name: String?) throws(ReplicaKitError) -> [AlertRoute] {
        let all = spec.alerts.routes
        let found = all.filter { name == nil || $0.name == name }
        guard found.isEmpty else { return found }
        throw ReplicaKitError(
            .invalidArgument,
            name.map { "the spec has no alert route named \"\($0)\"" } ?? "the spec has no alert routes",
            hint: all.isEmpty
                ? "Add `alerts: {routes: […]}` to the spec." : "There are: \(all.map(\.name).joined(separator: ", "))."
        )
    }

    private func tell(
        _ route: AlertRoute,
        _ sender: any AlertSender,
        _ priority: AlertPriority
    ) async throws -> [Outcome] {
        var outcomes: [Outcome] = []
        for isOver in [false, true] {
            let message = notification(route, priority, isOver: isOver)
            let outcome = try await attempt(message, route, sender)
            outcomes.append(outcome)
            guard case .success = outcome.result else { break }
            // Chats take about one message a second.
            if !isOver { try await clock.sleep(for: Backoff.pace) }
        }
        return outcomes
    }

    private func attempt(
        _ message: AlertNotification,
        _ route: AlertRoute,
        _ sender: any AlertSender
    ) async throws -> Outcome {
        var result = Result<String, ReplicaKitError>.success("")
        let took = try await clock.measure {
            do {
                result = .success(try await sender.deliver(message, to: route, clock: clock))
            } catch {
                try Task.checkCancellation()
                result = .failure(ReplicaKitError(error, route: route))
            }
        }
        return Outcome(route: route, status: message.status, result: result, tookSeconds: took.seconds)
    }

    private func notification(_ route: AlertRoute, _ priority: AlertPriority, isOver: Bool) -> AlertNotification {
        let finding = Finding(
            rule: "rkctl.test",
            severity: priority == .p3 ? .info : priority == .p2 ? .warning : .critical,
            priority: priority,
            message: "this is a test of the alert route \(route.name); nothing is wrong",
            remedy: "Nothing: it was sent by `rkctl monitor test-alert`."
        )
        let now = BSONDateTime(Date.now)
        return AlertNotification(
            set: spec.name,
            route: route.name,
            alerts: [
                Alert(
                    set: spec.name,
                    subject: AlertSubject(finding),
                    startsAt: now,
                    endsAt: isOver ? now : nil,
                    reason: isOver ? .resolved : .test
                )
            ]
        )
    }
}
