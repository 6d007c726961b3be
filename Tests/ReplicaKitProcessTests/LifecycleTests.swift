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
}
