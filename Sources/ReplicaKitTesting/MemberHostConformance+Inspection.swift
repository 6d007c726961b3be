import ReplicaKit

extension MemberHostConformance {
    /// What a host that is a ``ReplicaKit/MemberInspection`` too must do.
    public static let inspectionChecks: [Check] = [
        Check(description: "an absent member, and one that does not run, cannot be looked into", body: notRunning),
        Check(description: "a running member uses memory, and has its server among its processes", body: resources),
        Check(description: "programs have exit codes and two outputs, or are refused", body: programs),
        Check(description: "starts, clean ends and kills are told as they happen", body: events),
        Check(description: "watching ends with its task", body: watching),
    ]

    private static func inspecting(
        _ subject: Subject
    ) throws -> (host: any MemberInspection & MemberProvisioning, member: MemberName) {
        guard let host = subject.host as? any MemberInspection & MemberProvisioning else {
            throw Violation(description: "the host is no MemberInspection")
        }
        return (host, subject.member)
    }

    private static func notRunning(_ subject: Subject) async throws {
        let (host, member) = try inspecting(subject)
        try await expect(.memberAbsent, "resources") { _ = try await host.resources(of: member) }
        try await expect(.memberAbsent, "processes") { _ = try await host.processes(of: member) }
        try await expect(.memberAbsent, "health") { _ = try await host.health(of: member) }
        try await host.create(member, keyFile: subject.keyFile)
        try await expect(.memberNotRunning, "resources") { _ = try await host.resources(of: member) }
        try await expect(.memberNotRunning, "processes") { _ = try await host.processes(of: member) }
        try await expect(.memberNotRunning, "health") { _ = try await host.health(of: member) }
    }

    private static func resources(_ subject: Subject) async throws {
        let (host, member) = try inspecting(subject)
        _ = try await started(subject)
        let resources = try await host.resources(of: member)
        // No server fits into 10 MB, and none uses a thousand processors.
        guard let memory = resources.memory, memory > 10_000_000, resources.memoryLimit.map({ memory <= $0 }) ?? true,
            let processors = resources.processors, (0..<1000).contains(processors)
        else { throw Violation(description: "a running server uses \(resources)") }
        let processes = try await host.processes(of: member)
        guard processes.contains(where: { $0.command.contains("mongod") && $0.pid > 0 }) else {
            throw Violation(description: "no mongod is among \(processes)")
        }
        _ = try await host.health(of: member)
    }

    private static func programs(_ subject: Subject) async throws {
        let (host, member) = try inspecting(subject)
        _ = try await started(subject)
        let version: ProgramResult
        do {
            // The server's own binary is what every member's surroundings have.
            version = try await host.run(["mongod", "--version"], in: member, timeout: .seconds(60))
        } catch let error as ReplicaKitError where error.code == .hostUnsupported { return }
        guard version.exitCode == 0, version.output.hasPrefix("db version v"), version.errorOutput.isEmpty else {
            throw Violation(description: "mongod --version gave \(version)")
        }
        // No shell may touch it.
        let odd = "--a b'\"$(id)*"
        let refused = try await host.run(["mongod", odd], in: member, timeout: .seconds(60))
        guard refused.exitCode != 0, refused.errorOutput.contains(odd) else {
            throw Violation(description: "mongod \(odd) gave \(refused)")
        }
    }

    private static func events(_ subject: Subject) async throws {
        let (host, member) = try inspecting(subject)
        try await host.create(member, keyFile: subject.keyFile)
        var events = try await host.events(since: nil).makeAsyncIterator()
        /// The next event that every host sees; a signal that is sent is not one of them.
        func next() async throws -> MemberProcessEvent? {
            while let event = try await events.next(isolation: #isolation) {
                if case .killed = event.kind { continue }
                return event
            }
            return nil
        }
        var times: [Double] = []
        func expectNext(_ kind: MemberProcessEvent.Kind) async throws {
            let event = try await next()
            guard let event, event.member == member, event.kind == kind else {
                throw Violation(description: "expected that it \(kind), seen \(String(describing: event))")
            }
            times.append(event.time)
        }
        try await host.start(member)
        try await expectNext(.started)
        _ = try await host.stop(member, grace: .seconds(60))
        try await expectNext(.died(.clean))
        try await host.start(member)
        try await expectNext(.started)
        _ = try await host.stop(member, grace: .zero)
        try await expectNext(.died(.signal(9)))
        guard times == times.sorted(), (times.first ?? 0) > 1_600_000_000 else {
            throw Violation(description: "the times of the events are \(times)")
        }
    }

    private static func watching(_ subject: Subject) async throws {
        let (host, _) = try inspecting(subject)
        let events = try await host.events(since: nil)
        let watching = Task { for try await _ in events {} }
        watching.cancel()
        // With an error or without: it must end.
        _ = await watching.result
    }
}
