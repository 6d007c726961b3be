/// What a health rule judges: a look at the set, the one before where there is one, and what follows from them.
public struct HealthContext: Sendable {
    /// What the set should be.
    public let spec: ReplicaSetSpec
    /// What was seen.
    public let look: HealthLook
    /// What was seen before; `nil` at the first look.
    public let previous: HealthLook?
    /// The members, in the order of the snapshot, each with its figures.
    public let members: [Member]
    let judged: JudgedSnapshot

    /// A member, as rules see it.
    public struct Member: Sendable {
        /// How findings name it.
        public let subject: Finding.Subject
        /// What came of asking it.
        public let snapshot: MemberSnapshot
        /// What it answered at the look before, if it did.
        public let previous: MemberView?
        /// What it answered when it answered last before this look: at the look before, or at one before that.
        public let lastAnswer: MemberView?
        /// What the host sees of its process; `nil` where it could not tell.
        public let process: MemberProcessState?
        /// Its entry in the newest config.
        public let config: ReplicaSetConfig.Member?
        /// Its figures.
        public let values: [Gauge: Double]
        /// The figures that could not be had at this look, and why.
        public let missing: [Gauge: String]

        /// What it answered.
        public var view: MemberView? { snapshot.view }
        /// The state of its process, by its own answer.
        public var serverStatus: ServerStatusReply? { try? view?.serverStatus.get() }
        /// The state of its process at the look before, if it is still the same process.
        public var previousServerStatus: ServerStatusReply? {
            guard let now = serverStatus, let before = try? previous?.serverStatus.get(), now.isSameProcess(as: before)
            else { return nil }
            return before
        }
        /// Its own replication state.
        public var status: ReplSetStatusReply? { try? view?.status.get() }
    }

    /// Puts a look in order.
    public init(spec: ReplicaSetSpec, look: HealthLook, previous: HealthLook? = nil) {
        self.spec = spec
        self.look = look
        self.previous = previous
        let judged = JudgedSnapshot(look.snapshot)
        self.judged = judged
        let before = Dictionary(
            (previous?.snapshot.members ?? []).map { ($0.address, $0.view) },
            uniquingKeysWith: { first, _ in first }
        )
        members = look.snapshot.members.map { member in
            let previous = before[member.address] ?? nil
            let memory = look.memory[member.address]
            let figures = GaugeReading(member, previous: previous, restarts: memory?.restarts, in: judged)
            return Member(
                subject: Finding.Subject(
                    name: member.name,
                    host: judged.config?.member(of: member)?.host ?? member.address
                ),
                snapshot: member,
                previous: previous,
                lastAnswer: previous ?? memory?.lastAnswer,
                process: member.name.flatMap { look.processes[$0] },
                config: judged.config?.member(of: member),
                values: figures.values,
                missing: figures.missing
            )
        }
    }

    /// The newest config that any member has.
    public var config: ReplicaSetConfig? { judged.config }
    /// Who is the primary.
    public var verdict: PrimaryVerdict { judged.verdict }
    /// Whether enough voters answer.
    public var majority: MajorityReachability { look.snapshot.majority }
    /// The primary, if there certainly is one.
    public var primary: Member? {
        verdict.primary.flatMap { claim in members.first { $0.subject.host == claim.address } }
    }

    /// The member at an address of the config.
    public func member(at host: MemberAddress) -> Member? {
        members.first { $0.subject.host == host } ?? members.first { $0.snapshot.address == host }
    }

    /// The name of a member for people.
    func name(_ host: MemberAddress) -> String { member(at: host)?.subject.description ?? host.description }

    /// Names of members, in a row.
    func names(_ hosts: some Sequence<MemberAddress>) -> String { hosts.map(name).joined(separator: ", ") }

    /// A member's state: by its own answer, or by the others' where it gives none.
    public func state(of member: Member) -> MemberState? { judged.state(of: member.snapshot)?.state }
}

extension ServerStatusReply {
    /// Whether its counters go on from those of an earlier reply: no restart lies between.
    package func isSameProcess(as earlier: ServerStatusReply) -> Bool {
        processID == earlier.processID && uptimeSeconds >= earlier.uptimeSeconds
    }
}
