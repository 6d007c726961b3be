import Foundation
import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// The primary dies while one of our own procedures is under way.
@Suite(.serialized, .timeLimit(.minutes(10))) struct DeathHarnessTests {
    @Test(.realServers())
    func whilePrioritiesAndVotesChange() async throws {
        try await DeathHarness.with { harness in
            let changes: [(milliseconds: Int, priority: Double, votes: Int, voters: Int)] = [
                (0, 0, 1, 3), (5, 1, 1, 3), (20, 0, 0, 2), (50, 1, 1, 2),
            ]
            for change in changes {
                let set = harness.set { spec in
                    spec.members[2].priority = change.priority
                    spec.members[2].votes = change.votes
                }
                _ = try await harness.killPrimary(
                    of: set,
                    at: .after(change.milliseconds, of: "editConfig"),
                    of: .apply(["c"]),
                    afterDeath: { dead in
                        // Of two voters none is a majority: whoever looks after processes starts the dead one again.
                        if change.voters == 2 { try await harness.fixture.members.host.start(dead) }
                    }
                )
                try await harness.recover(set)
                try await harness.expectWhole(set)
            }
        }
    }

    @Test(.realServers())
    func whileAMemberJoins() async throws {
        try await DeathHarness.with(members: 4, idle: 1) { harness in
            let set = harness.set()
            let joins: @Sendable (StepAction) -> Bool = {
                if case .editConfig(let edits) = $0, case .addMember = edits.first { true } else { false }
            }
            let votes: @Sendable (StepAction) -> Bool = {
                if case .editConfig(let edits) = $0, case .setVotes = edits.first { true } else { false }
            }
            let moments: [DeathHarness.Moment] = [
                .after(0, of: joins), .after(20, of: votes),
            ]
            for (index, moment) in moments.enumerated() {
                if index > 0 { _ = try await set.apply(.remove("d", includingData: true), events: harness.notes.add) }
                _ = try await harness.killPrimary(of: set, at: moment, of: .apply(["d"]))
                try await harness.recover(set, resumingFirst: index % 2 == 0)
                try await harness.expectWhole(set)
            }
        }
    }

    @Test(.realServers())
    func whileItHandsOver() async throws {
        try await DeathHarness.with { harness in
            let set = harness.set()
            for milliseconds in [0, 300] {
                let intent = try await set.failover()
                let dead = try await harness.killPrimary(
                    of: set,
                    at: .after(milliseconds, of: "makePrimary"),
                    of: intent
                )
                try await harness.recover(set)
                try await harness.expectWhole(set)
                // Whoever came first, the one that was to be succeeded is.
                let old = try set.spec.member(dead).host
                #expect(try await set.view().primary != old, harness.told())
            }
        }
    }

    @Test("It has handed over, and does not live to follow its successor: that is said at once", .realServers())
    func whenItIsSucceeded() async throws {
        try await DeathHarness.with { harness in
            let set = harness.set()
            let old = try #require(try await set.view().primary)
            let name = try #require(set.spec.members.first { $0.host == old }?.name)
            let (pid, intent) = (try await harness.fixture.pid(of: name), try await set.failover())
            let started = ContinuousClock.now
            await #expect {
                try await set.apply(
                    intent,
                    events: { event in
                        harness.notes.add(event)
                        if case .stepNoted(_, let text) = event, text.contains("accepts writes") { kill(pid, SIGKILL) }
                    }
                )
            } throws: { error in
                let error = error as? ReplicaKitError
                return error?.code == .memberNotRunning && error?.member == old
                    && error?.hint?.contains("start \(name)") == true
            }
            // Not after the whole time that it has to follow.
            #expect(ContinuousClock.now - started < .seconds(15), harness.told())
            try await harness.recover(set)
            try await harness.expectWhole(set)
            #expect(try await set.view().primary != old, harness.told())
        }
    }

    @Test(.realServers())
    func whileMembersRestart() async throws {
        try await DeathHarness.with { harness in
            let set = harness.set()
            let moments: [DeathHarness.Moment] = [
                .after(200, of: "restartMember"), .after(50, of: "makePrimary"),
            ]
            for moment in moments {
                let before = try await set.view().processes
                _ = try await harness.killPrimary(of: set, at: moment, of: try await set.restart())
                try await harness.recover(set)
                try await harness.expectWhole(set)
                let after = try await set.view().processes
                for (name, process) in before { #expect(after[name] != process, harness.told("\(name)")) }
            }
        }
    }

    @Test("While a member copies the data from it", .realServers())
    func whileAMemberCopiesTheData() async throws {
        try await DeathHarness.with(
            members: 4,
            idle: 1,
            editing: { spec in
                guard case .process(var runtime) = spec.runtime else { return }
                runtime.parameters["initialSyncSourceReadPreference"] = "primary"
                spec.runtime = .process(runtime)
            }
        ) { harness in
            let (set, fixture) = (harness.set(), harness.fixture)
            try await fixture.fill(megabytes: 40)
            for (round, milliseconds) in [0, 50].enumerated() {
                if round > 0 { _ = try await set.apply(.remove("d", includingData: true), events: harness.notes.add) }
                // As a run that ended there would have left it; what it is to stop at can be told to it then.
                let keyFile = try set.secrets.readKeyFile(set.spec.security.keyFile)
                try await fixture.members.host.create("d", keyFile: keyFile)
                try await fixture.members.host.start("d")
                try await fixture.hangInitialSync(of: "d", true)
                _ = try await harness.killPrimary(
                    of: set,
                    at: .after(milliseconds, of: "awaitMembers"),
                    of: .apply(["d"]),
                    beforeDeath: {
                        try await fixture.waitForSource(of: "d")
                        // In the first round it has copied nothing yet, in the others it is about it.
                        if round > 0 { try await fixture.hangInitialSync(of: "d", false) }
                    },
                    afterDeath: { _ in try await fixture.hangInitialSync(of: "d", false) }
                )
                try await harness.recover(set, resumingFirst: false)
                try await harness.expectWhole(set)
            }
        }
    }
}

extension LifecycleFixture {
    /// Something to copy.
    fileprivate func fill(megabytes: Int) async throws {
        try await act(
            """
            p = next(c for c in m[:3] if c.admin.command("hello")["isWritablePrimary"])
            c = p.shop.get_collection("orders", write_concern=pymongo.WriteConcern(w="majority"))
            import os
            for _ in range(\(megabytes)): c.insert_many([{"text": os.urandom(8192)} for _ in range(128)])
            """
        )
    }

    private static let failPoint = "initialSyncHangBeforeCopyingDatabases"

    /// Keeps a member from copying, or lets it.
    fileprivate func hangInitialSync(of name: MemberName, _ isOn: Bool) async throws {
        _ = try await asTheSet(
            name,
            ["configureFailPoint": .string(Self.failPoint), "mode": isOn ? "alwaysOn" : "off"]
        )
    }

    /// Until a member has chosen whom to copy from.
    fileprivate func waitForSource(of name: MemberName) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            let status = try? await asTheSet(name, ["replSetGetStatus": 1])
            if status?["initialSyncStatus"] != nil, status?["syncSourceHost"]?.stringValue?.isEmpty == false { return }
            // A pause between two looks.
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestFailure("\(name) does not begin its initial sync")
    }

    /// A command as the set itself: a member that copies users has none yet.
    private func asTheSet(_ name: MemberName, _ command: BSONDocument) async throws -> BSONDocument {
        let key = try set.secrets.readKeyFile(set.spec.security.keyFile)
        let address = try set.spec.member(name).host
        return try await set.toolbox.driver.withConnection(to: address, as: .keyFile(key), timeout: .seconds(10)) {
            try await $0.run(command, on: "admin", timeout: .seconds(10))
        }
    }
}
