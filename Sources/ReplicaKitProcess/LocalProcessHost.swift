public import Logging
public import ReplicaKit

/// Runs members as local `mongod` processes that outlive the program that started them.
///
/// Each member has its own directory, `<runtime.directory>/<member name>`, mode 0700, with everything of it: data
/// (`db`), `mongod.conf`, `mongod.log`, `mongod.pid`, `keyfile`, its Unix socket, and `member.json`, which says whose
/// the directory is. Nothing is kept in memory: any number of programs, one after the other or at the same time, can
/// look after the same members, and each sees what is there.
///
/// A process is taken for a member only if `/proc` proves it (its arguments, its start time, the lock of the data
/// files), so a process number that was given to another program is never signalled. Linux only.
public struct LocalProcessHost: MemberHost, MemberProvisioning {
    /// What is run.
    public let spec: ReplicaSetSpec
    let runtime: ProcessRuntime
    let baseDirectory: String
    let startDeadline: Duration
    let logger: Logger
    let clock: any Clock<Duration>
    let binary: MongodBinary

    /// Creates the host of a spec's members. Nothing is touched or looked for yet.
    ///
    /// - Parameters:
    ///   - spec: The set; its runtime must be ``Runtime/process(_:)``.
    ///   - baseDirectory: The absolute path of the directory that relative paths in the spec start from: the one of
    ///     the spec's file.
    ///   - logger: Receives what the host does.
    ///   - clock: Measures waits and deadlines.
    ///   - startDeadline: How long a starting `mongod` may be silent, that is neither listen, end, nor write to its
    ///     log, before it is stopped; ten times that is the longest a start may take in all.
    /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/invalidArgument`` for a spec that someone else runs
    ///   or a relative directory.
    public init(
        spec: ReplicaSetSpec,
        baseDirectory: String,
        logger: Logger = Logger(label: "replicakit.process"),
        clock: any Clock<Duration> = ContinuousClock(),
        startDeadline: Duration = .seconds(60)
    ) throws {
        guard case .process(let runtime) = spec.runtime else {
            throw ReplicaKitError(
                .invalidArgument,
                "the spec of \(spec.name) does not run its members as local processes",
                hint: "Give it a runtime: {process: {directory: data}}."
            )
        }
        guard baseDirectory.hasPrefix("/") else {
            throw ReplicaKitError(.invalidArgument, "the base directory \"\(baseDirectory)\" is not an absolute path")
        }
        self.spec = spec
        self.runtime = runtime
        self.baseDirectory = baseDirectory
        self.startDeadline = startDeadline
        self.logger = logger
        self.clock = clock
        binary = MongodBinary(name: runtime.mongod, baseDirectory: baseDirectory, clock: clock)
    }

    /// `process`.
    public var kind: String { "process" }

    /// What is there of a member now, by its directory and by `/proc`.
    ///
    /// - Throws: ``ReplicaKitError/Code/directoryInUse`` when the member's directory is another's.
    public func state(of member: MemberName) async throws -> MemberProcessState {
        let directory = try directory(of: member)
        guard try directory.isOurs() else { return .absent }
        if let (handle, facts) = directory.finder.find() {
            return .running(MemberProcess(identity: String(handle.pid), startedAt: facts.startedAt))
        }
        return directory.isComplete ? .stopped(directory.lastExit()) : .absent
    }

    /// The member's log; empty before its first start.
    ///
    /// It is read from its end, block by block, however long it is. Following goes on over a rotation and a
    /// truncation.
    ///
    /// - Throws: ``ReplicaKitError/Code/memberAbsent`` when the member has not been created.
    public func log(
        of member: MemberName,
        lastLines: Int,
        follow: Bool
    ) async throws -> AsyncThrowingStream<String, any Error> {
        let directory = try directory(of: member)
        guard try directory.isOurs() else { throw absent(member) }
        let reader = LogReader(path: directory.paths.log, lastLines: lastLines, follow: follow, clock: clock)
        return AsyncThrowingStream { try await reader.next() }
    }

    /// The directory of a member of the spec.
    func directory(of name: MemberName) throws -> MemberDirectory {
        let member = try spec.member(name)
        let root = canonicalPath(absolute(runtime.directory))
        return MemberDirectory(
            root: root,
            paths: MemberPaths(root: root, member: name),
            marker: MemberMarker(set: spec.name, member: member),
            member: member
        )
    }

    /// A path of the spec, which is relative to the spec's file.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : baseDirectory + "/" + path
    }

    func absent(_ member: MemberName) -> ReplicaKitError {
        ReplicaKitError(
            .memberAbsent,
            "member \"\(member)\" has not been created on this machine",
            hint: "Create it first: rkctl up makes what is missing."
        )
    }
}
