import Glibc
internal import Logging
public import ReplicaKit

extension LocalProcessHost {
    /// Asks a member's `mongod` to end, waits, and kills it when `grace` has passed.
    ///
    /// A member of a set stays in quiesce mode for some 15 s after SIGTERM: see that it steps down and shuts down by
    /// command first, or give it 30 s and more.
    ///
    /// - Throws: ``ReplicaKitError/Code/stopFailed`` when the process may not be signalled, or outlives SIGKILL.
    public func stop(_ member: MemberName, grace: Duration) async throws -> MemberExit {
        let directory = try directory(of: member)
        guard try directory.isOurs() else { throw absent(member) }
        guard let (handle, _) = directory.finder.find() else { return directory.lastExit() }
        if grace > .zero {
            try signal(SIGTERM, handle, directory)
            if try await ends(handle, within: grace) { return ended(directory) }
            logger.warning(
                "member did not end within its grace and is killed",
                metadata: ["member": "\(member)", "process": "\(handle.pid)", "grace": "\(grace)"]
            )
        }
        try signal(SIGKILL, handle, directory)
        guard try await ends(handle, within: .seconds(30)) else {
            throw ReplicaKitError(
                .stopFailed,
                "process \(handle.pid) of member \"\(member)\" is still there 30 s after SIGKILL",
                member: directory.member.host,
                hint: "It waits for the kernel, usually for a disk or network file system that does not answer."
            )
        }
        // It may have come to its own end in the very last moment.
        let exit = ended(directory)
        return exit == .clean ? .clean : .signal(Int(SIGKILL))
    }

    /// Waits until a member's `mongod` has ended by itself.
    public func waitForExit(of member: MemberName, timeout: Duration) async throws -> MemberExit? {
        let directory = try directory(of: member)
        guard try directory.isOurs() else { throw absent(member) }
        guard let (handle, _) = directory.finder.find() else { return directory.lastExit() }
        return try await ends(handle, within: timeout) ? ended(directory) : nil
    }

    private func ended(_ directory: MemberDirectory) -> MemberExit {
        let exit = directory.lastExit()
        logger.info("member ended", metadata: ["member": "\(directory.member.name)", "exit": "\(exit)"])
        return exit
    }

    private func signal(_ number: Int32, _ handle: ProcessHandle, _ directory: MemberDirectory) throws {
        do {
            try handle.signal(number)
        } catch let error as SystemError {
            throw ReplicaKitError(
                .stopFailed,
                "cannot signal process \(handle.pid) of member \"\(directory.member.name)\": \(error.text)",
                member: directory.member.host,
                hint: "It runs as another user: stop it as that user, or as root.",
                cause: error
            )
        }
    }

    private func ends(_ handle: ProcessHandle, within timeout: Duration) async throws -> Bool {
        try await clock.poll(for: timeout, every: .milliseconds(10)) { handle.hasEnded ? true : nil } ?? false
    }
}
