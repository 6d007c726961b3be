// What engines answer, as far as it is used. Engines send null where their schema says array or object, so that
// everything that may be missing is optional.

/// A container, inspected.
struct ContainerDetails: Decodable, Sendable {
    var Id: String
    /// With a slash in front.
    var Name: String?
    /// What is run, entrypoint included, and its arguments.
    var Path: String?
    var Args: [String]?
    /// The image's id.
    var Image: String?
    var State: ContainerState
    var Config: ContainerConfig?
    var HostConfig: ContainerSettings?
    var Mounts: [ContainerMount]?
    var NetworkSettings: ContainerNetworks?
}

/// What the engine was told to do for a container.
struct ContainerSettings: Decodable, Sendable {
    var RestartPolicy: Restart?
    /// What is published to the machine, by `port/protocol`.
    var PortBindings: [String: [Port]?]?

    struct Restart: Decodable, Sendable { var Name: String? }

    struct Port: Decodable, Sendable {
        var HostIp: String?
        var HostPort: String?
    }
}

/// The networks of a container, by name.
struct ContainerNetworks: Decodable, Sendable {
    var Networks: [String: Place]?

    struct Place: Decodable, Sendable {
        /// The address that it has while it runs.
        var IPAddress: String?
        var Aliases: [String]?
        var IPAMConfig: Fixed?

        struct Fixed: Decodable, Sendable { var IPv4Address: String? }
    }
}

struct ContainerState: Decodable, Sendable {
    /// `created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.
    var Status: String?
    var Running: Bool?
    var Restarting: Bool?
    var Paused: Bool?
    var ExitCode: Int?
    var OOMKilled: Bool?
    var Error: String?
    var StartedAt: String?
    var Health: ContainerHealth?
}

struct ContainerHealth: Decodable, Sendable {
    /// `none`, `starting`, `healthy` or `unhealthy`.
    var Status: String?
}

struct ContainerConfig: Decodable, Sendable {
    var Image: String?
    var User: String?
    var Tty: Bool?
    var Labels: [String: String]?
    var Entrypoint: [String]?
    var Cmd: [String]?
    var Env: [String]?
    var Hostname: String?
    /// Seconds until `docker stop` kills; 10 where nothing was said.
    var StopTimeout: Int?
}

struct ContainerMount: Decodable, Sendable {
    /// `volume`, `bind` or `tmpfs`.
    var `Type`: String?
    var Name: String?
    var Source: String?
    var Destination: String?
}

/// An image, inspected.
struct ImageDetails: Decodable, Sendable {
    var Id: String
    var Config: ContainerConfig?
}

/// A network, listed.
struct NetworkDetails: Decodable, Sendable {
    var Id: String
    var Name: String
    var Labels: [String: String]?
    var IPAM: Addresses?

    struct Addresses: Decodable, Sendable {
        var Config: [Pool]?
    }

    struct Pool: Decodable, Sendable {
        var Subnet: String?
    }

    var subnets: [String] { IPAM?.Config?.compactMap(\.Subnet) ?? [] }
}

/// A volume, inspected.
struct VolumeDetails: Decodable, Sendable {
    var Name: String
    var Labels: [String: String]?
}

/// The engine's machine.
struct EngineInformation: Decodable, Sendable {
    var MemTotal: Int64?
    /// Now, by its clock.
    var SystemTime: String?
}

/// What a container is made from.
struct ContainerRequest: Encodable, Sendable {
    var Image: String
    var Cmd: [String]
    var Labels: [String: String]
    /// Seconds until `docker stop`, by anyone, kills.
    var StopTimeout: Int
    var Healthcheck: Health
    var HostConfig: Host
    var NetworkingConfig: Networking

    /// Times are in nanoseconds.
    struct Health: Encodable, Sendable {
        var Test: [String]
        var Interval: Int
        var Timeout: Int
        var Retries: Int
        var StartPeriod: Int
    }

    struct Host: Encodable, Sendable {
        var Mounts: [Mount]
        var RestartPolicy: Restart
        var NetworkMode: String
    }

    struct Mount: Encodable, Sendable {
        var `Type`: String
        var Source: String?
        var Target: String
    }

    struct Restart: Encodable, Sendable { var Name: String }

    struct Networking: Encodable, Sendable { var EndpointsConfig: [String: Endpoint] }

    struct Endpoint: Encodable, Sendable {
        var IPAMConfig: Address?
        var Aliases: [String]
    }

    struct Address: Encodable, Sendable { var IPv4Address: String }
}

/// What a network is made from.
struct NetworkRequest: Encodable, Sendable {
    var Name: String
    var Driver = "bridge"
    /// Without it an engine before API 1.44 makes a second network of the same name.
    var CheckDuplicate = true
    var Labels: [String: String]
    var IPAM: Addresses?

    struct Addresses: Encodable, Sendable { var Config: [Pool] }
    struct Pool: Encodable, Sendable { var Subnet: String }
}

/// What a volume is made from.
struct VolumeRequest: Encodable, Sendable {
    var Name: String
    var Labels: [String: String]
}
