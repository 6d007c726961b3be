import ReplicaKit

/// A member's container as it should be, whoever makes it: the engine when it is asked to, or Compose by a file.
struct MemberContainer: Sendable, Hashable {
    var name: String
    var image: String
    var command: [String]
    var labels: [String: String]
    /// The volume at ``ContainerPlace/data``.
    var volume: String
    var network: String
    /// The fixed address in the network; `nil` where the members go by names.
    var address: String?
    var aliases: [String]
    var port: Int

    /// Seconds until `docker stop`, by anyone, kills: a 6.0 member stays 15 s in quiesce mode.
    static let stopSeconds = 60
    static let restartPolicy = "unless-stopped"
    /// The official image declares it a volume: without a tmpfs there each container leaves a nameless one.
    static let temporaryDirectory = "/data/configdb"
    /// Seconds between two looks at a server's health, and how long a look and a start may take.
    static let health = (interval: 10, timeout: 5, retries: 3, start: 30)

    /// Whether the server listens, for `docker ps` and whoever waits for it; whether it serves is for a client to see.
    var healthTest: [String] { ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/\(port)"] }

    /// Creates the container of a member.
    ///
    /// - Parameters:
    ///   - member: The member.
    ///   - spec: Its set.
    ///   - runtime: The settings of containers.
    ///   - image: What the image says of itself; `nil` where it says nothing.
    ///   - memory: What the engine's machine has, in bytes; `nil` where that is not known.
    ///   - sharing: How many members are on that machine.
    ///   - isStandalone: Whether its server is to run apart from the set.
    init(
        _ member: MemberSpec,
        of spec: ReplicaSetSpec,
        _ runtime: DockerRuntime,
        image: ContainerConfig?,
        memory: Int64?,
        sharing: Int,
        isStandalone: Bool = false
    ) {
        let arguments = ServerArguments(
            set: isStandalone ? nil : spec.name,
            port: member.host.port,
            cacheGigabytes: runtime.cacheSizeMB.map { Double($0) / 1024 }
                ?? memory.map { CacheSize.gigabytes(memory: UInt64(clamping: $0), members: sharing) },
            oplogSizeMB: runtime.oplogSizeMB,
            parameters: isStandalone ? StandaloneConfig.parameters : runtime.parameters,
            hasTLS: spec.security.tls?.certificateKeyFile != nil,
            clientsNeedCertificate: spec.security.tls?.clientCertificateKeyFile != nil
        )
        let isAddress = IPv4Subnet.address(member.host.host) != nil
        // By the service's name other containers of a Compose project know it.
        let names = [
            member.name.rawValue, isAddress ? nil : member.host.host, member.docker.labels[ComposeLabel.service],
        ]
        name = runtime.container(of: member)
        self.image = runtime.image
        command = arguments.command(for: image)
        labels = member.docker.labels.merging(ContainerPlace.labels(of: member.name, in: spec.name)) { $1 }
        volume = runtime.volume(of: member)
        network = runtime.network.name
        address = isAddress ? member.host.host : nil
        aliases = names.compactMap(\.self).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        port = member.host.port
    }
}

extension ContainerRequest {
    /// The request that makes it.
    init(_ container: MemberContainer) {
        func nanoseconds(_ seconds: Int) -> Int { seconds * 1_000_000_000 }
        let health = MemberContainer.health
        self.init(
            Image: container.image,
            Cmd: container.command,
            Labels: container.labels,
            StopTimeout: MemberContainer.stopSeconds,
            Healthcheck: Health(
                Test: container.healthTest,
                Interval: nanoseconds(health.interval),
                Timeout: nanoseconds(health.timeout),
                Retries: health.retries,
                StartPeriod: nanoseconds(health.start)
            ),
            HostConfig: Host(
                Mounts: [
                    Mount(Type: "volume", Source: container.volume, Target: ContainerPlace.data),
                    Mount(Type: "tmpfs", Source: nil, Target: MemberContainer.temporaryDirectory),
                ],
                RestartPolicy: Restart(Name: MemberContainer.restartPolicy),
                NetworkMode: container.network
            ),
            NetworkingConfig: Networking(
                EndpointsConfig: [
                    container.network: Endpoint(
                        IPAMConfig: container.address.map { Address(IPv4Address: $0) },
                        Aliases: container.aliases
                    )
                ]
            )
        )
    }
}
