import Foundation
import Glibc
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitProcess

/// Whose process is whose, with real processes: what is never signalled, and what is never lost sight of.
@Suite("Members among the machine's processes")
struct ProcessOwnershipTests {
    /// A process that has nothing to do with any member.
    private final class Innocent {
        let process = Process()

        init(arguments: [String] = []) throws {
            process.executableURL = URL(filePath: "/bin/sh")
            process.arguments = ["-c", "while :; do sleep 1; done", "innocent"] + arguments
            try process.run()
        }

        var pid: Int32 { process.processIdentifier }
        var isAlive: Bool { process.isRunning }
        deinit { kill(process.processIdentifier, SIGKILL) }
    }

    @Test("a number in the pid file that was given to another process is not signalled", .realServers())
    func recycledNumber() async throws {
        try await RealMembers.with { members in
            let (host, paths) = (members.host, try members.host.directory(of: "a").paths)
            #expect(try await host.stop("a", grace: .seconds(30)) == .clean)
            let innocent = try Innocent()
            // It even has the config file among its arguments, but it is younger than the pid file.
            let suspicious = try Innocent(arguments: ["--config", paths.config])
            for pid in [innocent.pid, suspicious.pid, getpid(), 1, 0, -1] {
                try Data("\(pid)\n".utf8).write(to: URL(filePath: paths.pidFile))
                var times = [
                    timeval(tv_sec: time(nil) - 3600, tv_usec: 0), timeval(tv_sec: time(nil) - 3600, tv_usec: 0),
                ]
                #expect(utimes(paths.pidFile, &times) == 0)
                #expect(try await host.state(of: "a") == .stopped(.clean))
                #expect(try await host.stop("a", grace: .seconds(5)) == .clean)
                #expect(try await host.stop("a", grace: .zero) == .clean)
                #expect(try await host.waitForExit(of: "a", timeout: .zero) == .clean)
            }
            #expect(innocent.isAlive && suspicious.isAlive)
            try await host.start("a")
            #expect(innocent.isAlive && suspicious.isAlive)
        }
    }

    @Test(
        "a pid file with anything in it is survived",
        arguments: ["", "\n", "x", "99999999999999999999", "12 34", "-7"]
    )
    func pidFileContent(text: String) async throws {
        try await RealMembers.with(started: false, editing: { $0.runtime = .process(ProcessRuntime()) }) { members in
            try await members.host.create("a", keyFile: members.keyFile)
            let paths = try members.host.directory(of: "a").paths
            try Data(text.utf8).write(to: URL(filePath: paths.pidFile))
            #expect(try await members.host.state(of: "a") == .stopped(.unseen))
        }
    }

    @Test(
        "a member whose pid file is lost, or overwritten by a failing second mongod, is still seen",
        .realServers(),
        arguments: RealServers.availableVersions
    )
    func lostPidFile(version: String) async throws {
        try await RealMembers.with(version: version) { members in
            let (host, paths) = (members.host, try members.host.directory(of: "a").paths)
            let before = try await host.state(of: "a")
            // What people do by hand: it fails for the port, and has overwritten the pid file by then.
            let second = try await runProcess(
                try RealServers.mongod(version),
                ["--config", paths.config],
                deadline: .seconds(60),
                clock: ContinuousClock()
            )
            #expect(second.status == .exited(48))
            #expect(try await host.state(of: "a") == before)
            unlink(paths.pidFile)
            #expect(try await host.state(of: "a") == before)
            try await host.start("a")
            #expect(try await host.state(of: "a") == before)
            #expect(try await host.stop("a", grace: .seconds(30)) != .signal(9))
            guard case .stopped = try await host.state(of: "a") else {
                Issue.record("it still runs")
                return
            }
        }
    }

    @Test("members outlive their starter: no child, a session of their own, seen by any other host", .realServers())
    func outliving() async throws {
        try await RealMembers.with { members in
            let state = try await members.host.state(of: "a")
            guard case .running(let process) = state, let pid = Int32(process.identity) else {
                Issue.record("it does not run: \(state)")
                return
            }
            let stat = try readSmallFile("/proc/\(pid)/stat")
            let fields = stat[stat.index(after: try #require(stat.lastIndex(of: ")")))...].split(separator: " ")
            #expect(Int32(fields[1]) != getpid())
            #expect(getsid(pid) != getsid(0))
            // Nothing of ours keeps it bound to us, and nothing of it keeps a reader of our output waiting.
            let log = try members.host.directory(of: "a").paths.log
            for descriptor in ["0", "1", "2"] {
                let target = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(descriptor)")
                #expect(["/dev/null", log].contains(target))
            }
            let other = try LocalProcessHost(
                spec: members.spec,
                baseDirectory: members.directory.path + "/./x/..",
                logger: .silent
            )
            #expect(try await other.state(of: "a") == state)
            let started = try #require(process.startedAt)
            #expect(started > Double(time(nil)) - 120)
        }
    }

    @Test(
        "killed from outside: stopped, uncleanly, and it can be started again",
        .realServers(),
        arguments: [SIGKILL, SIGABRT]
    )
    func killedFromOutside(signal: Int32) async throws {
        try await RealMembers.with { members in
            let host = members.host
            let pid = try await members.pid("a")
            async let ended = host.waitForExit(of: "a", timeout: .seconds(60))
            kill(pid, signal)
            #expect(try await ended == .signal(Int(signal)))
            #expect(try await host.state(of: "a") == .stopped(.signal(Int(signal))))
            #expect(try await host.stop("a", grace: .seconds(5)) == .signal(Int(signal)))
            try await host.start("a")
            #expect(try await members.pid("a") != pid)
            #expect(try await host.stop("a", grace: .seconds(30)) == .clean)
        }
    }

    @Test("a process that does not hear SIGTERM is killed when its grace is over", .realServers())
    func hungProcess() async throws {
        try await RealMembers.with { members in
            kill(try await members.pid("a"), SIGSTOP)
            guard case .running = try await members.host.state(of: "a") else {
                Issue.record("a stopped process is still there")
                return
            }
            #expect(try await members.host.stop("a", grace: .milliseconds(300)) == .signal(9))
        }
    }

    @Test("waiting for an end can be cancelled, and has a deadline", .realServers())
    func waiting() async throws {
        try await RealMembers.with { members in
            let host = members.host
            #expect(try await host.waitForExit(of: "a", timeout: .zero) == nil)
            let waiting = Task { try await host.waitForExit(of: "a", timeout: .seconds(600)) }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { _ = try await waiting.value }
            kill(try await members.pid("a"), SIGSTOP)
            let stopping = Task { try await host.stop("a", grace: .seconds(600)) }
            stopping.cancel()
            await #expect(throws: CancellationError.self) { _ = try await stopping.value }
        }
    }

    @Test("two programs that start the same member at once both succeed, with one process", .realServers())
    func twoStarters() async throws {
        try await RealMembers.with(started: false) { members in
            let hosts = try (0..<4).map { _ in
                try LocalProcessHost(spec: members.spec, baseDirectory: members.directory.path, logger: .silent)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for host in hosts {
                    group.addTask {
                        try await host.create("a", keyFile: members.keyFile)
                        try await host.start("a")
                    }
                }
                try await group.waitForAll()
            }
            let paths = try members.host.directory(of: "a").paths
            let pid = try await members.pid("a")
            #expect(MemberProcessFinder(paths: paths).findStarted(since: 0).map(\.pid) == [pid])
        }
    }

    @Test("a running member cannot be removed", .realServers())
    func removingRunning() async throws {
        try await RealMembers.with { members in
            _ = try await failure(.directoryInUse) { try await members.host.remove("a", includingData: true) }
            _ = try await members.pid("a")
        }
    }
}

extension RealMembers {
    /// The number of a running member's process.
    func pid(_ name: MemberName) async throws -> Int32 {
        guard case .running(let process) = try await host.state(of: name), let pid = Int32(process.identity) else {
            throw TestFailure("\(name) does not run")
        }
        return pid
    }
}
