import Foundation
import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// Starts after a failure that compare the members' histories, on real servers.
@Suite(.serialized) struct HistoriesTests {
    /// Three members that ended one after the other, each with more than the one before.
    private struct Ended {
        var early: MemberName
        var middle: MemberName
        var late: MemberName
        /// How many documents the last of them acknowledged, with the journal.
        var written: Int
    }

    @Test(.realServers(), arguments: RealServers.outermostVersions)
    func theNewestIsFoundAndStartedFirst(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            let set = fixture.set
            let ended = try await endOneByOne(fixture)

            // A plan is made without a look at the data.
            let compare = Intent.start([], comparingHistories: true)
            guard case .plan(let plan) = try await set.propose(compare) else {
                Issue.record("a stopped set has nothing to start")
                return
            }
            #expect(plan.steps.first?.action == .startNewestFirst(fixture.members.names))
            for name in fixture.members.names {
                #expect(!FileManager.default.fileExists(atPath: traces(of: name, fixture)))
            }

            // Without the newest nothing starts.
            let two = Intent.start([ended.early, ended.middle], comparingHistories: true)
            await #expect { _ = try await set.apply(two) } throws: { error in
                let error = error as? ReplicaKitError
                return error?.code == .refused && error?.message.hasPrefix("\(ended.late) has writes up to") == true
            }
            #expect(try await set.view().running.isEmpty)

            let events = Notes()
            _ = try await set.apply(compare, events: { events.add($0) })
            let told = Comment(rawValue: events.lines.joined(separator: "\n"))
            #expect(events.has("\(ended.late) has the newest history"), told)
            #expect(events.has("\(ended.early) lacks the last"), told)
            #expect(events.has("\(ended.middle) lacks the last"), told)
            let begun = try await startTimes(fixture)
            #expect(begun[ended.late] ?? .infinity < begun[ended.middle] ?? 0, told)
            #expect(begun[ended.late] ?? .infinity < begun[ended.early] ?? 0, told)
            let counts: [Int] = try await fixture.judge(Self.count)
            #expect(counts == Array(repeating: ended.written, count: 3), told)
            #expect(try await sameData(fixture), told)
        }
    }

    /// An older term with later writes is not newer.
    @Test(.realServers(), arguments: RealServers.outermostVersions)
    func aDivergedMemberIsNotTakenForTheNewest(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            let set = fixture.set
            let ended = try await endOneByOne(fixture)
            // The other two go on without the last, in a new term, and end.
            _ = try await set.apply(.start([ended.early, ended.middle]))
            let kept: Int = try await fixture.judge(
                Self.primary
                    + "p.shop.orders.insert_many([{'new': i} for i in range(10)])\nresult = p.shop.orders.count_documents({})"
            )
            #expect(kept < ended.written)
            _ = try await set.apply(.stop([], emergency: true))

            let events = Notes()
            _ = try await set.apply(.start([], comparingHistories: true), events: { events.add($0) })
            let told = Comment(rawValue: events.lines.joined(separator: "\n"))
            #expect(events.has("\(ended.late) has writes that"), told)
            let counts: [Int] = try await fixture.judge(Self.count)
            #expect(counts == [kept, kept, kept], told)
            #expect(try await sameData(fixture), told)
        }
    }

    /// A program that died while it read leaves a server on the member's data.
    @Test(.realServers())
    func aStandaloneThatWasLeftRunningDoesNotKeepTheMemberFromStarting() async throws {
        try await LifecycleFixture.with(members: 1) { fixture in
            let (set, host, name) = (fixture.set, fixture.members.host, fixture.members.names[0])
            _ = try await set.apply(.up)
            _ = try await set.apply(.stop([], emergency: false))
            let path = traces(of: name, fixture)
            let (config, left) = try #require(
                try await host.withStandalone(of: name) { address in
                    // Nobody gets in by the localhost exception, and the port is not the member's.
                    #expect(address != fixture.members.addresses[0])
                    return (try String(contentsOfFile: path, encoding: .utf8), address)
                }
            )
            #expect(!FileManager.default.fileExists(atPath: path))
            #expect(try await host.state(of: name) == .stopped(.clean))

            try config.write(toFile: path, atomically: true, encoding: .utf8)
            guard case .process(let runtime) = set.spec.runtime else { throw TestFailure("not a process runtime") }
            let status: Int = try await Judge.ask(
                """
                import subprocess
                result = subprocess.run(input, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
                """,
                input: [runtime.mongod, "--config", path]
            )
            #expect(status == 0)
            let probe = {
                try await set.toolbox.driver.withConnection(to: left, as: .none, timeout: .seconds(2)) {
                    try await $0.run(Hello(), timeout: .seconds(2))
                }
            }
            #expect(try await probe().setName == nil)

            _ = try await set.apply(.start([], comparingHistories: true))
            #expect(try await set.view().primary == fixture.members.addresses[0])
            #expect(!FileManager.default.fileExists(atPath: path))
            await #expect(throws: ReplicaKitError.self) { _ = try await probe() }
        }
    }

    /// The look itself is none of the runs that make a member suspect of holding data.
    @Test(.realServers(), arguments: ["6.0.5", "4.4.2"])
    func aMemberThatWasLookedAtCanStillBeSetUp(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            try await fixture.members.createAndStart(keyFile: fixture)
            for name in fixture.members.names { _ = try await fixture.members.host.stop(name, grace: .seconds(60)) }
            for name in fixture.members.names {
                _ = try await fixture.members.host.withStandalone(of: name) { _ in true }
            }
            _ = try await fixture.set.apply(.up)
            #expect(try await fixture.set.view().primary != nil)
        }
    }

    // MARK: Helpers

    private static let primary = """
        def leads(c):
            try: return c.admin.command("hello")["isWritablePrimary"]
            except pymongo.errors.ServerSelectionTimeoutError: return False
        p = next(c for c in m if leads(c))

        """

    private static let count = """
        import time
        limit = time.monotonic() + 30
        while True:
            result = [c.shop.orders.count_documents({}) for c in m]
            if len(set(result)) == 1 or time.monotonic() > limit: break
            time.sleep(0.1)
        """

    private func endOneByOne(_ fixture: LifecycleFixture) async throws -> Ended {
        let (set, host) = (fixture.set, fixture.members.host)
        _ = try await set.apply(.up)
        let primary = try #require(try await set.view().primary)
        let late = try #require(set.spec.members.first { $0.host == primary }?.name)
        let others = fixture.members.names.filter { $0 != late }
        _ = try await set.apply(.stop([others[0]], emergency: false))
        _ = try await fixture.insert(100, on: primary, concern: "pymongo.WriteConcern(w=2)")
        _ = try await host.stop(others[1], grace: .zero)
        // Its secondaries are gone; until it notices, it takes writes that nobody else has.
        let written = try await fixture.insert(100, on: primary, concern: "pymongo.WriteConcern(w=1, j=True)")
        _ = try await host.stop(late, grace: .zero)
        return Ended(early: others[0], middle: others[1], late: late, written: written)
    }

    /// Whether all members have the same of everything that is replicated.
    private func sameData(_ fixture: LifecycleFixture) async throws -> Bool {
        try await fixture.judge(
            """
            import time
            limit = time.monotonic() + 30
            while True:
                hashes = {c.shop.command("dbHash")["md5"] for c in m}
                result = len(hashes) == 1
                if result or time.monotonic() > limit: break
                time.sleep(0.1)
            """
        )
    }

    private func startTimes(_ fixture: LifecycleFixture) async throws -> [MemberName: Double] {
        var times: [MemberName: Double] = [:]
        for name in fixture.members.names {
            if case .running(let process) = try await fixture.members.host.state(of: name) {
                times[name] = process.startedAt
            }
        }
        return times
    }

    private func traces(of name: MemberName, _ fixture: LifecycleFixture) -> String {
        fixture.members.directory.path("data/\(name)/\(StandaloneConfig.fileName)")
    }
}

extension RealMembers {
    /// Creates and starts all members with the keyfile that the fixture's set has.
    fileprivate func createAndStart(keyFile fixture: LifecycleFixture) async throws {
        let keyFile = try fixture.set.secrets.readOrCreateKeyFile(fixture.set.spec.security.keyFile)
        for name in names {
            try await host.create(name, keyFile: keyFile)
            try await host.start(name)
        }
    }
}
