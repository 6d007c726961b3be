public import ReplicaKit

extension DockerHost {
    /// What happens to the members' containers, by the events of their engines.
    ///
    /// Engines keep the last 256 events of all that happened since they were started. An engine that ends its stream or
    /// does not answer any more ends the sequence with ``ReplicaKit/ReplicaKitError/Code/engineUnreachable``.
    public func events(since time: Double?) async throws -> AsyncThrowingStream<MemberProcessEvent, any Error> {
        var sources: [EventSource] = []
        for places in Dictionary(grouping: try spec.members.map({ try place(of: $0.name) }), by: { $0.engine.endpoint })
            .values
        {
            guard let member = places.first?.member.name else { continue }
            sources.append(try await speaking(of: member) { try await EventSource($0.engine, of: places, since: time) })
        }
        let opened = sources
        return AsyncThrowingStream { continuation in
            let task = Task {
                do {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for source in opened {
                            group.addTask { try await source.follow { continuation.yield($0) } }
                            group.addTask { try await source.watchEngine() }
                        }
                        defer { group.cancelAll() }
                        try await group.next()
                    }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            continuation.onTermination = { _ in task.cancel() }
        }
    }
}

/// The events of the members on one engine.
private struct EventSource: Sendable {
    private let engine: EngineClient
    private let places: [String: ContainerPlace]
    private let lines: JSONLines<EngineEvent>

    /// Begins to listen; what happens from now on is kept until it is asked for.
    init(_ engine: EngineClient, of places: [ContainerPlace], since time: Double?) async throws {
        self.engine = engine
        self.places = Dictionary(places.map { ($0.name, $0) }) { first, _ in first }
        // The beginning is a moment of the engine's clock, as its answer may begin before it listens.
        let now = try await engine.information().SystemTime.flatMap { EngineTime($0) }
        // A Double is exact to less than a microsecond: the event of that time is to be in it.
        let begin = time.map { EngineTime(nanoseconds: Int64(max(0, $0 * 1_000_000 - 1)) * 1000) } ?? now
        lines = try await engine.events(of: places.map(\.name), since: begin ?? EngineTime(nanoseconds: 0))
    }

    func follow(_ give: (MemberProcessEvent) -> Void) async throws {
        let lines = lines
        try await engine.onTheWay("watch its events") {
            while let line = try await lines.next() {
                if let event = event(line) { give(event) }
            }
            throw StreamEnded()
        }
    }

    /// An engine that hangs, or a way there that is gone, may leave a stream open and silent for ever.
    func watchEngine() async throws {
        while true {
            try await engine.clock.sleep(for: .seconds(10))
            do {
                try await engine.ping()
            } catch let refusal as EngineRefusal {
                throw refusal.error(at: engine.endpoint)
            }
        }
    }

    private func event(_ line: EngineEvent) -> MemberProcessEvent? {
        let attributes = line.Actor?.Attributes ?? [:]
        guard let place = attributes["name"].flatMap({ places[$0] }), place.claims(attributes),
            let kind = MemberProcessEvent.Kind(line.Action ?? "", attributes)
        else { return nil }
        let time = line.timeNano.map { EngineTime(nanoseconds: $0).seconds } ?? line.time.map(Double.init) ?? 0
        return MemberProcessEvent(member: place.member.name, kind: kind, time: time)
    }
}

extension MemberProcessEvent.Kind {
    /// What an action of a container is; `nil` for all that is not about its process.
    init?(_ action: String, _ attributes: [String: String]) {
        switch action {
        case "start": self = .started
        case "die": self = .died(attributes["exitCode"].flatMap { Int($0) }.map { MemberExit(exitCode: $0) } ?? .unseen)
        case "kill": self = .killed(signal: attributes["signal"].flatMap { Int($0) } ?? 9)
        case "pause": self = .paused
        case "unpause": self = .unpaused
        default:
            guard let status = action.rest(after: "health_status: "), let health = MemberProcessHealth(rawValue: status)
            else { return nil }
            self = .healthChanged(health)
        }
    }
}
