/// A host that can look into the processes that are members, and tell what happens to them.
///
/// All of it is what the host sees from outside. What a server says of itself is the driver's affair.
public protocol MemberInspection: MemberHost {
    /// What a running member uses of its machine now. It takes about half a second: a share of the processor is the
    /// difference of two looks.
    ///
    /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/memberAbsent`` or
    ///   ``ReplicaKitError/Code/memberNotRunning``, as do the other calls about one member.
    func resources(of member: MemberName) async throws -> MemberResources

    /// The processes that are a running member: of a container all, else its server.
    func processes(of member: MemberName) async throws -> [MemberProcessLine]

    /// Runs a program beside a running member's server, in the same container, without standard input.
    ///
    /// - Parameters:
    ///   - arguments: The program and its arguments, as they are: no shell sees them. Nothing secret: who can list
    ///     processes sees them.
    ///   - member: The member.
    ///   - timeout: When to give up. The program may go on then: hosts have no way to end it.
    /// - Throws: ``ReplicaKitError/Code/hostUnsupported`` where members have no surroundings of their own;
    ///   ``ReplicaKitError/Code/programTimedOut``.
    func run(_ arguments: [String], in member: MemberName, timeout: Duration) async throws -> ProgramResult

    /// What the host's own check says of a running member, such as Docker's `HEALTHCHECK`.
    func health(of member: MemberName) async throws -> MemberProcessHealth

    /// What happens to the processes of all members of the spec, as it happens.
    ///
    /// Nothing that happens after this call has returned is missed. The sequence ends with its task, or with an error
    /// when the host can no longer tell; whoever goes on after that asks again, from the time of the last event.
    ///
    /// - Parameter time: Also what happened since then, in seconds since 1970, where the host keeps the past. Events of
    ///   exactly that time are included.
    func events(since time: Double?) async throws -> AsyncThrowingStream<MemberProcessEvent, any Error>
}

/// What a member uses of its machine. What a host cannot know is `nil`.
public struct MemberResources: Sendable, Hashable {
    /// Processor time used per second: 1 is one processor kept busy.
    public var processors: Double?
    /// Memory in use, in bytes, without what the kernel caches of files.
    public var memory: UInt64?
    /// How much memory the member may use, in bytes: its own limit or the machine's memory.
    public var memoryLimit: UInt64?
    /// Bytes read from disks since the process started.
    public var diskRead: UInt64?
    /// Bytes written to disks since the process started.
    public var diskWritten: UInt64?
    /// Bytes received over the network since the process started.
    public var networkReceived: UInt64?
    /// Bytes sent over the network since the process started.
    public var networkSent: UInt64?

    /// Creates a description; nothing is known at first.
    public init() {}
}

/// One process of a member.
public struct MemberProcessLine: Sendable, Hashable {
    /// Its number on the machine that runs it.
    public var pid: Int
    /// Its program and arguments, as a process listing shows them.
    public var command: String

    /// Creates a line.
    public init(pid: Int, command: String) {
        self.pid = pid
        self.command = command
    }
}

/// How a program ended, and what it printed.
public struct ProgramResult: Sendable, Hashable {
    /// Its exit code. Docker's are 126 and 127 for a program that cannot be run or is not there.
    public var exitCode: Int
    /// What it wrote to standard output, bytes that are no UTF-8 replaced.
    public var output: String
    /// What it wrote to standard error.
    public var errorOutput: String
    /// Whether it wrote more than a host keeps, 1 MiB each; the rest is dropped.
    public var isTruncated: Bool

    /// Creates a result.
    public init(exitCode: Int, output: String, errorOutput: String, isTruncated: Bool = false) {
        self.exitCode = exitCode
        self.output = output
        self.errorOutput = errorOutput
        self.isTruncated = isTruncated
    }
}

/// What a host's own check says of a member.
public enum MemberProcessHealth: String, Sendable, Hashable, Codable {
    /// The last check succeeded.
    case healthy
    /// Several checks in a row failed.
    case unhealthy
    /// It has just started, and failures do not count yet.
    case starting
    /// Nothing checks it.
    case unchecked
}

/// Something that happened to a member's process.
public struct MemberProcessEvent: Sendable, Hashable {
    /// The member.
    public var member: MemberName
    /// What happened.
    public var kind: Kind
    /// When, in seconds since 1970, by the clock of the machine that runs the member.
    public var time: Double

    /// Creates an event.
    public init(member: MemberName, kind: Kind, time: Double) {
        self.member = member
        self.kind = kind
        self.time = time
    }

    /// What can happen.
    public enum Kind: Sendable, Hashable {
        /// It started.
        case started
        /// It ended.
        case died(MemberExit)
        /// The host sent it a signal. Whether it ends by that is another event.
        case killed(signal: Int)
        /// It was stopped where it was, and answers nobody.
        case paused
        /// It goes on.
        case unpaused
        /// The host's own check says something else than before.
        case healthChanged(MemberProcessHealth)
    }
}
