/// What a data-bearing member is asked for health besides what every snapshot asks. Each answer stands alone.
public struct MemberFigures: Sendable {
    /// An answer, or why there is none.
    public typealias Answer<Reply> = MemberView.Answer<Reply>

    /// Its machine.
    public var host: Answer<HostInfo.Reply>
    /// Its machine's counters.
    public var diagnosticData: Answer<GetDiagnosticData.Reply>
    /// The size of its oplog.
    public var oplog: Answer<OplogStats.Reply>
    /// The options it was started with.
    public var options: Answer<GetCmdLineOpts.Reply>
    /// The file system of its data; on servers that do not tell of it in their diagnostic data.
    public var fileSystem: Answer<DataFileSystem.Reply>
    /// What it warned of when it started.
    public var startupWarnings: Answer<GetLog.Reply>
    /// Its clients.
    public var clients: Answer<ClientOperations.Reply>
    /// What it works on that has taken long, and index builds.
    public var operations: Answer<CurrentOp.Reply>
    /// Whether it is locked against writes.
    public var lock: Answer<FsyncLockState.Reply>
    /// The data format that it writes.
    public var compatibility: Answer<GetFeatureCompatibilityVersion.Reply>
    /// The set's default write concern; asked of a primary.
    public var defaults: Answer<DefaultRWConcernReply>
    /// How often it has taken writes back by the log that its process keeps in memory; only asked of a process that began
    /// in the last ten minutes.
    public var rollbacksInLog: Int?
    /// On a primary: its first write that a majority does not have.
    public var firstUncommitted: OplogEntry?

    /// Creates figures; what is not given counts as not asked.
    public init(
        host: Answer<HostInfo.Reply> = .failure(.notAsked),
        diagnosticData: Answer<GetDiagnosticData.Reply> = .failure(.notAsked),
        oplog: Answer<OplogStats.Reply> = .failure(.notAsked),
        options: Answer<GetCmdLineOpts.Reply> = .failure(.notAsked),
        fileSystem: Answer<DataFileSystem.Reply> = .failure(.notAsked),
        startupWarnings: Answer<GetLog.Reply> = .failure(.notAsked),
        clients: Answer<ClientOperations.Reply> = .failure(.notAsked),
        operations: Answer<CurrentOp.Reply> = .failure(.notAsked),
        lock: Answer<FsyncLockState.Reply> = .failure(.notAsked),
        compatibility: Answer<GetFeatureCompatibilityVersion.Reply> = .failure(.notAsked),
        defaults: Answer<DefaultRWConcernReply> = .failure(.notAsked)
    ) {
        self.host = host
        self.diagnosticData = diagnosticData
        self.oplog = oplog
        self.options = options
        self.fileSystem = fileSystem
        self.startupWarnings = startupWarnings
        self.clients = clients
        self.operations = operations
        self.lock = lock
        self.compatibility = compatibility
        self.defaults = defaults
    }

    /// Asks. What tells most about trouble comes first, should the time run out.
    init(asking conversation: inout Conversation<some Clock<Duration>>, of view: MemberView) async {
        self.init()
        lock = await conversation.ask(FsyncLockState())
        clients = await conversation.ask(ClientOperations())
        operations = await conversation.ask(CurrentOp(minimumAge: .seconds(60)))
        oplog = await conversation.ask(OplogStats())
        host = await conversation.ask(HostInfo())
        options = await conversation.ask(GetCmdLineOpts())
        diagnosticData = await conversation.ask(GetDiagnosticData())
        if (try? diagnosticData.get())?.mounts.isEmpty ?? true { fileSystem = await conversation.ask(DataFileSystem()) }
        startupWarnings = await conversation.ask(GetLog(.startupWarnings))
        compatibility = await conversation.ask(GetFeatureCompatibilityVersion())
        if let uptime = view.uptimeSeconds, uptime < 600, let log = try? await conversation.ask(GetLog(.global)).get() {
            rollbacksInLog = log.lines(id: MongodLogLine.rollbackSummary).count
        }
        guard view.hello.isWritablePrimary else { return }
        defaults = await conversation.ask(GetDefaultRWConcern())
        guard let status = try? view.status.get(), let applied = status.applied, let committed = status.lastCommitted,
            committed < applied
        else { return }
        // Not the difference of two optimes: an idle primary writes an entry every 10 seconds only.
        firstUncommitted = try? await conversation.ask(FindOplogEntry(.after(committed.timestamp))).get().entry
    }

    /// The space of the file system that the data are on.
    public var dataSpace: FileSystemSpace? {
        if let mounts = (try? diagnosticData.get())?.mounts, let path = (try? options.get())?.dataDirectory {
            // The mount that the path is in: the longest that it begins with.
            let holding = mounts.filter { mount, _ in mount == "/" || path == mount || path.hasPrefix(mount + "/") }
            if let mount = holding.max(by: { $0.key.count < $1.key.count }) { return mount.value }
        }
        return (try? fileSystem.get())?.space
    }
}
