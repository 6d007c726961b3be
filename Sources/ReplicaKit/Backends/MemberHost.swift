/// The port to the processes that are the members: local `mongod` processes, containers, or whatever runs them.
///
/// A host knows the members of one ``ReplicaSetSpec`` by name. It decides nothing: procedures decide, and ask it.
/// What a host may not be able to do stands in protocols of its own (``MemberProvisioning``, ``MemberInspection``), so that
/// a backend implements what it can and a procedure that needs more is refused with a reason.
public protocol MemberHost: Sendable {
    /// What the host runs members as, for people: `process`, `docker`, `external`.
    var kind: String { get }

    /// Whether whatever runs the members starts one again that ended by itself, as Docker's restart policies do.
    ///
    /// Such a member must be ended through the host, or it is back a moment later. By default no.
    var restartsEndedMembers: Bool { get }

    /// What is there of a member now, as observed, not as remembered.
    func state(of member: MemberName) async throws -> MemberProcessState

    /// Starts a member that was created and is not running; does nothing when it runs already.
    ///
    /// Returns when the process runs and listens; whether it serves is for the driver to find out.
    ///
    /// - Throws: ``ReplicaKitError`` of the family ``ReplicaKitError/Family/host``, such as
    ///   ``ReplicaKitError/Code/portInUse`` or ``ReplicaKitError/Code/startFailed`` with the last lines of its log.
    func start(_ member: MemberName) async throws

    /// Asks a member's process to end (as SIGTERM does), and waits until it has ended.
    ///
    /// - Parameters:
    ///   - member: The member.
    ///   - grace: How long it may take; then it is killed, and the exit says so. Zero kills at once.
    /// - Returns: How it ended. A member that does not run gives its last known exit.
    func stop(_ member: MemberName, grace: Duration) async throws -> MemberExit

    /// Waits until a member's process has ended by itself, as after a `shutdown` command.
    ///
    /// - Returns: How it ended, or `nil` when it still runs after `timeout`.
    func waitForExit(of member: MemberName, timeout: Duration) async throws -> MemberExit?

    /// The member's log, line by line, without line ends.
    ///
    /// - Parameters:
    ///   - member: The member.
    ///   - lastLines: How many of the lines that exist now come first.
    ///   - follow: Go on with new lines until the task is cancelled.
    func log(of member: MemberName, lastLines: Int, follow: Bool) async throws -> AsyncThrowingStream<String, any Error>
}

extension MemberHost {
    /// No.
    public var restartsEndedMembers: Bool { false }
}

/// A host that can make and remove members.
public protocol MemberProvisioning: MemberHost {
    /// Makes everything a member needs before its first start: directory or container, keyfile, settings.
    ///
    /// Doing it again completes what is missing and changes nothing else.
    ///
    /// - Throws: ``ReplicaKitError/Code/directoryInUse`` when what is there belongs to another set or member.
    func create(_ member: MemberName, keyFile: Secret) async throws

    /// As ``create(_:keyFile:)``, telling what takes long in it, such as an image's way here. By default nothing is told.
    ///
    /// - Parameter note: Takes short texts for an operator, now and then.
    func create(_ member: MemberName, keyFile: Secret, note: @escaping @Sendable (String) -> Void) async throws

    /// Removes a stopped member from the host.
    ///
    /// - Parameters:
    ///   - member: The member. One that does not exist is no error.
    ///   - includingData: Its data, log and keyfile too. Nothing that this host did not make is ever removed.
    func remove(_ member: MemberName, includingData: Bool) async throws

    /// Whether something is left of a member whose state is ``MemberProcessState/absent``, such as its data, which
    /// ``remove(_:includingData:)`` would remove. By default no.
    func leavesTraces(of member: MemberName) async throws -> Bool
}

extension MemberProvisioning {
    /// As ``create(_:keyFile:)``, in silence.
    public func create(
        _ member: MemberName,
        keyFile: Secret,
        note: @escaping @Sendable (String) -> Void
    ) async throws {
        try await create(member, keyFile: keyFile)
    }

    /// No.
    public func leavesTraces(of member: MemberName) async throws -> Bool { false }
}

/// What a host sees of a member.
public enum MemberProcessState: Sendable, Hashable {
    /// The host has never made it.
    case absent
    /// It was made and does not run.
    case stopped(MemberExit)
    /// It runs.
    case running(MemberProcess)
    /// Someone else runs it; this host cannot tell.
    case unknown
}

/// A running member's process.
public struct MemberProcess: Sendable, Hashable, Codable {
    /// What the host calls it: a process number or a container's id.
    public var identity: String
    /// When it started, in seconds since 1970, where the host knows.
    public var startedAt: Double?

    /// Creates a description.
    public init(identity: String, startedAt: Double? = nil) {
        self.identity = identity
        self.startedAt = startedAt
    }
}

/// How a member's process ended.
public enum MemberExit: Sendable, Hashable, Codable {
    /// It ended cleanly: a `mongod` that ran its whole shutdown.
    case clean
    /// It ended with an exit code other than 0.
    case code(Int)
    /// It was killed by a signal; its next start is an unclean one.
    case signal(Int)
    /// It does not run, and nobody saw how it ended.
    case unseen
}
