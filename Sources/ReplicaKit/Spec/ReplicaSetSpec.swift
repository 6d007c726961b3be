/// What a replica set should be: the operator's document.
///
/// It is written in YAML for `rkctl`, or built in Swift. Every key but `name` and `members` has a default, and an
/// unknown key is an error, so that a misspelt setting cannot be silently ignored. Secrets are named, never held.
public struct ReplicaSetSpec: Sendable, Hashable {
    /// The set's name.
    public var name: ReplicaSetName
    /// The members, in the order of the config.
    public var members: [MemberSpec]
    /// Who runs the members' processes.
    public var runtime: Runtime
    /// Users, keyfile and TLS.
    public var security: SecuritySpec
    /// The default write concern that set-up gives the set.
    public var writeConcern: WriteConcernSpec
    /// The read preferences that connection strings for people are printed with.
    public var readPreference: ReadPreferenceSpec
    /// Settings of the replica set config; what is `nil` keeps the server's default.
    public var settings: SettingsSpec
    /// How health is judged.
    public var health: HealthSpec
    /// Who is told of what is found.
    public var alerts: AlertsSpec
    /// Where backups are kept.
    public var backup: BackupSpec

    /// Creates a spec. Nothing is checked here: see ``validate()``.
    public init(
        name: ReplicaSetName,
        members: [MemberSpec],
        runtime: Runtime = .process(ProcessRuntime()),
        security: SecuritySpec = SecuritySpec(),
        writeConcern: WriteConcernSpec = WriteConcernSpec(),
        readPreference: ReadPreferenceSpec = ReadPreferenceSpec(),
        settings: SettingsSpec = SettingsSpec(),
        health: HealthSpec = HealthSpec(),
        alerts: AlertsSpec = AlertsSpec(),
        backup: BackupSpec = BackupSpec()
    ) {
        self.name = name
        self.members = members
        self.runtime = runtime
        self.security = security
        self.writeConcern = writeConcern
        self.readPreference = readPreference
        self.settings = settings
        self.health = health
        self.alerts = alerts
        self.backup = backup
    }

    /// The member of that name.
    ///
    /// - Throws: ``ReplicaKitError/Code/unknownMember``, with the names that exist.
    public func member(_ name: MemberName) throws(ReplicaKitError) -> MemberSpec {
        if let found = members.first(where: { $0.name == name }) { return found }
        throw ReplicaKitError(
            .unknownMember,
            "the spec of \(self.name) has no member named \"\(name)\"",
            hint: "Its members are: \(members.map(\.name.rawValue).joined(separator: ", "))."
        )
    }
}

extension ReplicaSetSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, members, runtime, security, writeConcern, readPreference, settings, health, alerts, backup
    }

    /// Decodes a spec, strictly: an unknown key throws `DecodingError.dataCorrupted` at its path.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        name = try values.decode(ReplicaSetName.self, forKey: .name)
        members = try values.decode([MemberSpec].self, forKey: .members)
        runtime = try values.decode(.runtime, default: .process(ProcessRuntime()))
        security = try values.decode(.security, default: SecuritySpec())
        writeConcern = try values.decode(.writeConcern, default: WriteConcernSpec())
        readPreference = try values.decode(.readPreference, default: ReadPreferenceSpec())
        settings = try values.decode(.settings, default: SettingsSpec())
        health = try values.decode(.health, default: HealthSpec())
        alerts = try values.decode(.alerts, default: AlertsSpec())
        backup = try values.decode(.backup, default: BackupSpec())
    }

    /// Encodes every value, defaults too, but for limits of health, alerts and backups: those that differ say more without the
    /// others.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(members, forKey: .members)
        try values.encode(runtime, forKey: .runtime)
        try values.encode(security, forKey: .security)
        try values.encode(writeConcern, forKey: .writeConcern)
        try values.encode(readPreference, forKey: .readPreference)
        try values.encode(settings, forKey: .settings)
        if health != HealthSpec() { try values.encode(health, forKey: .health) }
        if alerts != AlertsSpec() { try values.encode(alerts, forKey: .alerts) }
        if backup != BackupSpec() { try values.encode(backup, forKey: .backup) }
    }
}

/// One member of the spec.
public struct MemberSpec: Sendable, Hashable {
    /// What people call it. Letters, digits, `.`, `_` and `-`; it names directories and containers.
    public var name: MemberName
    /// Where it listens, as the other members and the clients reach it.
    public var host: MemberAddress
    /// How much it is preferred as the primary, 0 to 1000; 0 can never be elected.
    public var priority: Double
    /// 1 if it votes in elections, else 0.
    public var votes: Int
    /// Hidden from clients.
    public var hidden: Bool
    /// Votes and holds no data.
    public var arbiter: Bool
    /// How many seconds behind it stays on purpose.
    public var delaySeconds: Int
    /// Tags for read preferences and write concerns.
    public var tags: [String: String]
    /// What is different for its container, where the members are containers.
    public var docker: DockerMember

    /// Creates a member.
    public init(
        name: MemberName,
        host: MemberAddress,
        priority: Double? = nil,
        votes: Int = 1,
        hidden: Bool = false,
        arbiter: Bool = false,
        delaySeconds: Int = 0,
        tags: [String: String] = [:],
        docker: DockerMember = DockerMember()
    ) {
        self.name = name
        self.host = host
        self.priority = priority ?? Self.defaultPriority(votes, hidden, arbiter, delaySeconds)
        self.votes = votes
        self.hidden = hidden
        self.arbiter = arbiter
        self.delaySeconds = delaySeconds
        self.tags = tags
        self.docker = docker
    }

    /// 1, or 0 where the server allows nothing else.
    private static func defaultPriority(_ votes: Int, _ hidden: Bool, _ arbiter: Bool, _ delay: Int) -> Double {
        votes == 0 || hidden || arbiter || delay > 0 ? 0 : 1
    }
}

extension MemberSpec: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case name, host, priority, votes, hidden, arbiter, delaySeconds, tags, docker
    }

    /// Decodes a member, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        self.init(
            name: try values.decode(MemberName.self, forKey: .name),
            host: try values.decode(MemberAddress.self, forKey: .host),
            priority: try values.decodeIfPresent(Double.self, forKey: .priority),
            votes: try values.decode(.votes, default: 1),
            hidden: try values.decode(.hidden, default: false),
            arbiter: try values.decode(.arbiter, default: false),
            delaySeconds: try values.decode(.delaySeconds, default: 0),
            tags: try values.decode(.tags, default: [:]),
            docker: try values.decode(.docker, default: DockerMember())
        )
    }

    /// Encodes every value, defaults too.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(name, forKey: .name)
        try values.encode(host, forKey: .host)
        try values.encodeShortly(priority, forKey: .priority)
        try values.encode(votes, forKey: .votes)
        try values.encode(hidden, forKey: .hidden)
        try values.encode(arbiter, forKey: .arbiter)
        try values.encode(delaySeconds, forKey: .delaySeconds)
        try values.encodeSorted(tags, forKey: .tags)
        if docker != DockerMember() { try values.encode(docker, forKey: .docker) }
    }
}
