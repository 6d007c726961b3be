extension ReplicaSetStatus {
    /// One member at a glance.
    public struct Member: Sendable {
        /// Its number in the config; `nil` when it is not in it.
        public var id: MemberID?
        /// Its name in the spec; `nil` when only the config knows it.
        public var name: MemberName?
        /// Its address, as the config has it where it is in it.
        public var host: MemberAddress
        /// Its state; `nil` when nobody tells.
        public var state: MemberState?
        /// Whose word the state is: that of other members when it did not answer itself.
        public var stateSource: MemberStateReading.Source?
        /// Whether it answered and belongs to the set.
        public var reachable: Bool
        /// How many seconds it is behind the primary beyond its delay; `nil` when that cannot be told, and for arbiters.
        public var lagSeconds: Double?
        /// Its votes, by the config, else the spec.
        public var votes: Int
        /// Its priority, by the config, else the spec.
        public var priority: Double
        /// Whether clients do not see it, by the config, else the spec.
        public var hidden: Bool
        /// Whether it is an arbiter, by the config, else the spec.
        public var arbiter: Bool
        /// How many seconds behind it stays on purpose, by the config, else the spec.
        public var delaySeconds: Int
        /// For how long its process has run, in seconds.
        public var uptimeSeconds: Double?
        /// The member that it replicates from.
        public var syncSource: MemberAddress?
        /// How long it took to answer `hello`, in seconds.
        public var pingSeconds: Double?
        /// The version of its server.
        public var serverVersion: ServerVersion?
        /// What is wrong with reaching or reading it.
        public var error: ReplicaKitError?

        init(_ member: MemberSnapshot, in judged: JudgedSnapshot) {
            let config = judged.config?.member(of: member)
            let reading = judged.state(of: member)
            id = member.id ?? config?.id
            name = member.name
            host = config?.host ?? member.address
            state = reading?.state
            stateSource = reading?.source
            reachable = member.isReachable
            lagSeconds = judged.lag(of: member)?.seconds
            votes = config?.votes ?? member.spec?.votes ?? 0
            priority = config?.priority ?? member.spec?.priority ?? 0
            hidden = config?.isHidden ?? member.spec?.hidden ?? false
            arbiter = config?.isArbiter ?? member.spec?.arbiter ?? false
            delaySeconds = config?.delaySeconds ?? member.spec?.delaySeconds ?? 0
            uptimeSeconds = member.view?.uptimeSeconds
            syncSource = member.view?.syncSource
            pingSeconds = member.roundTrip?.seconds
            serverVersion = member.view?.serverVersion
            error = member.error
        }
    }
}

extension ReplicaSetStatus.Member: Encodable {
    enum CodingKeys: String, CodingKey {
        case id, name, host, state, reachable, lagSeconds, votes, priority, hidden, arbiter, delaySeconds
        case uptimeSeconds, syncSource, pingSeconds, serverVersion, error
    }

    /// Encodes all keys, unknown values as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(host, forKey: .host)
        try container.encode(state?.description, forKey: .state)
        try container.encode(reachable, forKey: .reachable)
        try container.encode(lagSeconds, forKey: .lagSeconds)
        try container.encode(votes, forKey: .votes)
        try container.encode(priority, forKey: .priority)
        try container.encode(hidden, forKey: .hidden)
        try container.encode(arbiter, forKey: .arbiter)
        try container.encode(delaySeconds, forKey: .delaySeconds)
        try container.encode(uptimeSeconds, forKey: .uptimeSeconds)
        try container.encode(syncSource, forKey: .syncSource)
        try container.encode(pingSeconds, forKey: .pingSeconds)
        try container.encode(serverVersion, forKey: .serverVersion)
        try container.encode(error.map(ErrorReport.init), forKey: .error)
    }
}
