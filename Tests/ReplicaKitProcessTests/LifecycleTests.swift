import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

@Suite("A member's life, with real servers")
struct LifecycleTests {
    @Test("create, start, stop, start again, remove", .realServers(), arguments: RealServers.availableVersions)
    func wholeLife(version: String) async throws {
        try await RealMembers.with(version: version, started: false) { members in
            let (host, name) = (members.host, members.names[0])
            #expect(try await host.state(of: name) == .absent)
            try await host.create(name, keyFile: members.keyFile)
            #expect(try await host.state(of: name) == .stopped(.unseen))
            try await host.create(name, keyFile: members.keyFile)
            try await host.start(name)
            guard case .running(let process) = try await host.state(of: name) else {
                Issue.record("it does not run")
                return
            }
            try await host.start(name)
            #expect(try await host.state(of: name) == .running(process))
            #expect(try await host.waitForExit(of: name, timeout: .milliseconds(50)) == nil)
            #expect(try await host.stop(name, grace: .seconds(30)) == .clean)
            #expect(try await host.state(of: name) == .stopped(.clean))
            #expect(try await host.stop(name, grace: .seconds(30)) == .clean)
            try await host.start(name)
            #expect(try await host.stop(name, grace: .zero) == .signal(9))
            #expect(try await host.state(of: name) == .stopped(.signal(9)))
            try await host.remove(name, includingData: true)
            #expect(try await host.state(of: name) == .absent)
            try await host.remove(name, includingData: true)
        }
    }

    /// The kernel closes the files of a killed process after it has taken its arguments, by which we know it.
    @Test("one that was killed a moment ago starts", .realServers())
    func startedWhileItDies() async throws {
        try await RealMembers.with { members in
            let (host, name) = (members.host, members.names[0])
            for _ in 1...3 {
                guard case .running(let process) = try await host.state(of: name) else {
                    Issue.record("it does not run")
                    return
                }
                kill(try #require(pid_t(process.identity)), SIGKILL)
                let deadline = ContinuousClock.now + .seconds(60)
                var state = MemberProcessState.running(process)
                while state == .running(process) || state == .stopped(.unseen) || state == .stopped(.signal(9)) {
                    try #require(ContinuousClock.now < deadline, "\(state)")
                    try await host.start(name)
                    state = try await host.state(of: name)
                }
            }
        }
    }
}
