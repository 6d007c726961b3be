/// What was seen of a set at one time: what every member answered, and what the host sees of the processes.
public struct HealthLook: Sendable {
    /// What the members answered, with the figures that health is judged by (``MemberView/figures``).
    public var snapshot: ReplicaSetSnapshot
    /// What the host sees of each member of the spec; of those that are missing it could not tell.
    public var processes: [MemberName: MemberProcessState]
    /// How long asking took, in seconds.
    public var tookSeconds: Double
    /// What it knows from those before it.
    let memory: HealthMemory

    /// Creates a look.
    ///
    /// - Parameters:
    ///   - snapshot: What the members answered.
    ///   - processes: What the host sees of them.
    ///   - tookSeconds: How long asking took.
    ///   - previous: The look before, whose memory it takes over: how often processes were restarted, and what members
    ///     said that did not answer at that look.
    public init(
        snapshot: ReplicaSetSnapshot,
        processes: [MemberName: MemberProcessState] = [:],
        tookSeconds: Double = 0,
        after previous: HealthLook? = nil
    ) {
        self.snapshot = snapshot
        self.processes = processes
        self.tookSeconds = tookSeconds
        memory = HealthMemory(after: previous, seeing: snapshot, processes)
    }
}

/// A look at a set, and what the rules say of it.
public struct HealthExamination: Sendable {
    /// What was seen. Hand it to the next examination, which can then tell rates.
    public var look: HealthLook
    /// What the rules say.
    public var report: HealthReport

    /// Creates an examination.
    public init(look: HealthLook, report: HealthReport) {
        self.look = look
        self.report = report
    }
}
