import Logging
import ReplicaKit
import ReplicaKitMongo
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

    @Test(.realServers(), arguments: RealServers.availableVersions)
    func whatABackupIsMadeOfIsLeftAloneOrSaid(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let primary = try #require(try await set.view().primary)
            let leader = try #require(set.spec.members.firstIndex { $0.host == primary })
            let others = set.spec.members.filter { $0.host != primary }

            // A program that makes a backup reads from the first of the others.
            let dump = LibMongoCDriver(applicationName: "mongodump", logger: .silent)
            let login = MemberAuthentication.password(
                Credential(
                    user: set.spec.security.admin.user,
                    password: try set.secrets.read(set.spec.security.admin.password)
                )
            )
            try await dump.withConnection(to: others[0].host, as: login, timeout: .seconds(10)) { connection in
                _ = try await connection.run(Ping(), timeout: .seconds(5))
                #expect(try await successor(set.failover(Failover(from: primary)), set) == others[1].name)
                let named = try await set.propose(.failover(Failover(to: others[0].name)))
                #expect(named.plan?.warnings.contains { $0.contains("mongodump") } == true)
                let restart = try await set.propose(try await set.restart())
                #expect(restart.plan?.warnings.contains { $0.contains("mongodump") } == true)
            }

            let other = leader == 0 ? 1 : 0
            try await fixture.lock(other)
            #expect(try await successor(set.failover(Failover(from: primary)), set) == others[1].name)
            for intent in [.failover(Failover(to: others[0].name)), try await set.restart()] as [Intent] {
                let refusal = try await set.propose(intent).refusal
                #expect(refusal?.message.contains("fsyncLock") == true, "\(String(describing: refusal))")
            }
            try await fixture.unlock(other)

            try await fixture.lock(leader)
            let refusal = try await set.propose(set.failover(Failover(from: primary))).refusal
            #expect(refusal?.message.contains("fsyncLock") == true, "\(String(describing: refusal))")
            try await fixture.unlock(leader)
            _ = try await set.apply(.failover(Failover(to: others[0].name)))
        }
    }

    private func successor(_ intent: Intent, _ set: ReplicaSet) async throws -> MemberName? {
        guard case .makePrimary(let name, _, _)? = try await set.propose(intent).plan?.steps.first?.action else {
            return nil
        }
        return name
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

extension Proposal {
    fileprivate var plan: Plan? { if case .plan(let plan) = self { plan } else { nil } }
    fileprivate var refusal: Refusal? { if case .refusal(let refusal) = self { refusal } else { nil } }
}

extension LifecycleFixture {
    /// Locks a member against writes, as for a copy of its files.
    fileprivate func lock(_ index: Int) async throws {
        let _: Bool = try await judge("result = m[\(index)].admin.command('fsync', lock=True)['ok'] == 1")
    }

    fileprivate func unlock(_ index: Int) async throws {
        let _: Bool = try await judge("result = m[\(index)].admin.command('fsyncUnlock')['ok'] == 1")
    }

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
