import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// The guard, beside real deaths, hangs and false alarms, as an independent client sees them.
@Suite(.serialized) struct GuardTests {
    private func pid(of address: MemberAddress, _ fixture: LifecycleFixture) async throws -> pid_t {
        let name = try #require(fixture.set.spec.members.first { $0.host == address }?.name)
        guard case .running(let process) = try await fixture.members.host.state(of: name) else {
            throw TestFailure("\(name) does not run")
        }
        return try #require(pid_t(process.identity))
    }

    @Test(.realServers())
    func aKilledPrimaryIsSucceededAtOnce() async throws {
        try await LifecycleFixture.with { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let (log, report) = try await IndependentWriter.during(try fixture.writer()) {
                try await GuardLog.guarding(set) { log in
                    for round in 1...3 {
                        let primary = try #require(try await set.view().primary)
                        kill(try await pid(of: primary, fixture), SIGKILL)
                        try await log.wait(for: .elected, count: round)
                        _ = try await set.apply(.start([]))
                        try await log.wait(for: .watching, count: round + 1)
                    }
                    return log
                }
            }
            let told = Comment(rawValue: "\(report)\n\(log.text)")
            #expect(report.majority.lost == 0, told)
            // Far from the ten seconds that the set alone takes, however busy this machine is.
            for stream in [report.majority, report.one, report.plain] { #expect(stream.longestGapSeconds < 5, told) }
        }
    }

    @Test(.realServers())
    func aHungPrimaryIsFencedAndSucceeded() async throws {
        try await LifecycleFixture.with { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let (log, report) = try await IndependentWriter.during(try fixture.writer()) {
                try await GuardLog.guarding(set) { log in
                    let primary = try #require(try await set.view().primary)
                    try await hang(try await pid(of: primary, fixture))
                    try await log.wait(for: .elected, count: 1)
                    return log
                }
            }
            let told = Comment(rawValue: "\(report)\n\(log.text)")
            #expect(log.kinds.contains(.fenced), told)
            #expect(report.majority.lost == 0, told)
            for stream in [report.majority, report.one, report.plain] { #expect(stream.longestGapSeconds < 8, told) }
        }
    }

    @Test(.realServers())
    func falseAlarmsCostNoElection() async throws {
        try await LifecycleFixture.with { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let term = try await self.term(of: set)
            try await GuardLog.guarding(set) { log in
                // A primary that stands still for less than three probes.
                let primary = try #require(try await set.view().primary)
                let pid = try await pid(of: primary, fixture)
                for _ in 1...3 {
                    try await hang(pid)
                    try await Task.sleep(for: .milliseconds(700))
                    kill(pid, SIGCONT)
                    try await Task.sleep(for: .milliseconds(700))
                }
                #expect(try await self.term(of: set) == term)
                // Planned work: the only election is its own.
                _ = try await set.apply(try await set.failover())
                try await log.wait(for: .watching, count: 2)
                #expect(try await self.term(of: set) == term + 1)
                _ = try await set.apply(try await set.restart())
                #expect(!log.kinds.contains(.asked), Comment(rawValue: log.text))
                #expect(!log.kinds.contains(.fenced), Comment(rawValue: log.text))
            }
        }
    }

    @Test(.realServers())
    func aPrimaryThatTheGuardAloneCannotReachIsLeftAlone() async throws {
        try await LifecycleFixture.with { fixture in
            _ = try await fixture.set.apply(.up)
            let term = try await self.term(of: fixture.set)
            let driver = CutOffDriver()
            var toolbox = fixture.set.toolbox
            toolbox.driver = driver
            let set = ReplicaSet(
                spec: fixture.set.spec,
                baseDirectory: fixture.members.directory.path,
                toolbox: toolbox
            )
            try await GuardLog.guarding(set) { log in
                let primary = try #require(try await fixture.set.view().primary)
                let process = try await pid(of: primary, fixture)
                driver.lose(primary)
                try await log.wait(for: .leftAlone, count: 1)
                // Several times as long as it takes until a primary that hangs is fenced.
                try await Task.sleep(for: .seconds(8))
                #expect(!log.kinds.contains(.fenced), Comment(rawValue: log.text))
                #expect(!log.kinds.contains(.asked), Comment(rawValue: log.text))
                #expect(try await pid(of: primary, fixture) == process)
                #expect(try await self.term(of: fixture.set) == term)
                // It goes on watching: a death is a death, whatever its network.
                kill(process, SIGKILL)
                try await log.wait(for: .elected, count: 1)
            }
        }
    }

    @Test(.realServers())
    func withoutAMajorityNothingIsDone() async throws {
        try await LifecycleFixture.with { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            try await GuardLog.guarding(set) { log in
                let primary = try #require(try await set.view().primary)
                let others = fixture.members.addresses.filter { $0 != primary }
                let pids = [try await pid(of: primary, fixture), try await pid(of: others[0], fixture)]
                for pid in pids { kill(pid, SIGKILL) }
                try await log.wait(for: .failed, count: 1)
                #expect(!log.kinds.contains(.elected), Comment(rawValue: log.text))
            }
            let view = try await set.view()
            #expect(view.primary == nil)
            #expect(view.config?.members.count == 3)
        }
    }

    private func term(of set: ReplicaSet) async throws -> Int64 {
        try #require(ReplicaSetStatus(try await set.snapshot()).term)
    }
}
