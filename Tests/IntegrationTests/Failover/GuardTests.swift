import Glibc
import ReplicaKit
import ReplicaKitProcess
import Synchronization
import TestSupport
import Testing

/// The guard, beside real deaths, hangs and false alarms, as an independent client sees them.
@Suite(.serialized) struct GuardTests {
    /// Runs a guard while something happens, and gives what it told.
    private func guarding<Result: Sendable>(
        _ set: ReplicaSet,
        _ body: @Sendable (GuardLog) async throws -> Result
    ) async throws -> Result {
        let log = GuardLog()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await FailoverGuard(set: set, settings: .init(maximumElections: 10)).run { event in
                    log.add(event)
                }
            }
            defer { group.cancelAll() }
            try await log.wait(for: .watching, count: 1)
            return try await body(log)
        }
    }

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
                try await guarding(set) { log in
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
                try await guarding(set) { log in
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
            try await guarding(set) { log in
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
    func withoutAMajorityNothingIsDone() async throws {
        try await LifecycleFixture.with { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            try await guarding(set) { log in
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

/// What a guard told, in order.
final class GuardLog: Sendable {
    private let events = Mutex<[GuardEvent]>([])

    func add(_ event: GuardEvent) { events.withLock { $0.append(event) } }

    var kinds: [GuardEvent.Kind] { events.withLock { $0.map(\.kind) } }
    var text: String {
        events.withLock { $0 }.map { "\($0.at) \($0.kind): \($0.message) \($0.seconds ?? 0)" }.joined(separator: "\n")
    }

    /// Waits until so many events of a kind were told.
    func wait(for kind: GuardEvent.Kind, count: Int) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while kinds.count(where: { $0 == kind }) < count {
            guard ContinuousClock.now < deadline else {
                throw TestFailure("the guard did not tell \(kind) \(count) times:\n\(text)")
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
