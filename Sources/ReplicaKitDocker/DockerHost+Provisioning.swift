import Foundation
import Logging
public import ReplicaKit

extension DockerHost {
    /// Makes what a member needs: the image if it must be pulled, the network, the volume, the container, and the
    /// keyfile inside it. What is there already is looked at and left as it is.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/imageMissing``,
    ///   ``ReplicaKit/ReplicaKitError/Code/networkConflict``, ``ReplicaKit/ReplicaKitError/Code/nameTaken``,
    ///   ``ReplicaKit/ReplicaKitError/Code/engineUnreachable``, ``ReplicaKit/ReplicaKitError/Code/engineFailed``.
    public func create(_ member: MemberName, keyFile: Secret) async throws {
        try await create(member, keyFile: keyFile) { _ in }
    }

    /// As ``create(_:keyFile:)``, telling how far a pull of the image is.
    public func create(
        _ member: MemberName,
        keyFile: Secret,
        note: @escaping @Sendable (String) -> Void
    ) async throws {
        if let problem = KeyFileText.problem(in: keyFile.reveal()) {
            throw ReplicaKitError(
                .invalidArgument,
                "the set's keyfile cannot be used: \(problem)",
                hint: "Make one with: openssl rand -base64 756."
            )
        }
        try await speaking(of: member) { place in
            let image = try await place.engine.pullLock.withLock { try await self.image(place, note) }
            if try await place.container() == nil {
                try await networkLock.withLock { try await Network(place: place, runtime: runtime).make() }
                try await makeVolume(place)
                try await makeContainer(place, image)
                logger.info("created container", metadata: ["member": "\(member)", "container": "\(place.name)"])
            }
            guard let container = try await place.container(), try await !place.isComplete(container) else { return }
            try await putFiles(try files(keyFile: keyFile), place, image)
        }
    }

    /// Removes a member's stopped container and, with `includingData`, its volume; then the network, when this host made
    /// it and no container is left in it.
    ///
    /// A container or volume that somebody else made is removed only where the spec names it.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/directoryInUse`` when the container runs, or when it keeps its data in
    ///   a volume without a name, which would go with it, and the data is to stay.
    public func remove(_ member: MemberName, includingData: Bool) async throws {
        try await speaking(of: member) { place in
            try await endStandalone(place)
            if let container = try await place.container() {
                try check(container, place, includingData: includingData)
                // One that the engine would start again in a moment cannot be removed before it is stopped.
                if container.State.Restarting == true {
                    try await place.engine.stopContainer(place.name, grace: .seconds(1))
                }
                try await place.engine.removeContainer(place.name)
                logger.info("removed container", metadata: ["member": "\(member)", "container": "\(place.name)"])
            }
            if includingData, let volume = try await place.engine.volume(place.volume), place.owns(volume) {
                try await place.engine.removeVolume(place.volume)
                logger.info("removed volume", metadata: ["member": "\(member)", "volume": "\(place.volume)"])
            }
            try await networkLock.withLock { try await Network(place: place, runtime: runtime).removeIfUnused() }
        }
    }

    private func check(_ container: ContainerDetails, _ place: ContainerPlace, includingData: Bool)
        throws(ReplicaKitError)
    {
        if container.isUp {
            throw ReplicaKitError(
                .directoryInUse,
                "the container \(place.name) of member \"\(place.member.name)\" runs, and only a stopped one can be removed",
                member: place.member.host,
                hint: "Stop it first: rkctl stop."
            )
        }
        let mount = container.Mounts?.first { $0.Destination == ContainerPlace.data }
        // Without its container, the data must be found again by whoever makes the member anew.
        if includingData || mount?.Type == "volume" && mount?.Name == place.volume { return }
        let isLost = mount == nil || mount?.Type == "volume" && mount?.Name?.count == 64
        if isLost {
            throw ReplicaKitError(
                .directoryInUse,
                "the container \(place.name) keeps its data in itself or in a volume without a name, which goes with it",
                member: place.member.host,
                hint: "Copy the data first (docker cp \(place.name):\(ContainerPlace.data) …), or remove it too "
                    + "(--volumes)."
            )
        }
        throw ReplicaKitError(
            .directoryInUse,
            "the container \(place.name) keeps its data in \(mount?.Name ?? "a directory of the machine"), and the spec "
                + "would make it anew with the volume \(place.volume)",
            member: place.member.host,
            hint: "Name the volume in the spec (docker: {volume: …} of the member), or remove the container yourself."
        )
    }

    /// Whether a container that is no member yet, or a volume, is left of a member that counts as absent.
    public func leavesTraces(of member: MemberName) async throws -> Bool {
        try await speaking(of: member) { place in
            if try await place.container() != nil { return true }
            return try await place.engine.volume(place.volume).map(place.owns) ?? false
        }
    }

    // MARK: - Making

    private func image(
        _ place: ContainerPlace,
        _ note: @escaping @Sendable (String) -> Void
    ) async throws -> ContainerConfig? {
        if let image = try await place.engine.image(runtime.image) { return image.Config }
        logger.info("pulling image", metadata: ["image": "\(runtime.image)"])
        let image = runtime.image
        note("pulling \(image)")
        do {
            try await place.engine.pull(image) { note("pulling \(image): \($0)") }
        } catch let refusal as EngineRefusal {
            throw ReplicaKitError(
                .imageMissing,
                "the image \(runtime.image) is not at \(place.engine.endpoint) and cannot be pulled: \(refusal.message)",
                hint: "Check its name, and whether that machine reaches the registry; or load it: docker load."
            )
        }
        guard let image = try await place.engine.image(runtime.image) else {
            throw ReplicaKitError(.imageMissing, "the image \(runtime.image) is not there although it was pulled")
        }
        return image.Config
    }

    private func makeVolume(_ place: ContainerPlace) async throws {
        if let volume = try await place.engine.volume(place.volume) {
            if place.owns(volume) { return }
            throw place.taken("volume", place.volume, volume.Labels ?? [:])
        }
        try await place.engine.createVolume(VolumeRequest(Name: place.volume, Labels: place.labels))
    }

    private func makeContainer(_ place: ContainerPlace, _ image: ContainerConfig?) async throws {
        let container = MemberContainer(
            place.member,
            of: spec,
            runtime,
            image: image,
            memory: try await place.engine.information().MemTotal,
            sharing: spec.members.count { engines[$0.name] === place.engine }
        )
        try await place.engine.createContainer(place.name, ContainerRequest(container))
    }

    /// Puts files into ``ContainerPlace/directory`` that its server alone may read.
    func putFiles(
        _ files: [(name: String, content: [UInt8])],
        _ place: ContainerPlace,
        _ image: ContainerConfig?
    ) async throws {
        let passwd = try await place.engine.file("/etc/passwd", in: place.name)
        let user = ServerUser(image: image, passwd: passwd.map { String(decoding: $0, as: UTF8.self) })
        var archive = TarWriter()
        let owner = (user: user.user, group: user.group)
        archive.addDirectory(ContainerPlace.directory)
        for file in files {
            archive.addFile("\(ContainerPlace.directory)/\(file.name)", file.content, mode: 0o400, owner: owner)
        }
        try await place.engine.putArchive(archive.finish(), into: place.name)
    }

    /// What a member's container needs besides its data, by the names that it has in ``ContainerPlace/directory``.
    func files(keyFile: Secret) throws(ReplicaKitError) -> [(name: String, content: [UInt8])] {
        var files: [(name: String, content: [UInt8])] = []
        if let tls = spec.security.tls, let certificate = tls.certificateKeyFile {
            for (path, name) in [(certificate, "server.pem"), (tls.caFile, "ca.pem")] {
                files.append((name: name, content: try content(of: path)))
            }
        }
        // Last: that it is there says that all of it is.
        return files + [(name: "keyfile", content: Array(keyFile.reveal().utf8))]
    }

    private func content(of path: String) throws(ReplicaKitError) -> [UInt8] {
        let full = path.hasPrefix("/") ? path : "\(baseDirectory)/\(path)"
        guard let data = FileManager.default.contents(atPath: full) else {
            throw ReplicaKitError(
                .tlsConfiguration,
                "cannot read \(full)",
                hint: "Name readable PEM files in the spec: security: {tls: {caFile: …, certificateKeyFile: …}}."
            )
        }
        return Array(data)
    }
}

extension ContainerPlace {
    /// Whether a volume is this member's: by its labels, or because the spec names it.
    func owns(_ volume: VolumeDetails) -> Bool {
        let labels = volume.Labels ?? [:]
        if labels[Self.setLabel] == set.rawValue, labels[Self.memberLabel] == member.name.rawValue { return true }
        return labels[Self.setLabel] == nil && member.docker.volume == volume.Name
    }
}
