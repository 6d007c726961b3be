public import Logging
public import ReplicaKit

/// Runs members as containers of one or several Docker engines.
///
/// A member is a container with a fixed address in a network that the members share, its data in a named volume, its
/// keyfile inside the container (put there as a file of mode 0400, never in an argument or the environment). What the
/// host made carries the labels `replicakit.set` and `replicakit.member`; what carries another set's is refused. Nothing
/// is kept in memory: the engine is asked each time, and its answers to inspections are believed, not its status codes.
public struct DockerHost: MemberHost, MemberProvisioning {
    /// What is run.
    public let spec: ReplicaSetSpec
    let runtime: DockerRuntime
    let baseDirectory: String
    let engines: [MemberName: EngineClient]
    let logger: Logger
    let clock: any Clock<Duration>
    let startDeadline: Duration
    let networkLock = AsyncLock()

    /// Creates the host of a spec's members. No engine is asked yet.
    ///
    /// - Parameters:
    ///   - spec: The set; its runtime must be ``ReplicaKit/Runtime/docker(_:)``.
    ///   - baseDirectory: What relative paths of the spec start from.
    ///   - resolver: Finds the engine where the spec names none.
    ///   - logger: Receives what the host does.
    ///   - clock: Measures waits and deadlines.
    ///   - startDeadline: How long a starting server may take until it listens.
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/invalidArgument`` for a spec of another runtime or an endpoint that
    ///   is none, ``ReplicaKit/ReplicaKitError/Code/tlsConfiguration``.
    public init(
        spec: ReplicaSetSpec,
        baseDirectory: String,
        resolver: DockerEndpointResolver = DockerEndpointResolver(),
        logger: Logger = Logger(label: "replicakit.docker"),
        clock: any Clock<Duration> = ContinuousClock(),
        startDeadline: Duration = .seconds(60)
    ) throws {
        guard case .docker(let runtime) = spec.runtime else {
            throw ReplicaKitError(
                .invalidArgument,
                "the spec of \(spec.name) does not run its members as containers",
                hint: "Give it a runtime: {docker: {image: \"mongo:7.0\"}}."
            )
        }
        var clients: [DockerEndpoint: EngineClient] = [:]
        var engines: [MemberName: EngineClient] = [:]
        for member in spec.members {
            let endpoint = try resolver.endpoint(runtime.endpoint(of: member))
            let client = try clients[endpoint] ?? EngineClient(endpoint, clock: clock)
            clients[endpoint] = client
            engines[member.name] = client
        }
        self.spec = spec
        self.runtime = runtime
        self.baseDirectory = baseDirectory
        self.engines = engines
        self.logger = logger
        self.clock = clock
        self.startDeadline = startDeadline
    }

    /// `docker`.
    public var kind: String { "docker" }

    /// Yes: containers have the restart policy `unless-stopped`, so that a set comes back with its engine.
    public var restartsEndedMembers: Bool { true }

    /// What is there of a member now, as its engine sees it.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/engineUnreachable``, ``ReplicaKit/ReplicaKitError/Code/engineFailed``,
    ///   ``ReplicaKit/ReplicaKitError/Code/nameTaken`` when the container is another set's.
    public func state(of member: MemberName) async throws -> MemberProcessState {
        try await speaking(of: member) { place in
            guard let container = try await place.container() else { return .absent }
            // One that ends again and again is not stopped: it must be stopped to stay so.
            if container.isActive {
                return .running(
                    MemberProcess(
                        identity: String(container.Id.prefix(12)),
                        startedAt: container.State.StartedAt.flatMap { EngineTime($0) }?.seconds
                    )
                )
            }
            return try await place.isComplete(container) ? .stopped(container.exit) : .absent
        }
    }

    /// The container's output, line by line.
    ///
    /// Following goes on when the container is started again, and when its engine comes back within a minute.
    public func log(
        of member: MemberName,
        lastLines: Int,
        follow: Bool
    ) async throws -> AsyncThrowingStream<String, any Error> {
        let place = try place(of: member)
        guard let container = try await speaking(of: member, { try await $0.container() }) else { throw absent(member) }
        let reader = ContainerLog(
            engine: place.engine,
            container: place.name,
            isRaw: container.Config?.Tty ?? false,
            lastLines: lastLines,
            follow: follow,
            clock: clock
        )
        return AsyncThrowingStream { try await reader.next() }
    }

    // MARK: - Helpers

    func place(of name: MemberName) throws -> ContainerPlace {
        let member = try spec.member(name)
        guard let engine = engines[name] else { throw absent(name) }
        return ContainerPlace(set: spec.name, member: member, runtime: runtime, engine: engine)
    }

    /// Runs something about a member, and says an engine's refusal in the package's words.
    func speaking<Result: Sendable>(
        of name: MemberName,
        _ body: (ContainerPlace) async throws -> Result
    ) async throws -> Result {
        let place = try place(of: name)
        do {
            return try await body(place)
        } catch let refusal as EngineRefusal {
            throw refusal.error(at: place.engine.endpoint)
        }
    }

    func absent(_ member: MemberName) -> ReplicaKitError {
        ReplicaKitError(
            .memberAbsent,
            "member \"\(member)\" has no container",
            hint: "Create it first: rkctl up makes what is missing."
        )
    }
}
