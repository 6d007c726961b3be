import Glibc
public import ReplicaKit

extension LocalProcessHost: MemberInspection {
    /// What a member's `mongod` uses, by `/proc`. What goes over the network is not counted there.
    public func resources(of member: MemberName) async throws -> MemberResources {
        let (handle, _) = try running(member)
        let (first, begin) = (ProcessUsage(of: handle.pid), ContinuousClock.now)
        try await clock.sleep(for: .milliseconds(500))
        guard let usage = ProcessUsage(of: handle.pid), !handle.hasEnded else { throw notRunning(member) }
        return usage.resources(after: first, elapsed: begin.duration(to: .now))
    }

    /// The member's `mongod`.
    public func processes(of member: MemberName) async throws -> [MemberProcessLine] {
        let (handle, facts) = try running(member)
        return [MemberProcessLine(pid: Int(handle.pid), command: facts.arguments.joined(separator: " "))]
    }

    /// Always refused: a local process has no surroundings of its own to run a program in.
    public func run(_ arguments: [String], in member: MemberName, timeout: Duration) async throws -> ProgramResult {
        _ = try spec.member(member)
        throw ReplicaKitError(
            .hostUnsupported,
            "cannot run a program in \"\(member)\": it is a local process, not a container",
            hint: "Run the program on this machine."
        )
    }

    /// ``MemberProcessHealth/unchecked``: nothing checks local processes.
    public func health(of member: MemberName) async throws -> MemberProcessHealth {
        _ = try running(member)
        return .unchecked
    }

    /// What happens to the members' processes, seen within a twentieth of a second.
    ///
    /// Nothing keeps the past of local processes: the sequence begins now, whatever the time asked for. Signals are not
    /// seen, only what comes of them.
    public func events(since time: Double?) async throws -> AsyncThrowingStream<MemberProcessEvent, any Error> {
        let watch = ProcessWatch(directories: try spec.members.map { try directory(of: $0.name) }, clock: clock)
        await watch.begin()
        return AsyncThrowingStream { try await watch.next() }
    }

    private func running(_ member: MemberName) throws -> (handle: ProcessHandle, facts: ProcessFacts) {
        let directory = try directory(of: member)
        guard try directory.isOurs() else { throw absent(member) }
        guard let found = directory.finder.find() else { throw notRunning(member) }
        return found
    }

    private func notRunning(_ member: MemberName) -> ReplicaKitError {
        ReplicaKitError(.memberNotRunning, "member \"\(member)\" does not run", hint: "rkctl start \(member)")
    }
}
