/// Settings of members that are containers.
public struct DockerRuntime: Sendable, Hashable {
    /// The image: the official one (`mongo:7.0`), or any with a `mongod` on its PATH.
    public var image: String
    /// What container and volume names begin with, before the member's name.
    public var prefix: String
    /// The engine, for example `unix:///var/run/docker.sock` or `tcp://host:2376`; `nil` is the one that the `docker`
    /// command would talk to.
    public var endpoint: String?
    /// The network that the members share.
    public var network: DockerNetwork
    /// WiredTiger's cache of each member, in MiB; `nil` sizes it for the engine's machine and the members on it.
    public var cacheSizeMB: Int?
    /// The oplog's size in MiB, at the first start; `nil` leaves it to the server.
    public var oplogSizeMB: Int?
    /// Server parameters (`--setParameter`) that every member is started with.
    public var parameters: [String: String]

    /// Creates settings.
    public init(
        image: String = "mongo:7.0",
        prefix: String = "",
        endpoint: String? = nil,
        network: DockerNetwork = DockerNetwork(),
        cacheSizeMB: Int? = nil,
        oplogSizeMB: Int? = nil,
        parameters: [String: String] = [:]
    ) {
        self.image = image
        self.prefix = prefix
        self.endpoint = endpoint
        self.network = network
        self.cacheSizeMB = cacheSizeMB
        self.oplogSizeMB = oplogSizeMB
        self.parameters = parameters
    }
}

/// A bridge network of a Docker engine.
public struct DockerNetwork: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Its addresses, for example `172.22.0.0/24`; `nil` leaves them to the engine, or to whoever made the network.
    public var subnet: String?

    /// Creates a description.
    public init(name: String = "replicakit", subnet: String? = nil) {
        self.name = name
        self.subnet = subnet
    }
}

/// What is different for one member that is a container.
public struct DockerMember: Sendable, Hashable {
    /// Its own engine, so that one set spans machines; `nil` is the set's.
    public var endpoint: String?
    /// The container's name; `nil` is the prefix and the member's name.
    public var container: String?
    /// The volume that holds its data; `nil` is the container's name with `-data` at the end.
    public var volume: String?
    /// Labels that the container is made with, besides the library's own: those of Compose, for a set that Compose
    /// looks after too.
    public var labels: [String: String]

    /// Creates a description.
    public init(
        endpoint: String? = nil,
        container: String? = nil,
        volume: String? = nil,
        labels: [String: String] = [:]
    ) {
        self.endpoint = endpoint
        self.container = container
        self.volume = volume
        self.labels = labels
    }
}

extension DockerRuntime {
    /// The name of a member's container.
    public func container(of member: MemberSpec) -> String {
        member.docker.container ?? prefix + member.name.rawValue
    }

    /// The name of the volume of a member's data.
    public func volume(of member: MemberSpec) -> String {
        member.docker.volume ?? container(of: member) + "-data"
    }

    /// The engine of a member, as it is written; `nil` is the one that the `docker` command would talk to.
    public func endpoint(of member: MemberSpec) -> String? { member.docker.endpoint ?? endpoint }
}

extension DockerRuntime: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case image, prefix, endpoint, network, cacheSizeMB, oplogSizeMB, parameters
    }

    /// Decodes settings, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        image = try values.decode(.image, default: plain.image)
        prefix = try values.decode(.prefix, default: plain.prefix)
        endpoint = try values.decodeIfPresent(String.self, forKey: .endpoint)
        network = try values.decode(.network, default: plain.network)
        cacheSizeMB = try values.decodeIfPresent(Int.self, forKey: .cacheSizeMB)
        oplogSizeMB = try values.decodeIfPresent(Int.self, forKey: .oplogSizeMB)
        parameters = try values.decode(.parameters, default: plain.parameters)
    }

    /// Encodes every value, defaults too.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(image, forKey: .image)
        try values.encode(prefix, forKey: .prefix)
        try values.encodeIfPresent(endpoint, forKey: .endpoint)
        try values.encode(network, forKey: .network)
        try values.encodeIfPresent(cacheSizeMB, forKey: .cacheSizeMB)
        try values.encodeIfPresent(oplogSizeMB, forKey: .oplogSizeMB)
        try values.encodeSorted(parameters, forKey: .parameters)
    }
}

extension DockerNetwork: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, subnet
    }

    /// Decodes a network, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        name = try values.decode(.name, default: Self().name)
        subnet = try values.decodeIfPresent(String.self, forKey: .subnet)
    }

    /// Encodes the form that decodes.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encodeIfPresent(subnet, forKey: .subnet)
    }
}

extension DockerMember: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case endpoint, container, volume, labels
    }

    /// Decodes a description, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        endpoint = try values.decodeIfPresent(String.self, forKey: .endpoint)
        container = try values.decodeIfPresent(String.self, forKey: .container)
        volume = try values.decodeIfPresent(String.self, forKey: .volume)
        labels = try values.decode(.labels, default: [:])
    }

    /// Encodes the form that decodes.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(endpoint, forKey: .endpoint)
        try values.encodeIfPresent(container, forKey: .container)
        try values.encodeIfPresent(volume, forKey: .volume)
        if !labels.isEmpty { try values.encodeSorted(labels, forKey: .labels) }
    }
}
