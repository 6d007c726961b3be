import ReplicaKit
import TestSupport
import Testing

/// Planned failovers and rolling restarts of loaded sets, as an independent client sees them.
@Suite(.serialized) struct FailoverTests {
    @Test(.realServers(), arguments: RealServers.availableVersions)
    func theNamedMemberTakesOverAndNoAcknowledgedMajorityWriteIsLost(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let names = fixture.members.names
            let events = EventLog()
            let (_, report) = try await IndependentWriter.during(try fixture.writer()) {
                for successor in [names[1], names[2], names[0], names[2]] {
                    let found = try await set.apply(
                        .failover(Failover(to: successor)),
                        events: { event in Task { await events.add(event) } }
                    )
                    #expect(found == "\(successor) is the primary")
                }
            }
            let told = Comment(rawValue: "\(report)\n\(await events.lines.joined(separator: "\n"))")
            #expect(report.majority.lost == 0, told)
            #expect(report.majority.acknowledged > 100)
            // Not a matter of speed: an election that had to wait for its timeout takes ten seconds.
            for stream in [report.majority, report.one, report.plain] { #expect(stream.longestGapSeconds < 5, told) }
        }
    }

    @Test(.realServers())
    func aRollingRestartReplacesEveryProcessAndLosesNothing() async throws {
        try await LifecycleFixture.with(editing: { $0.members[1].priority = 2 }) { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let before = try await set.view()
            let intent = try await set.restart()
            let events = EventLog()
            let (_, report) = try await IndependentWriter.during(try fixture.writer()) {
                _ = try await set.apply(intent, events: { event in Task { await events.add(event) } })
            }
            let told = Comment(rawValue: "\(report)\n\(await events.lines.joined(separator: "\n"))")
            let after = try await set.view()
            for name in fixture.members.names { #expect(before.processes[name] != after.processes[name]) }
            #expect(after.primary == fixture.members.addresses[1])
            #expect(report.majority.lost == 0, told)
            for stream in [report.majority, report.one, report.plain] { #expect(stream.longestGapSeconds < 5, told) }
            guard case .nothingToDo = try await set.propose(intent) else {
                Issue.record("the restart has still something to do")
                return
            }
        }
    }
}

extension LifecycleFixture {
    /// What the independent writer needs.
    func writer() throws -> IndependentWriter.Input {
        let login = try login()
        return IndependentWriter.Input(
            set: set.spec.name.rawValue,
            members: members.addresses.map(\.description),
            user: login.user,
            password: login.password
        )
    }
}
