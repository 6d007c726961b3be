/// What a procedure decides on: the spec beside what was observed of processes and servers at one time.
public struct SetView: Sendable {
    /// What the set should be.
    public var spec: ReplicaSetSpec
    /// What the host sees of each member.
    public var processes: [MemberName: MemberProcessState]
    /// The members whose server answered.
    public var answering: Set<MemberName>
    /// What was wrong with members that run and did not answer as they should.
    public var problems: [MemberName: ReplicaKitError]
    /// The current config, by term and version, when any member has one.
    public var config: ReplicaSetConfig?
    /// The primary that a majority supports.
    public var primary: MemberAddress?
    /// Whether the administrator of the spec can log in; `nil` when it could not be found out.
    public var hasAdministrator: Bool?
    /// Whether someone has set a default write concern; `nil` when it could not be found out.
    public var hasDefaultWriteConcern: Bool?
    /// Whether the host can make and remove members.
    public var canProvision: Bool
    /// Whether the host can run a stopped member's server apart from its set, to read its data.
    public var canRunStandalones = false
    /// The absent members of which the host has something left, such as their data.
    public var traces: Set<MemberName> = []
    /// How the members stand in the set, by their address in the config; those that did not answer are not in it.
    public var standings: [MemberAddress: MemberStanding] = [:]
    /// The last write of each member that others have heard of by heartbeat.
    public var heard: [MemberAddress: OpTime] = [:]
    /// Which members live by the word of which others, as their heartbeats have it.
    public var sightings: [Sighting] = []
    /// The last write that any member knows a majority to have.
    public var lastCommitted: OpTime?
    /// What the primary works on that a change of primary would be felt by; asked only for intents that change it.
    public var operations: [CurrentOp.Operation] = []
    /// The members that are locked against writes, as for a copy of their files (`fsyncLock`); asked with the operations.
    public var locked: Set<MemberAddress> = []
    /// The backup programs that read from each member, by the names that they give themselves; asked with the operations.
    public var backups: [MemberAddress: [String]] = [:]

    /// Creates a view.
    public init(
        spec: ReplicaSetSpec,
        processes: [MemberName: MemberProcessState] = [:],
        answering: Set<MemberName> = [],
        problems: [MemberName: ReplicaKitError] = [:],
        config: ReplicaSetConfig? = nil,
        primary: MemberAddress? = nil,
        hasAdministrator: Bool? = nil,
        hasDefaultWriteConcern: Bool? = nil,
        canProvision: Bool = true
    ) {
        self.spec = spec
        self.processes = processes
        self.answering = answering
        self.problems = problems
        self.config = config
        self.primary = primary
        self.hasAdministrator = hasAdministrator
        self.hasDefaultWriteConcern = hasDefaultWriteConcern
        self.canProvision = canProvision
    }
}

/// How a member stands in its set, by its own answer.
public struct MemberStanding: Sendable, Hashable {
    /// Its state.
    public var state: MemberState?
    /// How many seconds it is behind the primary beyond its delay; `nil` when that cannot be told, and for arbiters.
    public var lagSeconds: Double?
    /// The last write that it has applied; `nil` for an arbiter.
    public var applied: OpTime?

    /// Creates a standing.
    public init(state: MemberState?, lagSeconds: Double? = nil, applied: OpTime? = nil) {
        self.state = state
        self.lagSeconds = lagSeconds
        self.applied = applied
    }
}

extension SetView {
    /// The spec's members of which this is so, in the spec's order.
    func members(where condition: (MemberProcessState) -> Bool) -> [MemberName] {
        spec.members.map(\.name).filter { condition(processes[$0] ?? .absent) }
    }

    /// The members that were never made.
    public var absent: [MemberName] { members { $0 == .absent } }
    /// The members whose process runs.
    public var running: [MemberName] { members { if case .running = $0 { true } else { false } } }
    /// The members whose process runs and does not answer: it is starting, or it hangs.
    public var silent: [MemberName] { running.filter { !answering.contains($0) && problems[$0] == nil } }
    /// The members that were made and do not run.
    public var stopped: [MemberName] { members { if case .stopped = $0 { true } else { false } } }

    /// Whether other people run the processes, so that this library can neither start nor stop them.
    var isExternal: Bool { spec.runtime == .external }

    /// The voting members that answered in a state in which they vote.
    var healthyVoters: [ReplicaSetConfig.Member] {
        config?.voters.filter { standings[$0.host]?.state.map(MemberState.voting.contains) ?? false } ?? []
    }

    func name(of address: MemberAddress) -> MemberName? {
        spec.members.first { $0.host == address }?.name
    }

    /// Members as the beginning of a sentence that goes on about their state: "m1 is", "m1, m2 are", "all … are".
    func listing(_ names: [MemberName]) -> String {
        switch names.count {
        case 0: "all members of \(spec.name) are"
        case 1: "\(names[0]) is"
        default: "\(names.map(\.rawValue).joined(separator: ", ")) are"
        }
    }

    /// How many of the voting members would run if these did, and how many a majority is; `nil` without a config.
    func votes(of names: some Collection<MemberName>) -> (running: Int, majority: Int)? {
        guard let config else { return nil }
        let hosts = Set(spec.members.filter { names.contains($0.name) }.map(\.host))
        return (config.voters.filter { hosts.contains($0.host) }.count, config.majorityVoteCount)
    }

    /// The refusal of every procedure that needs processes, for a set that others run.
    func refusalOfExternal(_ verb: String) -> Proposal {
        .refusal(
            Refusal(
                code: .hostUnsupported,
                message: "cannot \(verb) \(spec.name): its spec says that someone else runs the members",
                hint: "Do it with whatever runs them, or give the spec a runtime (runtime: {process: ...})."
            )
        )
    }
}
