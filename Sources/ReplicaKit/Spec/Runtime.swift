/// Who runs the members' processes.
public enum Runtime: Sendable, Hashable {
    /// Local `mongod` processes, which this library starts and stops.
    case process(ProcessRuntime)
    /// Containers of a Docker engine, which this library makes, starts and stops.
    case docker(DockerRuntime)
    /// Someone else: this library only talks to the servers.
    case external
}

/// Settings of members that are local processes.
public struct ProcessRuntime: Sendable, Hashable {
    /// The directory that holds one directory a member; relative to the spec's file.
    public var directory: String
    /// The `mongod` to run: a path, or a name that is looked up on PATH.
    public var mongod: String
    /// WiredTiger's cache of each member, in MiB; `nil` sizes it for the machine and the number of members on it.
    public var cacheSizeMB: Int?
    /// The oplog's size in MiB, at the first start; `nil` leaves it to the server.
    public var oplogSizeMB: Int?
    /// Server parameters (`--setParameter`) that every member is started with.
    public var parameters: [String: String]

    /// Creates settings.
    public init(
        directory: String = "data",
        mongod: String = "mongod",
        cacheSizeMB: Int? = nil,
        oplogSizeMB: Int? = nil,
        parameters: [String: String] = [:]
    ) {
        self.directory = directory
        self.mongod = mongod
        self.cacheSizeMB = cacheSizeMB
        self.oplogSizeMB = oplogSizeMB
        self.parameters = parameters
    }
}

extension Runtime: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case process, docker, external
    }

    /// Decodes `{process: {…}}`, `{docker: {…}}` or `{external: {}}`: exactly one of them.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        guard values.allKeys.count == 1, let key = values.allKeys.first else {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath,
                    debugDescription: "give exactly one of: process, docker, external"
                )
            )
        }
        switch key {
        case .process: self = .process(try values.decode(.process, default: ProcessRuntime()))
        case .docker: self = .docker(try values.decode(.docker, default: DockerRuntime()))
        case .external: self = .external
        }
    }

    /// Encodes the form that decodes.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .process(let runtime): try values.encode(runtime, forKey: .process)
        case .docker(let runtime): try values.encode(runtime, forKey: .docker)
        case .external: try values.encode([String: String](), forKey: .external)
        }
    }
}

extension ProcessRuntime: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case directory, mongod, cacheSizeMB, oplogSizeMB, parameters
    }

    /// Decodes settings, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        let plain = Self()
        directory = try values.decode(.directory, default: plain.directory)
        mongod = try values.decode(.mongod, default: plain.mongod)
        cacheSizeMB = try values.decodeIfPresent(Int.self, forKey: .cacheSizeMB)
        oplogSizeMB = try values.decodeIfPresent(Int.self, forKey: .oplogSizeMB)
        parameters = try values.decode(.parameters, default: plain.parameters)
    }

    /// Encodes every value, defaults too.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(directory, forKey: .directory)
        try values.encode(mongod, forKey: .mongod)
        try values.encodeIfPresent(cacheSizeMB, forKey: .cacheSizeMB)
        try values.encodeIfPresent(oplogSizeMB, forKey: .oplogSizeMB)
        try values.encodeSorted(parameters, forKey: .parameters)
    }
}
