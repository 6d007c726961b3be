import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// Set-up, on real servers, judged by another client.
@Suite(.serialized) struct SetUpTests {
    struct Judged: Decodable, Sendable {
        var votes: [Int]
        var priorities: [Double]
        var states: [String]
        var heartbeat: Int
        var writeConcern: String
        var acknowledged: Int
        var marks: Int
    }

    static let script = """
        status = m[0].admin.command("replSetGetStatus")
        primary = next(i for i, c in enumerate(m) if c.admin.command("hello")["isWritablePrimary"])
        conf = m[primary].admin.command("replSetGetConfig")["config"]
        concern = pymongo.WriteConcern(w=len(m), wtimeout=10000)
        m[primary].test.get_collection("x", write_concern=concern).insert_one({"a": 1})
        result = {
            "votes": [x["votes"] for x in conf["members"]], "priorities": [x["priority"] for x in conf["members"]],
            "states": sorted(x["stateStr"] for x in status["members"]),
            "heartbeat": conf["settings"]["heartbeatIntervalMillis"],
            "writeConcern": str(m[primary].admin.command("getDefaultRWConcern")["defaultWriteConcern"]["w"]),
            "acknowledged": sum(c.test.x.count_documents({}) for c in m),
            "marks": sum(1 for x in conf["members"] if "newlyAdded" in x),
        }
        """

    @Test(.realServers(), arguments: RealServers.availableVersions)
    func bringsUpTheSetOfTheSpecAndThenHasNothingToDo(version: String) async throws {
        try await LifecycleFixture.with(version: version, editing: { $0.members[1].priority = 2 }) { fixture in
            _ = try await fixture.set.apply(.up)
            let judged: Judged = try await fixture.judge(Self.script)
            #expect(judged.votes == [1, 1, 1])
            #expect(judged.priorities == [1, 2, 1])
            #expect(judged.states == ["PRIMARY", "SECONDARY", "SECONDARY"])
            #expect(judged.heartbeat == 2000)
            #expect(judged.writeConcern == "majority")
            #expect(judged.acknowledged == 3)
            #expect(judged.marks == 0)

            guard case .nothingToDo = try await fixture.set.propose(.up) else {
                Issue.record("a set that is up still has something to do")
                return
            }
            let records = try fixture.set.journal.records()
            #expect(records.map(\.outcome) == [.finished])
        }
    }

    @Test(.realServers(), arguments: [1, 2, 5])
    func takesAnyNumberOfMembers(count: Int) async throws {
        try await LifecycleFixture.with(members: count) { fixture in
            _ = try await fixture.set.apply(.up)
            let judged: Judged = try await fixture.judge(Self.script)
            #expect(judged.votes == Array(repeating: 1, count: count))
            #expect(judged.heartbeat == 2000)
            #expect(judged.acknowledged == count)
        }
    }

    @Test(.realServers())
    func takesArbitersHiddenDelayedAndNonVotingMembers() async throws {
        try await LifecycleFixture.with(
            members: 5,
            editing: { spec in
                spec.members[1].arbiter = true
                spec.members[1].priority = 0
                spec.members[2].hidden = true
                spec.members[2].priority = 0
                spec.members[3].priority = 0
                spec.members[3].votes = 0
                spec.members[3].delaySeconds = 2
                spec.settings.heartbeatIntervalMillis = 1000
            }
        ) { fixture in
            _ = try await fixture.set.apply(.up)
            let view = try await fixture.set.view()
            let config = try #require(view.config)
            let arbiter = try #require(config.member(fixture.members.addresses[1]))
            #expect(arbiter.isArbiter)
            let hidden = try #require(config.member(fixture.members.addresses[2]))
            #expect(hidden.isHidden && hidden.votes == 1)
            let delayed = try #require(config.member(fixture.members.addresses[3]))
            #expect(delayed.delaySeconds == 2 && delayed.votes == 0)
            #expect(config.settings.heartbeatIntervalMillis == 1000)
            guard case .nothingToDo = try await fixture.set.propose(.up) else {
                Issue.record("a set that is up still has something to do")
                return
            }
        }
    }

    @Test(.realServers(), arguments: ["6.0.5", "4.4.2"])
    func neverWipesAMemberThatHoldsData(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            let names = fixture.members.names
            // A standalone wrote here before somebody put the directory into the spec.
            let keyFile = try fixture.set.secrets.readOrCreateKeyFile(fixture.set.spec.security.keyFile)
            for name in names { try await fixture.members.host.create(name, keyFile: keyFile) }
            try await Standalone.write(into: fixture, member: names[1])

            await #expect { _ = try await fixture.set.apply(.up) } throws: { error in
                (error as? ReplicaKitError)?.code == .refused
            }
            let view = try await fixture.set.view()
            #expect(view.config == nil)
        }
    }
}
