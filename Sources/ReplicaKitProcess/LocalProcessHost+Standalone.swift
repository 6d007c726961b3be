import Glibc
internal import Logging
public import ReplicaKit

extension LocalProcessHost: StandaloneRunning {
    /// Runs a stopped member's `mongod` on its data without `replSetName`, at a port of the loopback that is free, with
    /// config, log and pid file of its own, and lends it to `body`.
    ///
    /// The directory's lock is held meanwhile, so that nobody starts or removes the member. With TLS the server listens
    /// at the member's own host instead, whose name its certificate has.
    public func withStandalone<Result: Sendable>(
        of member: MemberName,
        _ body: (MemberAddress) async throws -> Result
    ) async throws -> Result? {
        let directory = try directory(of: member)
        guard try directory.isOurs(), directory.isComplete else { throw absent(member) }
        let lock = try await lock(directory)
        try await endStandalone(directory)
        if let (handle, _) = directory.finder.find() {
            throw directory.inUse(
                "is the one of a member that runs (process \(handle.pid))",
                hint: "rkctl stop \(member)"
            )
        }
        if directory.isFresh { return nil }
        let standalone = try standalone(of: directory)
        let address = standalone.member.host
        let binary = try await binary.usable()
        try checkBeforeStart(standalone)
        try reporting("write the standalone config of \"\(member)\"") { try writeConfig(standalone) }
        logger.debug("running as a standalone", metadata: ["member": "\(member)", "address": "\(address)"])
        try await launch(binary, standalone)
        let result: Result
        do {
            result = try await body(address)
        } catch {
            try? await endStandalone(directory)
            throw error
        }
        try await endStandalone(directory)
        withExtendedLifetime(lock) {}
        return result
    }

    /// Ends a standalone that runs on a member's data, this program's or one that a program which died has left, and
    /// removes what was made for it. Whoever calls this has the lock of the directory. Cancelling does not cut it short.
    func endStandalone(_ directory: MemberDirectory) async throws {
        let paths = directory.paths.standalone
        guard FileStatus(of: paths.config) != nil else { return }
        let (clock, limit) = (clock, startDeadline * 10)
        let hasEnded = try await Task {
            let left = MemberProcessFinder(paths: paths).findStarted(since: 0)
            try reporting("end the standalone of \"\(directory.member.name)\"") {
                for handle in left { try handle.signal(SIGTERM) }
            }
            return try await clock.poll(for: limit, every: .milliseconds(10)) {
                left.allSatisfy(\.hasEnded) ? true : nil
            } ?? false
        }.value
        guard hasEnded else {
            throw directory.inUse(
                "is the one of a standalone that does not end after SIGTERM",
                hint: "Its log says why: \(paths.log)."
            )
        }
        for path in [paths.pidFile, paths.log, paths.config] { unlink(path) }
    }

    /// The same directory, as a standalone sees it.
    private func standalone(of directory: MemberDirectory) throws -> MemberDirectory {
        var member = directory.member
        let needsItsName = spec.security.tls != nil && !member.host.isUnixSocket
        let ports = try Self.freePorts(1, from: Int.random(in: 20_000..<32_000))
        member.host = MemberAddress(host: needsItsName ? member.host.host : "127.0.0.1", port: ports[0])
        return MemberDirectory(
            root: directory.root,
            paths: directory.paths.standalone,
            marker: directory.marker,
            member: member
        )
    }
}
