import Logging
public import ReplicaKit

extension DockerHost: StandaloneRunning {
    /// Runs a stopped member's image on its volume, in a container beside the member's own that is called
    /// `NAME-standalone`, and lends it to `body`.
    ///
    /// It has the member's address in the network, so that certificates fit, and where that is a fixed one the engine
    /// cannot start the member meanwhile; and another port, at which no member looks for it. It is removed afterwards,
    /// and is never started again by the engine. Only what this host made can be run so: of other containers it does not
    /// know what they need, nor where their data are.
    public func withStandalone<Result: Sendable>(
        of member: MemberName,
        _ body: (MemberAddress) async throws -> Result
    ) async throws -> Result? {
        let place = try place(of: member)
        let hasData = try await speaking(of: member) { place in
            guard let container = try await place.container(), try await place.isComplete(container) else {
                throw absent(member)
            }
            guard !container.isActive else { throw inUse(place) }
            _ = try dataVolume(of: container, place)
            try await endStandalone(place)
            return try await place.engine.hasPath("\(ContainerPlace.data)/WiredTiger", in: place.name)
        }
        guard hasData else { return nil }
        let apart = place.apart
        logger.debug("running as a standalone", metadata: ["member": "\(member)", "address": "\(apart.member.host)"])
        let result: Result
        do {
            try await speaking(of: member) { place in
                try await makeStandalone(beside: place)
                try await place.engine.startContainer(apart.name)
                try await untilListening(apart)
            }
            result = try await body(apart.member.host)
        } catch {
            try? await end(place)
            throw error
        }
        try await end(place)
        return result
    }

    /// Ends a standalone that runs on a member's data, this program's or one that a program which died has left.
    func endStandalone(_ place: ContainerPlace) async throws {
        let name = place.apart.name
        // A container of that name that is somebody else's has nothing to do with the member.
        guard let left = try await place.engine.container(name),
            left.Config?.Labels?[ContainerPlace.standaloneLabel] == place.mark
        else { return }
        if left.isActive { try await place.engine.stopContainer(name, grace: startDeadline * 10) }
        try await place.engine.removeContainer(name)
    }

    /// The same, and cancelling does not cut it short.
    private func end(_ place: ContainerPlace) async throws {
        try await Task { try await speaking(of: place.member.name, endStandalone) }.value
    }

    private func makeStandalone(beside place: ContainerPlace) async throws {
        guard let container = try await place.container(), !container.isActive else { throw inUse(place) }
        let volume = try dataVolume(of: container, place)
        let apart = place.apart
        if let other = try await place.engine.container(apart.name) {
            throw place.taken("container", apart.name, other.Config?.Labels ?? [:])
        }
        var runtime = runtime
        // The image that the member has, whatever its tag means by now.
        runtime.image = container.Image ?? container.Config?.Image ?? runtime.image
        let image = try await place.engine.image(runtime.image)?.Config
        var made = MemberContainer(
            apart.member,
            of: spec,
            runtime,
            image: image,
            memory: try await place.engine.information().MemTotal,
            sharing: spec.members.count { engines[$0.name] === place.engine },
            isStandalone: true
        )
        made.volume = volume
        made.labels = [ContainerPlace.standaloneLabel: place.mark]
        var request = ContainerRequest(made)
        request.HostConfig.RestartPolicy.Name = "no"
        try await networkLock.withLock { try await Network(place: place, runtime: runtime).make() }
        try await place.engine.createContainer(apart.name, request)
        var files = [
            (name: StandaloneConfig.fileName, content: Array("storage: {dbPath: \(ContainerPlace.data)}\n".utf8))
        ]
        // The very ones that the member has, whatever the spec says now.
        for path in [ContainerPlace.certificateFile, ContainerPlace.caFile, ContainerPlace.keyFile] {
            guard let content = try await place.engine.file(path, in: place.name) else { continue }
            files.append((name: String(path.dropFirst(ContainerPlace.directory.count + 2)), content: content))
        }
        try await putFiles(files, apart, image)
    }

    /// The volume that the member's data are in.
    private func dataVolume(
        of container: ContainerDetails,
        _ place: ContainerPlace
    ) throws(ReplicaKitError) -> String {
        guard container.Config?.Labels?[ContainerPlace.setLabel] != nil,
            let data = container.Mounts?.first(where: { $0.Destination == ContainerPlace.data }),
            data.Type == "volume", let volume = data.Name
        else {
            throw ReplicaKitError(
                .hostUnsupported,
                "the container \(place.name) was not made by this library, so that its server cannot be run apart",
                member: place.member.host,
                hint: "What it needs besides its data is not known."
            )
        }
        return volume
    }

    private func inUse(_ place: ContainerPlace) -> ReplicaKitError {
        ReplicaKitError(
            .directoryInUse,
            "the container \(place.name) of member \"\(place.member.name)\" runs, and so does the server on its data",
            member: place.member.host,
            hint: "rkctl stop \(place.member.name)"
        )
    }
}

extension ContainerPlace {
    /// The place of the standalone on the member's data.
    fileprivate var apart: ContainerPlace {
        var member = member
        member.docker.container = "\(name)-standalone"
        let port = member.host.port
        member.host = MemberAddress(host: member.host.host, port: port < 65535 ? port + 1 : port - 1)
        return ContainerPlace(set: set, member: member, runtime: runtime, engine: engine)
    }

    /// What says of the standalone whose data it has.
    fileprivate var mark: String { "\(set)/\(member.name)" }
}
