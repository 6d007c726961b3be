/// What an operator wants of a set: the input of a procedure.
public enum Intent: Sendable, Hashable, Codable {
    /// Bring the set up as the spec says: make, start and initiate what is not there yet, and complete a set-up that
    /// was interrupted.
    case up
    /// Start members that were stopped; no names are all members. Where there is no primary, comparing histories reads
    /// first where each stopped member's oplog ends, and starts the member with the newest first.
    case start([MemberName], comparingHistories: Bool = false)
    /// Stop members; no names are all members. An emergency stop asks no member first.
    case stop([MemberName], emergency: Bool)
    /// Stop the set and remove its members from the host.
    case down(includingData: Bool)
    /// Make another member the primary. ``ReplicaSet/failover(_:)`` makes one.
    case failover(Failover)
    /// Make a survivor the primary of a set that has lost its majority for good, by a forced reconfig. The lost members
    /// keep their place without a vote.
    ///
    /// A host's word that a member's process has ended is proof that it is dead. Where the host cannot tell, the
    /// operator must: these are the members named here.
    case forceFailover(presumedDead: [MemberName])
    /// Restart members one after the other, the primary last: those whose process is still the one named here. So an
    /// intent that was interrupted goes on where it stopped. ``ReplicaSet/restart(of:)`` makes one.
    case restart([MemberName: MemberProcess])
    /// Make the config what the spec says: members that are missing join, votes, priorities and the like are set. No
    /// names are all members, and the settings.
    case apply([MemberName])
    /// Take a member out of the set, and its process and what the host has of it away.
    case remove(MemberName, includingData: Bool)
    /// Keep a member out of reads and elections while it is worked on, or let it back in.
    case maintain(MemberName, isOn: Bool)
    /// Give a member a fresh copy of the data. ``ReplicaSet/resync(of:)`` makes one.
    case resync(Resync)

    /// The procedure's name, as in `rkctl`.
    public var name: String {
        switch self {
        case .up: "up"
        case .start: "start"
        case .stop: "stop"
        case .down: "down"
        case .failover: "failover"
        case .forceFailover: "failover --force"
        case .restart: "restart"
        case .apply: "apply"
        case .remove: "member remove"
        case .maintain: "member maintain"
        case .resync: "member replace"
        }
    }

    /// The pure function behind the intent: what to do about what was seen.
    ///
    /// - Throws: ``ReplicaKitError`` of the family ``ReplicaKitError/Family/input`` for an intent that is no sense,
    ///   such as a member that the spec does not have.
    public func propose(_ view: SetView) throws -> Proposal {
        do {
            let proposal = try decide(view)
            guard case .plan(var plan) = proposal else { return proposal }
            plan.intent = self
            return .plan(plan)
        } catch let refusal as Refusal {
            return .refusal(refusal)
        }
    }

    private func decide(_ view: SetView) throws -> Proposal {
        switch self {
        case .up: UpProcedure(view: view).propose()
        case .start(let members, let comparing):
            try StartProcedure(view: view).propose(members, comparingHistories: comparing)
        case .stop(let members, let emergency): try StopProcedure(view: view).propose(members, emergency: emergency)
        case .down(let includingData): DownProcedure(view: view).propose(includingData: includingData)
        case .failover(let failover): try FailoverProcedure(view: view).propose(failover)
        case .forceFailover(let presumedDead):
            try ForcedFailoverProcedure(view: view).propose(presumedDead: presumedDead)
        case .restart(let processes): try RestartProcedure(view: view).propose(processes)
        case .apply(let members): try ApplyProcedure(view: view).propose(members)
        case .remove(let member, let includingData):
            try RemoveProcedure(view: view).propose(member, includingData: includingData)
        case .maintain(let member, let isOn): try MaintenanceProcedure(view: view).propose(member, isOn: isOn)
        case .resync(let resync): try ResyncProcedure(view: view).propose(resync)
        }
    }
}

extension Intent {
    /// Whether members are to be started, and nothing else.
    var isStart: Bool { if case .start = self { true } else { false } }

    /// Whether what was wanted earlier, and is unfinished, is still wanted: dead members are started so that it can be
    /// completed.
    ///
    /// What was to stop them is not, nor is what took them for dead. A member that was to get a fresh copy of the data
    /// may have been started on the old one, and that cannot be told later.
    func leavesOpen(_ earlier: Intent?) -> Bool {
        guard case .start(let started, _) = self else { return false }
        return switch earlier {
        case .up, .failover, .apply, .maintain, .restart: true
        case .remove(let name, _): !started.contains(name)
        case .start, .stop, .down, .forceFailover, .resync, nil: false
        }
    }

    /// Whether it changes who is the primary, so that what the primary works on matters.
    var movesPrimary: Bool {
        switch self {
        case .failover, .restart: true
        case .up, .start, .stop, .down, .forceFailover, .apply, .remove, .maintain, .resync: false
        }
    }
}

/// What a planned failover is to do.
public struct Failover: Sendable, Hashable, Codable {
    /// The member that is to be the primary; `nil` lets the library choose.
    public var successor: MemberName?
    /// The primary that is to be succeeded: without it, who is chosen could be succeeded again. Needed where no
    /// successor is named; ``ReplicaSet/failover(_:)`` fills it in.
    public var predecessor: MemberAddress?
    /// Whether to wait until the successor has caught up, however far it is behind; else one that is more than
    /// ``maximumLagSeconds`` behind is refused.
    public var waitsForSync: Bool
    /// How many seconds the successor may be behind when it is chosen.
    public var maximumLagSeconds: Double
    /// For how many seconds the old primary does not run for election again. It matters where its priority is higher
    /// than the successor's.
    public var holdSeconds: Int

    /// Creates a request.
    public init(
        to successor: MemberName? = nil,
        from predecessor: MemberAddress? = nil,
        waitsForSync: Bool = false,
        maximumLagSeconds: Double = 10,
        holdSeconds: Int = 60
    ) {
        self.successor = successor
        self.predecessor = predecessor
        self.waitsForSync = waitsForSync
        self.maximumLagSeconds = maximumLagSeconds
        self.holdSeconds = holdSeconds
    }
}

/// What a member that gets a fresh copy of the data was before: an interrupted run is completed by it.
public struct Resync: Sendable, Hashable, Codable {
    /// The member.
    public var member: MemberName
    /// Its process that is to go; `nil` when none ran.
    public var process: MemberProcess?
    /// The vote that it gets back.
    public var votes: Int
    /// The priority that it gets back.
    public var priority: Double

    /// Creates a request.
    public init(member: MemberName, process: MemberProcess?, votes: Int, priority: Double) {
        self.member = member
        self.process = process
        self.votes = votes
        self.priority = priority
    }
}
