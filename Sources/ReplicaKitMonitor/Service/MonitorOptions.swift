import NIOCore
public import ReplicaKit

/// How a ``Monitor`` watches.
public struct MonitorOptions: Sendable {
    /// The time from the beginning of one look at a set to that of the next.
    public var interval: Duration
    /// How long a member may take to answer; `nil` is the limit of one call of each set.
    public var timeout: Duration?
    /// What is looked for.
    public var rules: [HealthRule]
    /// What is looked for besides, by rules that are made anew while the monitor runs; `nil` for nothing.
    public var lentRules: LentRules?
    /// Where HTTP is served; `nil` serves none, for programs that have a server of their own.
    public var endpoint: EndpointOptions?

    /// Creates options.
    public init(
        interval: Duration = .seconds(10),
        timeout: Duration? = nil,
        rules: [HealthRule] = HealthRule.standard,
        lentRules: LentRules? = nil,
        endpoint: EndpointOptions? = EndpointOptions()
    ) {
        self.interval = interval
        self.timeout = timeout
        self.rules = rules
        self.lentRules = lentRules
        self.endpoint = endpoint
    }
}

/// Rules that a ``Monitor`` asks for again and again, because what they judge is seen by somebody else than the
/// members, such as backups in their store.
///
/// ```swift
/// let backups = LentRules(HealthRule.backups(nil)) { set in
///     await BackupKeeper.healthRules(of: set, within: .seconds(300), logger: logger)
/// }
/// let monitor = try Monitor(watching: [set], options: MonitorOptions(lentRules: backups))
/// ```
///
/// They are asked for in the background: a look takes those that were lent last, and never waits.
public struct LentRules: Sendable {
    /// The rules that may come. Until some have come for a set, each of these could not be judged.
    public var expected: [HealthRule]
    /// The time from the beginning of one question about a set to that of the next.
    public var interval: Duration
    /// For how long a question may stay open until that is a finding of its own, ``overdue``.
    public var patience: Duration
    /// Gives the rules for a set as they are now. It is asked about each set by itself, one question at a time, and is
    /// cancelled when the monitor stops.
    public var ask: @Sendable (ReplicaSet) async -> [HealthRule]

    /// The rule that finds that no rules are lent any more, so that what the last ones say may be long over.
    public static let overdue: HealthRuleID = "monitor.rules"

    /// Creates a source of rules.
    public init(
        _ expected: [HealthRule],
        interval: Duration = .seconds(60),
        patience: Duration = .seconds(600),
        ask: @escaping @Sendable (ReplicaSet) async -> [HealthRule]
    ) {
        self.expected = expected
        self.interval = interval
        self.patience = patience
        self.ask = ask
    }
}

/// Where a ``Monitor`` serves HTTP, and to whom.
public struct EndpointOptions: Sendable {
    /// The address to listen on. `0.0.0.0` and `::` are all of the machine's.
    public var host: String
    /// The port to listen on; 0 takes any that is free.
    public var port: Int
    /// What TLS is served with; `nil` serves plain HTTP.
    public var tls: TLS?
    /// What clients must show; `nil` asks for nothing.
    ///
    /// Prometheus sends it as a bearer token; a browser asks for a name and a password: any name, and the token.
    public var token: SecretReference?
    /// What relative paths of the token are relative to; empty is the working directory.
    public var baseDirectory: String
    /// How many connections are served at a time; more wait.
    public var connectionLimit: Int
    /// How long a connection may do nothing, or take for a request; then it is closed.
    public var idleTimeout: Duration

    /// Creates options.
    public init(
        host: String = "127.0.0.1",
        port: Int = 9216,
        tls: TLS? = nil,
        token: SecretReference? = nil,
        baseDirectory: String = "",
        connectionLimit: Int = 128,
        idleTimeout: Duration = .seconds(60)
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.token = token
        self.baseDirectory = baseDirectory
        self.connectionLimit = connectionLimit
        self.idleTimeout = idleTimeout
    }

    /// A certificate and its key.
    public struct TLS: Sendable, Hashable {
        /// The file of the certificate, in PEM, followed by those that it needs up to the root.
        public var certificateFile: String
        /// The file of its private key, in PEM; nobody else may be able to read it.
        public var keyFile: String

        /// Creates a pair.
        public init(certificateFile: String, keyFile: String) {
            self.certificateFile = certificateFile
            self.keyFile = keyFile
        }
    }

    /// Whether only programs of this machine can connect.
    public var isLoopback: Bool {
        host == "localhost" || host == "::1"
            || (host.hasPrefix("127.") && (try? SocketAddress(ipAddress: host, port: 0)) != nil)
    }

    /// What is open to more people than it should be, in one sentence; `nil` when nothing is.
    public var exposure: String? {
        guard !isLoopback else { return nil }
        let missing = [tls == nil ? "TLS" : nil, token == nil ? "token" : nil].compactMap(\.self)
        guard !missing.isEmpty else { return nil }
        return "\(host) is not a loopback address, and the endpoint has no \(missing.joined(separator: " and no ")): "
            + "everybody who reaches it can read "
            + (token == nil ? "the state of the sets" : "the token and the state of the sets on their way")
    }
}
