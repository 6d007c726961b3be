/// What looks at a set remember for longer than from one to the next: each takes it over from the one before.
struct HealthMemory: Sendable {
    private var members: [MemberAddress: Member] = [:]

    /// For how long restarts are remembered, in seconds: what a figure that counts them speaks of.
    static let restartSeconds = 3600.0

    /// What is remembered of one member.
    struct Member: Sendable {
        /// What it answered when it answered last, before the look whose memory this is.
        var lastAnswer: MemberView?
        fileprivate var server = StartsSeen()
        fileprivate var host = StartsSeen()

        /// How often its process was started anew; `nil` before two looks have seen it.
        ///
        /// The server tells of starts of which the host knows nothing, and the host of those after which the server
        /// never came to answer.
        var restarts: Int? { [server.count, host.count].compactMap(\.self).max() }
    }

    subscript(address: MemberAddress) -> Member? { members[address] }

    /// Takes over what a look remembers, with what it has seen, and adds what is seen now.
    init(
        after previous: HealthLook?,
        seeing snapshot: ReplicaSetSnapshot,
        _ processes: [MemberName: MemberProcessState]
    ) {
        let before = Dictionary(
            (previous?.snapshot.members ?? []).map { ($0.address, $0.view) },
            uniquingKeysWith: { first, _ in first }
        )
        for member in snapshot.members {
            var memory = previous?.memory[member.address] ?? Member()
            memory.lastAnswer = before[member.address].flatMap(\.self) ?? memory.lastAnswer
            memory.server.see((try? member.view?.serverStatus.get()).map(ProcessStart.init), at: snapshot.takenAt)
            let process = member.name.flatMap { processes[$0] }
            memory.host.see(process.flatMap(ProcessStart.init), at: snapshot.takenAt)
            members[member.address] = memory
        }
    }
}

/// When a process started, by the clock of whoever tells.
struct ProcessStart: Sendable, Hashable {
    /// What tells it from others, where that is known.
    var identity: String?
    /// In seconds since 1970; `nil` where nobody knows.
    var at: Double?
    /// For how long it has run, where it tells itself.
    var uptime: Double?

    /// By the server's own word, and its own clock: neither the network nor another machine's clock changes it.
    init(_ status: ServerStatusReply) {
        identity = status.processID.map(String.init)
        at = Double(status.localTime.milliseconds) / 1000 - status.uptimeSeconds
        uptime = status.uptimeSeconds
    }

    /// By the host's.
    init?(_ state: MemberProcessState) {
        guard case .running(let process) = state else { return nil }
        (identity, at) = (process.identity, process.startedAt)
    }

    /// Uptimes are told in whole seconds, and clocks are put right now and then.
    private static let tolerance = 3.0

    /// Whether it is another start than an earlier one. In a container every process has the number 1; and a clock that
    /// is put back makes the same start seem earlier.
    func isLater(than earlier: ProcessStart) -> Bool {
        if identity != earlier.identity { return true }
        if let uptime, let before = earlier.uptime, uptime < before { return true }
        guard let at, let before = earlier.at else { return false }
        return at > before + Self.tolerance
    }
}

/// The starts of one member's process, as one witness has seen them.
private struct StartsSeen: Sendable {
    private var last: ProcessStart?
    /// When looks saw that the process was another one.
    private var restarts: [BSONDateTime] = []
    private var looks = 0

    /// Nobody needs to know more precisely how bad it is.
    private static let limit = 100

    var count: Int? { looks > 1 ? restarts.count : nil }

    mutating func see(_ start: ProcessStart?, at time: BSONDateTime) {
        restarts.removeAll { time.seconds(since: $0) >= HealthMemory.restartSeconds }
        guard let start else { return }
        looks += looks < 2 ? 1 : 0
        if let last, start.isLater(than: last) { restarts = (restarts + [time]).suffix(Self.limit) }
        last = start
    }
}
