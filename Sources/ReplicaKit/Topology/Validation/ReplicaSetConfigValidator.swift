/// Judges replica set configs as a server would, before they are sent to one.
///
/// ```swift
/// let validator = ReplicaSetConfigValidator(serverVersion: version, setName: "rs0")
/// let violations = validator.reconfig(from: current, to: next.document)
/// ```
///
/// It reads raw documents, since a config that a person wrote may have any type in any field. No violation means that
/// the server accepts the config as far as it is known here; what depends on the network is not (whether enough members
/// answer, for one). Two rules are the library's own, because of what the server would do: see
/// ``ConfigRule/protectsServer``.
///
/// Source: `replSetInitiate` and `replSetReconfig` of 4.4.2, 5.0.4 and 6.0.5, each compared with this on tens of
/// thousands of configs. Later versions are judged as 6.0.
public struct ReplicaSetConfigValidator: Sendable, Hashable {
    /// The version of the server that gets the config. It decides which fields and values exist.
    public var serverVersion: ServerVersion
    /// The name that the server was started with (`--replSet`).
    public var setName: ReplicaSetName
    /// Whether all members run with `allowMultipleArbiters=true`; without it, servers from 5.3 on take one arbiter only.
    public var allowsMultipleArbiters: Bool
    /// Whether the server was started with `--configsvr`.
    public var isConfigServer: Bool
    /// The feature compatibility version, where it is lower than the server's: it decides how a delay is spelt.
    public var featureCompatibilityVersion: ServerVersion?

    /// Creates a validator for one server.
    public init(
        serverVersion: ServerVersion,
        setName: ReplicaSetName,
        allowsMultipleArbiters: Bool = false,
        isConfigServer: Bool = false,
        featureCompatibilityVersion: ServerVersion? = nil
    ) {
        self.serverVersion = serverVersion
        self.setName = setName
        self.allowsMultipleArbiters = allowsMultipleArbiters
        self.isConfigServer = isConfigServer
        self.featureCompatibilityVersion = featureCompatibilityVersion
    }

    /// What a server has against a config for `replSetInitiate`.
    ///
    /// - Parameters:
    ///   - document: The config, as it would be sent.
    ///   - receiver: What is known about the member that gets it.
    /// - Returns: The violations, in the server's order as far as it goes: it names only the first. None means yes.
    public func initiate(_ document: BSONDocument, on receiver: Receiver = Receiver()) -> [ConfigViolation] {
        if document.isEmpty {
            return [
                ConfigViolation(
                    .emptyConfig,
                    "the config is empty: the server would make one up, with its machine's name for a host",
                    serverCode: 0
                )
            ]
        }
        var document = document
        if !document.contains("version") { document.append("version", 1) }
        var parser = ConfigParser(self)
        parser.parse(document)
        guard parser.report.isClean else { return parser.report.violations }
        var checker = ConfigChecker(self, parser.config)
        checker.checkInitiate(document)
        if checker.report.isClean { checker.checkSelf(receiver, mustBeElectable: true, notFoundCode: nil) }
        return checker.report.violations
    }
}

extension ReplicaSetConfigValidator {
    /// What is known about the member that gets a config.
    public struct Receiver: Sendable, Hashable {
        /// All addresses that lead to the member; `nil` when they are not known, and then it is not checked whether the
        /// member finds itself in the config.
        public var hosts: Set<MemberAddress>?
        /// Whether it is the primary, which a reconfig without force needs.
        public var isPrimary: Bool
        /// Whether a default write concern was set explicitly (`setDefaultRWConcern`); `nil` when it is not known, and
        /// then it is taken for set.
        public var hasDefaultWriteConcern: Bool?

        /// Creates a description; by default of a primary of which no more is known.
        public init(
            hosts: Set<MemberAddress>? = nil,
            isPrimary: Bool = true,
            hasDefaultWriteConcern: Bool? = nil
        ) {
            self.hosts = hosts
            self.isPrimary = isPrimary
            self.hasDefaultWriteConcern = hasDefaultWriteConcern
        }
    }
}
