import ReplicaKit
import Testing

@Suite("Majority, states, config and oplog window")
struct JudgmentTests {
    @Test(
        "voters count by their own state",
        arguments: [
            ([.primary, .secondary, .secondary], 3), ([.primary, .recovering, .startup2], 3),
            ([.primary, .startup, .unknown], 1), ([.secondary, .rollback, .arbiter], 3),
        ] as [([MemberState], Int)]
    )
    func majority(states: [MemberState], healthy: Int) async throws {
        let members = states.enumerated().map { FakeMember($0.offset, $0.element) }
        let majority = try await snapshot(of: members).majority
        #expect(majority.healthy.count == healthy)
        #expect(majority.isReachable == (healthy >= 2))
        #expect(majority.margin == healthy - 2)
    }

    @Test("of an even set a majority is more than half")
    func evenSet() async throws {
        let members = (0..<4).map { number in
            FakeMember(number, number == 0 ? .primary : .secondary) { if number > 1 { $0.behaviour = .refuses } }
        }
        let majority = try await snapshot(of: members).majority
        #expect(majority.needed == 3)
        #expect(!majority.isReachable)
        #expect(majority.missing == [2, 3].map(Shapes.address))
    }

    @Test("a member that does not answer has the state that the primary reports, and says whose word that is")
    func reportedState() async throws {
        var members = FakeMember.healthySet
        members[0].sees[2] = .down
        members[1].sees[2] = .secondary
        members[2].behaviour = .refuses
        let taken = try await snapshot(of: members)
        let reading = taken.state(of: taken.members[2])
        #expect(reading == MemberStateReading(.down, source: .reported(by: Shapes.address(0))))
        #expect(taken.state(of: taken.members[1]) == MemberStateReading(.secondary, source: .own))
    }

    @Test("without a primary the member is believed that heard from it last")
    func reportedStateWithoutPrimary() async throws {
        var members = (0..<3).map { FakeMember($0) }
        members[0].sees[2] = .recovering
        members[1].sees[2] = .down
        members[2].behaviour = .refuses
        let taken = try await snapshot(of: members)
        #expect(taken.state(of: taken.members[2])?.source == .reported(by: Shapes.address(0)))
        #expect(taken.state(of: taken.members[2])?.state == .recovering)
    }

    @Test(
        "the newer config is told by term, then version; without a term, by version alone",
        arguments: [
            (Int64(2), 3, Int64(1), 9, true), (2, 3, 2, 2, true), (2, 3, 2, 4, false), (2, 3, 2, 3, false),
            (-1, 50000, 7, 3, true), (7, 3, -1, 50000, false),
        ]
    )
    func newerConfig(term: Int64, version: Int, otherTerm: Int64, otherVersion: Int, isNewer: Bool) throws {
        let members = FakeMember.healthySet
        let config = try ReplicaSetConfig(document: Shapes.config(members, version: version, term: term))
        let other = try ReplicaSetConfig(document: Shapes.config(members, version: otherVersion, term: otherTerm))
        #expect(config.isNewer(than: other) == isNewer)
    }

    @Test("the current config is the newest that any member has, and removed members are not asked for")
    func staleConfig() async throws {
        var members = FakeMember.healthySet
        let old = Shapes.config(members + [FakeMember(3)], version: 1, term: 2)
        members[1].replies["replSetGetConfig"] = ["config": .document(old), "ok": 1.0]
        let taken = try await snapshot(of: members, config: Shapes.config(members, version: 2, term: 2))
        #expect(taken.currentConfig?.version == 2)
        #expect(taken.members.count == 3)
    }

    @Test("the oplog window is the smallest of all members that hold data")
    func oplogWindow() async throws {
        func ends(_ seconds: Int64) -> [Result<OplogEntry?, ReplicaKitError>] {
            [
                .success(OplogEntry(timestamp: Shapes.timestamp(age: seconds * 1000))),
                .success(OplogEntry(timestamp: Shapes.timestamp(age: 0))),
            ]
        }
        var taken = try await snapshot(of: FakeMember.healthySet)
        for (index, seconds) in [3600, 900, 86400].enumerated() {
            guard case .reachable(var view) = taken.members[index].outcome else { continue }
            (view.oplogFirst, view.oplogLast) = (ends(Int64(seconds))[0], ends(Int64(seconds))[1])
            taken.members[index].outcome = .reachable(view)
        }
        #expect(taken.oplogWindow.seconds == 900)
        #expect(taken.oplogWindow.smallestMember == Shapes.address(1))
        #expect(try await snapshot(of: FakeMember.healthySet).oplogWindow.seconds == nil)
    }
}
