import Glibc
internal import Logging
public import ReplicaKit
internal import Subprocess

extension LocalProcessHost {
    /// Starts a member's `mongod` and returns when it listens.
    ///
    /// Before anything is started, what would fail is looked for: the binary and its version, the keyfile, TLS files,
    /// room on the disk (500 MiB for a member without data), the port. A start that is cancelled, or in which
    /// `mongod` falls silent for too long, leaves nothing running.
    ///
    /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/memberAbsent``,
    ///   ``ReplicaKitError/Code/binaryNotFound``, ``ReplicaKitError/Code/binaryUnsuitable``,
    ///   ``ReplicaKitError/Code/portInUse``, ``ReplicaKitError/Code/directoryInUse``,
    ///   ``ReplicaKitError/Code/diskFull``, ``ReplicaKitError/Code/fileTooOpen``,
    ///   ``ReplicaKitError/Code/fileUnwritable``, ``ReplicaKitError/Code/tlsConfiguration``, or
    ///   ``ReplicaKitError/Code/startFailed`` with the last lines of the member's log.
    public func start(_ member: MemberName) async throws {
        let directory = try directory(of: member)
        guard try directory.isOurs(), directory.isComplete else { throw absent(member) }
        let lock = try await lock(directory)
        if let (handle, _) = directory.finder.find() { return try await waitUntilListening(handle, directory) }
        let binary = try await binary.usable()
        try checkBeforeStart(directory)
        try reporting("write the config of \"\(member)\"") { try writeConfig(directory) }
        logger.debug("starting member", metadata: ["member": "\(member)", "version": "\(binary.version)"])
        try await launch(binary.path, directory)
        logger.info(
            "started member",
            metadata: ["member": "\(member)", "process": "\(directory.finder.find()?.handle.pid ?? 0)"]
        )
        withExtendedLifetime(lock) {}
    }

    /// The least room that a member without data needs, in bytes: `mongod` allocates its first files and journal,
    /// and a set that begins on a nearly full disk ends at the first load.
    static let leastSpaceForFreshMember: UInt64 = 500 << 20

    private func checkBeforeStart(_ directory: MemberDirectory) throws {
        let paths = directory.paths
        guard let keyFile = FileStatus(of: paths.keyFile), keyFile.permissions & 0o077 == 0 else {
            throw ReplicaKitError(
                .fileTooOpen,
                "the keyfile \(paths.keyFile) can be read by others, and mongod refuses such a one",
                member: directory.member.host,
                hint: "chmod 400 \(paths.keyFile); if others may have read it, make the set a new keyfile."
            )
        }
        guard access(paths.directory, W_OK) == 0, access(paths.database, W_OK) == 0 else {
            throw SystemError("access", paths.directory).whileTrying(to: "start \"\(directory.member.name)\"")
        }
        if directory.isFresh, let free = freeSpace(at: paths.directory), free < Self.leastSpaceForFreshMember {
            throw ReplicaKitError(
                .diskFull,
                "\(free >> 20) MiB are free at \(paths.directory), and a new member needs "
                    + "\(Self.leastSpaceForFreshMember >> 20) MiB",
                member: directory.member.host,
                hint: "Free space on that file system, or give the spec another runtime directory."
            )
        }
        switch PortCheck.probe(directory.member.host) {
        case .free: break
        case .taken: throw PortCheck.inUse(directory.member.host)
        case .notLocal:
            throw ReplicaKitError(
                .startFailed,
                "\(directory.member.host.host) is not an address of this machine, so no member can listen there",
                member: directory.member.host,
                hint: "Correct the member's host in the spec: for local processes usually 127.0.0.1."
            )
        }
    }

    private func launch(_ mongod: String, _ directory: MemberDirectory) async throws {
        let paths = directory.paths
        let logSize = FileStatus(of: paths.log)?.size ?? 0
        let outcome: ProcessOutcome
        do {
            outcome = try await withSilenceLimit(paths.log) {
                try await runProcess(
                    mongod,
                    ["--config", paths.config],
                    in: paths.directory,
                    deadline: nil,
                    clock: clock
                )
            }
        } catch {
            await endUnfinishedStart(directory)
            if error is SubprocessError {
                throw ReplicaKitError(
                    .startFailed,
                    "\(mongod) could not be run: \(error)",
                    member: directory.member.host,
                    cause: error
                )
            }
            throw error
        }
        if outcome.status == .exited(0), directory.finder.find() != nil { return }
        // Another program's start of the same member may have been first.
        if outcome.status != .exited(0), let (handle, _) = directory.finder.find() {
            return try await waitUntilListening(handle, directory)
        }
        if outcome.status == .timedOut { await endUnfinishedStart(directory) }
        let log = (try? LogTail.text(of: paths.log, from: logSize, limit: 1 << 17)) ?? ""
        throw StartFailure(outcome: outcome, log: log, mongod: mongod, silence: startDeadline)
            .error(member: directory.member, paths: paths)
    }

    /// Runs a start, and gives up on it when the log has not grown for ``startDeadline``.
    private func withSilenceLimit(
        _ log: String,
        _ start: @escaping @Sendable () async throws -> ProcessOutcome
    ) async throws -> ProcessOutcome {
        let (clock, limit) = (clock, startDeadline)
        return try await withThrowingTaskGroup(of: ProcessOutcome.self) { group in
            group.addTask { try await start() }
            group.addTask {
                let step = min(limit, .milliseconds(250))
                var (silent, total, size) = (Duration.zero, Duration.zero, -1)
                while silent < limit, total < limit * 10 {
                    try await clock.sleep(for: step)
                    total += step
                    let now = FileStatus(of: log)?.size ?? 0
                    silent = now == size ? silent + step : .zero
                    size = now
                }
                return ProcessOutcome(status: .timedOut, output: "")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ProcessOutcome(status: .timedOut, output: "")
        }
    }

    /// Ends what a start that was given up has left: first as a shutdown, then by force. Cancelling the task that
    /// started it does not cancel this.
    private func endUnfinishedStart(_ directory: MemberDirectory) async {
        let (clock, logger) = (clock, logger)
        await Task {
            var left = directory.finder.findStarting()
            for handle in left { try? handle.signal(SIGTERM) }
            var waited = Duration.zero
            while !left.isEmpty, waited < .seconds(5) {
                try? await clock.sleep(for: .milliseconds(20))
                waited += .milliseconds(20)
                left.removeAll(where: \.hasEnded)
            }
            for handle in left {
                logger.warning("killing a mongod that did not start", metadata: ["process": "\(handle.pid)"])
                try? handle.signal(SIGKILL)
            }
        }.value
    }

    /// Waits until a member that runs already listens: another program may have started it a moment ago.
    private func waitUntilListening(_ handle: ProcessHandle, _ directory: MemberDirectory) async throws {
        let address = directory.member.host
        var waited = Duration.zero
        while waited < startDeadline * 10 {
            if ListeningSockets.listens(handle.pid, at: address) { return }
            if handle.hasEnded {
                let log = (try? LogTail.text(of: directory.paths.log, bytes: 1 << 16)) ?? ""
                throw StartFailure(
                    outcome: ProcessOutcome(status: .exited(1), output: ""),
                    log: log,
                    mongod: runtime.mongod,
                    silence: startDeadline
                ).error(member: directory.member, paths: directory.paths)
            }
            try await clock.sleep(for: .milliseconds(50))
            waited += .milliseconds(50)
        }
        throw ReplicaKitError(
            .startFailed,
            "member \"\(directory.member.name)\" runs (process \(handle.pid)) but does not listen at \(address)",
            member: address,
            hint: "Look at its log: \(directory.paths.log). If its address changed in the spec, stop and start it."
        )
    }
}

/// The bytes that this user may still write on the file system of a path.
private func freeSpace(at path: String) -> UInt64? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
}
