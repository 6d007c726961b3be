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
        try await endStandalone(directory)
        guard let binary = try await preparedBinary(directory) else { return }
        try reporting("write the config of \"\(member)\"") { try writeConfig(directory) }
        logger.debug("starting member", metadata: ["member": "\(member)", "version": "\(binary.version)"])
        try await launch(binary, directory)
        do {
            try directory.record(server: binary.version)
        } catch {
            logger.warning(
                "could not note the server's version",
                metadata: ["member": "\(member)", "error": "\(error)"]
            )
        }
        logger.info(
            "started member",
            metadata: ["member": "\(member)", "process": "\(directory.finder.find()?.handle.pid ?? 0)"]
        )
        withExtendedLifetime(lock) {}
    }

    /// The binary that the member is to be started with, when all that can be checked before is well.
    ///
    /// - Returns: `nil` when the member runs already.
    private func preparedBinary(_ directory: MemberDirectory) async throws -> MongodBinary.Usable? {
        while true {
            // One that is about to end is waited for, and then started anew.
            while let (handle, _) = directory.finder.find() {
                if try await listens(handle, directory) { return nil }
            }
            let binary = try await binary.usable()
            try await awaitDying(directory)
            do {
                try checkBeforeStart(directory)
                return binary
            } catch {
                // What is in the way may be the member itself, just begun by a program that was killed meanwhile.
                guard directory.finder.find() != nil else { throw error }
            }
        }
    }

    /// Waits for a process that was killed a moment ago and is nobody's member any more, but has the data files and the
    /// port until all its threads have ended.
    private func awaitDying(_ directory: MemberDirectory) async throws {
        let dying = LockTable.holders(of: directory.paths.lockFile)
            .filter { ProcessFacts(of: $0)?.isDying ?? false }
            .compactMap(ProcessHandle.init)
        // One that does not end, such as for a disk that hangs, is told of by the checks.
        _ = try await clock.poll(for: .seconds(10), every: .milliseconds(10)) {
            dying.allSatisfy(\.hasEnded) ? true : nil
        }
    }

    func launch(_ binary: MongodBinary.Usable, _ directory: MemberDirectory) async throws {
        let (paths, mongod) = (directory.paths, binary.path)
        let logSize = FileStatus(of: paths.log)?.size ?? 0
        let begun = Double(time(nil))
        let (program, arguments) = FileLimit.raising(mongod, ["--config", paths.config])
        let outcome: ProcessOutcome
        do {
            outcome = try await withSilenceLimit(paths.log) {
                try await runProcess(program, arguments, in: paths.directory, deadline: nil, clock: clock)
            }
        } catch {
            await endUnfinishedStart(directory, since: begun)
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
        if outcome.status == .timedOut { await endUnfinishedStart(directory, since: begun) }
        if let (handle, _) = directory.finder.find() {
            // It listens; or, where it failed, a program that knows nothing of our lock was a moment faster.
            if outcome.status == .exited(0) { return }
            if try await listens(handle, directory) { return }
        }
        let lastServer = try directory.presentMarker()?.server.flatMap { MongodVersion(banner: "db version v\($0)") }
        throw StartFailure(
            outcome: outcome,
            log: (try? LogTail.text(of: paths.log, from: logSize, limit: 1 << 17)) ?? "",
            binary: binary,
            lastServer: lastServer,
            free: freeSpace(at: paths.directory),
            silence: startDeadline
        ).error(member: directory.member, paths: paths)
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
                _ = try await clock.poll(for: limit * 10, every: .milliseconds(1)) {
                    let size = FileStatus(of: log)?.size
                    let hasGrown = try await clock.poll(for: limit, every: min(limit, .milliseconds(250))) {
                        FileStatus(of: log)?.size == size ? nil : true
                    }
                    return hasGrown == nil ? true : nil
                }
                return ProcessOutcome(status: .timedOut, output: "")
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ProcessOutcome(status: .timedOut, output: "")
        }
    }

    /// Ends what a start that was given up has left: first as a shutdown, then by force. Cancelling the task that
    /// started it does not cancel this.
    private func endUnfinishedStart(_ directory: MemberDirectory, since begun: Double) async {
        let (clock, logger) = (clock, logger)
        await Task {
            let started = directory.finder.findStarted(since: begun)
            for handle in started { try? handle.signal(SIGTERM) }
            _ = try? await clock.poll(for: .seconds(5), every: .milliseconds(20)) {
                started.allSatisfy(\.hasEnded) ? true : nil
            }
            for handle in started where !handle.hasEnded {
                logger.warning("killing a mongod that did not start", metadata: ["process": "\(handle.pid)"])
                try? handle.signal(SIGKILL)
            }
            _ = try? await clock.poll(for: .seconds(5), every: .milliseconds(20)) {
                started.allSatisfy(\.hasEnded) ? true : nil
            }
        }.value
    }

    /// Waits until a member that runs already listens, as another program may have started it a moment ago.
    ///
    /// - Returns: False when it ended instead.
    private func listens(_ handle: ProcessHandle, _ directory: MemberDirectory) async throws -> Bool {
        let address = directory.member.host
        let listens = try await clock.poll(for: startDeadline, every: .milliseconds(50)) {
            if handle.hasEnded { return false }
            return ListeningSockets.listens(handle.pid, at: address) ? true : nil
        }
        if let listens { return listens }
        throw ReplicaKitError(
            .startFailed,
            "member \"\(directory.member.name)\" runs (process \(handle.pid)) but does not listen at \(address)",
            member: address,
            hint: "Look at its log: \(directory.paths.log). If its address changed in the spec, stop and start it."
        )
    }
}
