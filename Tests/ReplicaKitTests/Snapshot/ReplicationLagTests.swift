import ReplicaKit
import Testing

/// A secondary beside a primary. Ages are of the last applied write, in milliseconds before now.
struct LagCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// The age of the primary's last write, and of the secondary's.
    let primaryAge: Int64, age: Int64
    /// The ages of the entries in the primary's oplog.
    var oplog: [Int64] = []
    var delaySeconds = 0
    /// Seconds behind beyond the delay.
    let seconds: Double
    var isEstimate = false

    static let all = [
        LagCase(testDescription: "has the last write", primaryAge: 0, age: 0, seconds: 0),
        LagCase(testDescription: "was asked later than the primary", primaryAge: 500, age: 20, seconds: 0),
        LagCase(testDescription: "is behind within a second", primaryAge: 10, age: 410, seconds: 0.4),
        LagCase(
            testDescription: "has just not fetched the idle set's entry of every 10 seconds",
            primaryAge: 30,
            age: 10_030,
            oplog: [10_030, 30],
            seconds: 0.03
        ),
        LagCase(
            testDescription: "lacks all writes of the last minute",
            primaryAge: 0,
            age: 60_000,
            oplog: [60_000, 59_000, 30_000, 0],
            seconds: 59
        ),
        LagCase(
            testDescription: "stopped on an idle set: the difference of optimes hides that it is behind",
            primaryAge: 9000,
            age: 9100,
            oplog: [9100, 9000],
            seconds: 9
        ),
        LagCase(
            testDescription: "the first missing write cannot be looked up",
            primaryAge: 0,
            age: 25_000,
            seconds: 25,
            isEstimate: true
        ),
        LagCase(
            testDescription: "keeps its delay",
            primaryAge: 0,
            age: 60_400,
            delaySeconds: 60,
            seconds: 0.4
        ),
        LagCase(
            testDescription: "is later than its delay",
            primaryAge: 0,
            age: 75_000,
            oplog: [75_000, 74_000, 0],
            delaySeconds: 60,
            seconds: 14
        ),
    ]
}

@Suite("Replication lag")
struct ReplicationLagTests {
    @Test("is the age of the first write that the member lacks", arguments: LagCase.all)
    func lag(_ testCase: LagCase) async throws {
        var members = FakeMember.healthySet
        members[0].lastWriteAge = testCase.primaryAge
        members[2].lastWriteAge = testCase.primaryAge
        members[1].lastWriteAge = testCase.age
        members[1].delaySeconds = testCase.delaySeconds
        let oplog = testCase.oplog.map { age in
            OplogEntry(
                timestamp: Shapes.timestamp(age: age),
                term: 2,
                wall: BSONDateTime(milliseconds: Shapes.now - age)
            )
        }
        let taken = try await snapshot(of: members, oplog: oplog)
        let lag = try #require(taken.replicationLag(of: taken.members[1]))
        #expect(abs(lag.seconds - testCase.seconds) < 0.002)
        #expect(lag.isEstimate == testCase.isEstimate)
        #expect(taken.replicationLag(of: taken.members[0])?.seconds == 0)
    }

    @Test("is unknown without a primary, and of a member that does not answer")
    func unknown() async throws {
        var members = FakeMember.healthySet
        members[2].behaviour = .refuses
        let taken = try await snapshot(of: members)
        #expect(taken.replicationLag(of: taken.members[1]) != nil)
        #expect(taken.replicationLag(of: taken.members[2]) == nil)
        members[0].state = .secondary
        let without = try await snapshot(of: members)
        #expect(without.replicationLag(of: without.members[1]) == nil)
    }

    @Test("costs no second connection on a set that keeps up")
    func noLookup() async throws {
        let members = FakeMember.healthySet
        let set = FakeSet(members)
        _ = try await SnapshotTaker(spec: .of(members), authentication: .admin, toolbox: set.toolbox).take()
        #expect(await set.connections.count == 3)
    }
}
