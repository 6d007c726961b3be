import Foundation
import ReplicaKit
import Testing

@Suite("Status at a glance")
struct ReplicaSetStatusTests {
    private func json(_ snapshot: ReplicaSetSnapshot) throws -> BSONDocument {
        let encoder = JSONEncoder()
        return try BSONDocument(extendedJSON: Array(encoder.encode(ReplicaSetStatus(snapshot))))
    }

    @Test("has every key, with what is unknown as null")
    func keys() async throws {
        var members = FakeMember.healthySet
        members[2].behaviour = .refuses
        let entries = [3600_000, 0].map { OplogEntry(timestamp: Shapes.timestamp(age: $0)) }
        var taken = try await snapshot(of: members, oplog: entries)
        taken.takenAt = BSONDateTime(milliseconds: Shapes.now)
        let document = try json(taken)
        #expect(document["set"] == "rs0")
        #expect(document["term"]?.intValue == 2)
        #expect(document["primary"] == "127.0.0.1:27300")
        #expect(document["majorityReachable"] == true)
        #expect(document["oplogWindowSeconds"]?.intValue == 3600)
        #expect(document["configVersion"]?.intValue == 1)
        #expect(document["takenAt"] == "2026-11-23T08:41:24Z")
        let list = try #require(document["members"]?.arrayValue).compactMap(\.documentValue)
        let expected: Set<String> = [
            "id", "name", "host", "state", "reachable", "lagSeconds", "votes", "priority", "hidden", "arbiter",
            "delaySeconds", "uptimeSeconds", "syncSource", "pingSeconds", "serverVersion", "error",
        ]
        #expect(list.map { Set($0.keys) } == [expected, expected, expected])
        #expect(list[1]["state"] == "SECONDARY")
        #expect(list[1]["lagSeconds"]?.doubleValue == 0)
        #expect(list[1]["syncSource"] == "127.0.0.1:27300")
        #expect(list[1]["uptimeSeconds"]?.doubleValue == 36)
        #expect(list[1]["serverVersion"] == "6.0.5")
        #expect(list[1]["error"] == .null)
        #expect(list[2]["reachable"] == false)
        #expect(list[2]["lagSeconds"] == .null)
        #expect(list[2]["id"]?.intValue == 2)
        #expect(list[2]["error"]?.documentValue?["code"] == "connection.refused")
    }

    @Test("shows votes, priority, hidden and delay by the config, whatever the spec says")
    func configWins() async throws {
        var members = FakeMember.healthySet
        members[2].isHidden = true
        members[2].priority = 0
        members[2].votes = 0
        members[2].delaySeconds = 3600
        let taken = try await snapshot(of: members, spec: .of(FakeMember.healthySet))
        let member = ReplicaSetStatus(taken).members[2]
        #expect((member.hidden, member.priority, member.votes, member.delaySeconds) == (true, 0, 0, 3600))
    }

    @Test("is the same through this library's encoder")
    func throughBSON() async throws {
        var members = FakeMember.healthySet
        members[2].behaviour = .refuses
        let taken = try await snapshot(of: members)
        let status = ReplicaSetStatus(taken)
        let ours = Data(try BSONEncoder().encode(status).extendedJSON(.relaxed).utf8)
        let theirs = try JSONEncoder().encode(status)
        let values = try [ours, theirs].map { try JSONSerialization.jsonObject(with: $0) as? NSDictionary }
        #expect(values[0] == values[1])
    }

    @Test("of 50 members is computed in a moment")
    func manyMembers() async throws {
        let members = (0..<50).map { number in
            FakeMember(number, number == 0 ? .primary : .secondary) {
                if number > 6 { ($0.votes, $0.priority) = (0, 0) }
            }
        }
        let spec = ReplicaSetSpec.of([members[0]])
        let taken = try await snapshot(of: members, spec: spec)
        let start = ContinuousClock.now
        let status = ReplicaSetStatus(taken)
        #expect(start.duration(to: .now) < .seconds(2))
        #expect(status.members.map(\.id) == (0..<50).map { MemberID(rawValue: $0) })
    }

    @Test("of a set that nobody can see has nothing in it but the spec")
    func nobody() async throws {
        var members = FakeMember.healthySet
        for index in members.indices { members[index].behaviour = .refuses }
        let document = try json(try await snapshot(of: members))
        #expect(document["term"] == .null)
        #expect(document["primary"] == .null)
        #expect(document["majorityReachable"] == false)
        #expect(document["oplogWindowSeconds"] == .null)
        #expect(document["configVersion"] == .null)
        #expect(document[path: "members", "0", "name"] == "a")
        #expect(document[path: "members", "0", "state"] == .null)
        #expect(document[path: "members", "0", "priority"]?.doubleValue == 1)
    }
}
