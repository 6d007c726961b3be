import Logging
import NIOCore
import NIOPosix
public import ReplicaKit

extension DockerHost {
    /// Starts a member's container and returns when its server listens.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/memberAbsent``,
    ///   ``ReplicaKit/ReplicaKitError/Code/networkConflict``, ``ReplicaKit/ReplicaKitError/Code/binaryNotFound`` when the
    ///   image has no `mongod`, ``ReplicaKit/ReplicaKitError/Code/startFailed`` with the last lines of its output.
    public func start(_ member: MemberName) async throws {
        try await speaking(of: member) { place in
            guard let container = try await place.container(), try await place.isComplete(container) else {
                throw absent(member)
            }
            if container.State.Paused == true {
                throw ReplicaKitError(
                    .startFailed,
                    "the container \(place.name) is paused",
                    member: place.member.host,
                    hint: "docker unpause \(place.name)"
                )
            }
            if !container.isUp {
                try await endStandalone(place)
                // Compose, or an earlier down, may have taken the network away.
                try await networkLock.withLock { try await Network(place: place, runtime: runtime).make() }
                do {
                    try await place.engine.startContainer(place.name)
                } catch let refusal as EngineRefusal {
                    throw startFailure(refusal, place)
                }
                logger.info("started container", metadata: ["member": "\(member)", "container": "\(place.name)"])
            }
            try await untilListening(place)
        }
    }

    /// Ends a member's container; after the grace it is killed.
    ///
    /// A 6.0 member stays 15 s in quiesce mode after SIGTERM unless it was told otherwise: give it 30 s and more.
    public func stop(_ member: MemberName, grace: Duration) async throws -> MemberExit {
        try await speaking(of: member) { place in
            guard let container = try await place.container() else { throw absent(member) }
            guard container.isActive else { return container.exit }
            if grace > .zero {
                try await place.engine.stopContainer(place.name, grace: grace)
            } else {
                try await place.engine.killContainer(place.name)
            }
            guard let exit = try await waitForExit(of: member, timeout: .seconds(30)) else {
                throw ReplicaKitError(
                    .stopFailed,
                    "the container \(place.name) still runs 30 s after it was killed",
                    member: place.member.host,
                    hint: "Look at the engine and its machine: docker inspect \(place.name)."
                )
            }
            logger.info("stopped container", metadata: ["member": "\(member)", "exit": "\(exit)"])
            return exit
        }
    }

    /// Waits until a member's container has ended. That its engine is away for a moment ends nothing.
    public func waitForExit(of member: MemberName, timeout: Duration) async throws -> MemberExit? {
        // A member that is not there is said before any wait.
        guard try await speaking(of: member, { try await $0.container() }) != nil else { throw absent(member) }
        return try await clock.poll(for: timeout, every: .milliseconds(100)) {
            do {
                return try await speaking(of: member) { place in
                    guard let container = try await place.container() else { throw absent(member) }
                    return container.isActive ? nil : container.exit
                }
            } catch let error as ReplicaKitError where error.code == .engineUnreachable {
                logger.debug("waiting for the engine", metadata: ["error": "\(error)"])
                return nil
            }
        }
    }

    // MARK: - Starting

    func untilListening(_ place: ContainerPlace) async throws {
        let listens: Bool? = try await clock.poll(for: startDeadline, every: .milliseconds(100)) {
            guard let container = try await place.container() else { throw absent(place.member.name) }
            guard container.isUp else {
                // Or its restart policy would start it again, and again.
                try await place.engine.stopContainer(place.name, grace: .seconds(1))
                throw try await endedAtStart(container, place)
            }
            if await Self.connects(to: place.member.host) { return true }
            // Where the network of the members is not reached from here, the server's own words tell.
            return try await lastLines(of: container, place).contains { $0.contains(Self.listeningID) } ? true : nil
        }
        if listens == true { return }
        var lines: [String] = []
        if let container = try await place.container() { lines = try await lastLines(of: container, place) }
        throw ReplicaKitError(
            .startFailed,
            "the server in the container \(place.name) does not listen after \(startDeadline)"
                + Self.listing(MongodLogLine.summary(of: lines.joined(separator: "\n"))),
            member: place.member.host,
            hint: "rkctl logs \(place.member.name) has more."
        )
    }

    /// "Waiting for connections", of 4.4 and later.
    private static let listeningID = "\"id\":23016"

    /// The last lines of the container's present run.
    private func lastLines(of container: ContainerDetails, _ place: ContainerPlace) async throws -> [String] {
        do {
            return try await place.engine.lastLines(
                of: place.name,
                isRaw: container.Config?.Tty ?? false,
                count: 400,
                since: container.State.StartedAt.flatMap { EngineTime($0) }
            )
        } catch is EngineRefusal {
            // Some log drivers cannot be read: what the log would tell is then not known.
            return []
        }
    }

    static func connects(to address: MemberAddress) async -> Bool {
        do {
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connectTimeout(.milliseconds(300)).connect(host: address.host, port: address.port).get()
            try? await channel.close()
            return true
        } catch {
            return false
        }
    }

    private func endedAtStart(_ container: ContainerDetails, _ place: ContainerPlace) async throws -> ReplicaKitError {
        let lines = try await lastLines(of: container, place)
        let oom = container.State.OOMKilled == true ? ": it needed more memory than it may use" : ""
        return ReplicaKitError(
            .startFailed,
            "the container \(place.name) \(container.exit.description) while it was starting\(oom)"
                + Self.listing(MongodLogLine.summary(of: lines.joined(separator: "\n"))),
            member: place.member.host,
            hint: "rkctl logs \(place.member.name) has more."
        )
    }

    private static func listing(_ lines: [String]) -> String {
        lines.isEmpty ? "" : ":\n" + lines.map { "  " + $0 }.joined(separator: "\n")
    }

    private func startFailure(_ refusal: EngineRefusal, _ place: ContainerPlace) -> ReplicaKitError {
        let text = refusal.message
        func made(_ code: ReplicaKitError.Code, _ why: String, hint: String) -> ReplicaKitError {
            ReplicaKitError(
                code,
                "the container \(place.name) cannot be started: \(why)",
                member: place.member.host,
                hint: hint
            )
        }
        if text.contains("Address already in use") || text.contains("address already in use") {
            return made(
                .networkConflict,
                "the address \(place.member.host.host) is another container's",
                hint:
                    "docker network inspect \(runtime.network.name) shows whose; stop it, or give the member another host."
            )
        }
        if text.contains("network"), text.contains("not found") || text.contains("no configured subnet") {
            return made(.networkConflict, text, hint: "Look at docker network inspect \(runtime.network.name).")
        }
        if text.contains("executable file not found") || text.contains("no such file or directory") {
            return made(
                .binaryNotFound,
                "its image \(runtime.image) has no mongod to run: \(text)",
                hint: "Name an image that has one, such as mongo:7.0, then: rkctl down, rkctl up."
            )
        }
        return made(.startFailed, text, hint: "The engine's own log may say more: journalctl -u docker.")
    }
}
