import ReplicaKit
import Testing

@testable import ReplicaKitMonitor

@Suite("History")
struct SetHistoryTests {
    /// A history of looks at an interval, each made by `members` from its number.
    private func history(
        looks: Int,
        every interval: Double,
        _ members: (Int) -> [FakeMember] = { _ in .healthy }
    ) throws -> SetHistory {
        var history = SetHistory()
        for number in 0..<looks {
            history.add(try Looks.examination(members(number), at: Double(number) * interval).report)
        }
        return history
    }

    @Test("It never has more than 450 points, whatever the interval", arguments: [(1.0, 1200), (10, 2500), (60, 500)])
    func bounded(interval: Double, looks: Int) throws {
        let history = try history(looks: looks, every: interval)
        #expect(history.points.count <= 450)
        let (first, last) = (try #require(history.points.first), try #require(history.points.last))
        #expect(last.at.milliseconds - first.at.milliseconds <= SetHistory.span)
        let kept = min(Double(looks - 1) * interval, 6 * 3600)
        #expect(Double(last.at.milliseconds - first.at.milliseconds) / 1000 > kept - 61)
        #expect(zip(history.points, history.points.dropFirst()).allSatisfy { $0.at < $1.at })
    }

    @Test("The newest 15 minutes keep each look of 10 seconds")
    func fine() throws {
        let history = try history(looks: 360, every: 10)
        let newest = try #require(history.points.last).at.milliseconds
        let young = history.points.filter { newest - $0.at.milliseconds < 15 * 60_000 }
        #expect(young.count == 90)
        #expect(history.points.count > 90 + 43 && history.points.count < 96 + 47)
    }

    @Test("An outage of one look is still there hours later")
    func peaks() throws {
        let history = try history(looks: 1000, every: 10) { number in
            number == 7 ? [FakeMember].healthy.changing("b") { $0.isReachable = false } : .healthy
        }
        let b = [FakeMember].healthy[1].subject
        let bad = history.points.filter { $0.members[b]?.isReachable == false }
        #expect(bad.count == 1)
        #expect(bad.first?.members[b]?.state == .down)
    }

    @Test("A clock that is set back begins it anew")
    func clockSetBack() throws {
        var history = try history(looks: 10, every: 10)
        history.add(try Looks.examination(.healthy, at: -3600).report)
        #expect(history.points.count == 1)
    }

    @Test("A member that has left the config gets no more points")
    func removed() throws {
        let history = try history(looks: 2, every: 60) { number in
            number == 0 ? .healthy : [FakeMember].healthy.changing("c") { $0.isInConfig = false }
        }
        let c = [FakeMember].healthy[2].subject
        #expect(history.points.map { $0.members[c] != nil } == [true, false])
        let document = try BSONEncoder().encode(history)
        let members = try #require(document["members"]?.arrayValue).compactMap(\.documentValue)
        #expect(members.map { $0["member"]?.stringValue } == ["a", "b", "c"])
        let states = members.map { $0["states"]?.arrayValue.map { $0.map(\.stringValue) } }
        #expect(states == [["PRIMARY", "PRIMARY"], ["SECONDARY", "SECONDARY"], ["SECONDARY", nil]])
    }
}
