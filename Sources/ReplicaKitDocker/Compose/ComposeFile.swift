import ReplicaKit

/// A Compose file that brings up the members of a set, to be encoded as YAML.
///
/// It has no `version`, which Compose 1.27 and later takes as the Compose specification. Its containers are those that
/// ``DockerHost`` makes, so that one can go on with what the other began. Get one from
/// ``DockerHost/exportCompose(keyFile:into:)``.
///
/// Source: the Compose specification, "services", "networks" and "volumes".
public struct ComposeFile: Sendable, Hashable, Encodable {
    var services: [String: Service]
    var networks: [String: Network]
    var volumes: [String: Volume]

    struct Service: Sendable, Hashable, Encodable {
        var image: String
        var containerName: String
        var command: [String]
        var restart = MemberContainer.restartPolicy
        var stopGracePeriod = seconds(MemberContainer.stopSeconds)
        var healthcheck: Healthcheck
        var labels: [String: String]
        var networks: [String: Place]
        var volumes: [Mount]
        var tmpfs = [MemberContainer.temporaryDirectory]

        enum CodingKeys: String, CodingKey {
            case image, command, restart, healthcheck, labels, networks, volumes, tmpfs
            case containerName = "container_name"
            case stopGracePeriod = "stop_grace_period"
        }
    }

    struct Healthcheck: Sendable, Hashable, Encodable {
        var test: [String]
        var interval = seconds(MemberContainer.health.interval)
        var timeout = seconds(MemberContainer.health.timeout)
        var retries = MemberContainer.health.retries
        var startPeriod = seconds(MemberContainer.health.start)

        enum CodingKeys: String, CodingKey {
            case test, interval, timeout, retries
            case startPeriod = "start_period"
        }
    }

    struct Place: Sendable, Hashable, Encodable {
        var ipv4Address: String?
        var aliases: [String]

        enum CodingKeys: String, CodingKey {
            case aliases
            case ipv4Address = "ipv4_address"
        }
    }

    struct Mount: Sendable, Hashable, Encodable {
        var type: String
        var source: String
        var target: String
        var readOnly: Bool?

        enum CodingKeys: String, CodingKey {
            case type, source, target
            case readOnly = "read_only"
        }
    }

    struct Network: Sendable, Hashable, Encodable {
        var name: String
        var driver = "bridge"
        var ipam: Addresses?

        struct Addresses: Sendable, Hashable, Encodable { var config: [Pool] }
        struct Pool: Sendable, Hashable, Encodable { var subnet: String }
    }

    struct Volume: Sendable, Hashable, Encodable {
        var name: String
        var labels: [String: String]
    }

    private static func seconds(_ count: Int) -> String { "\(count)s" }
}

extension ComposeFile {
    /// Where a member's files lie, from the Compose file's own directory.
    static let filesDirectory = "secrets/compose"

    /// Describes containers.
    ///
    /// - Parameters:
    ///   - containers: The members' containers, by the names of their services.
    ///   - network: The network that they share. It gets no label: what Compose makes, Compose takes away.
    ///   - files: The names of the files in ``filesDirectory`` that each gets into ``ContainerPlace/directory``. Each is
    ///     a mount of its own: Compose refuses to start without it, where it would make a missing directory.
    init(_ containers: [(service: MemberName, container: MemberContainer)], network: DockerNetwork, files: [String]) {
        services = [:]
        volumes = [:]
        for (name, container) in containers {
            // What an earlier Compose wrote there is for the new one to say.
            let labels = container.labels.filter { !$0.key.hasPrefix(ComposeLabel.prefix) }.mapValues(Self.escaped)
            let volume = "\(name)-data"
            services[name.rawValue] = Service(
                image: Self.escaped(container.image),
                containerName: container.name,
                command: container.command.map(Self.escaped),
                healthcheck: Healthcheck(test: container.healthTest),
                labels: labels,
                networks: [container.network: Place(ipv4Address: container.address, aliases: container.aliases)],
                volumes: [Mount(type: "volume", source: volume, target: ContainerPlace.data)]
                    + files.map {
                        Mount(
                            type: "bind",
                            source: "./\(Self.filesDirectory)/\($0)",
                            target: "/\(ContainerPlace.directory)/\($0)",
                            readOnly: true
                        )
                    }
            )
            volumes[volume] = Volume(
                name: container.volume,
                labels: labels.filter { [ContainerPlace.setLabel, ContainerPlace.memberLabel].contains($0.key) }
            )
        }
        networks = [
            network.name: Network(
                name: network.name,
                ipam: network.subnet.map { .init(config: [.init(subnet: $0)]) }
            )
        ]
    }

    /// Text that Compose leaves as it is: it replaces `$NAME` in values, and takes `$$` for a dollar.
    static func escaped(_ text: String) -> String {
        text.split(separator: "$", omittingEmptySubsequences: false).joined(separator: "$$")
    }
}
