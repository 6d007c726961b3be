import Testing

@testable import ReplicaKit

@Suite struct LostMemberTrailTests {
    private static func time(_ seconds: UInt32) -> OpTime {
        OpTime(timestamp: BSONTimestamp(seconds: seconds, increment: 1), term: 1)
    }

    private func kinds(_ trail: inout LostMemberTrail, _ sighting: LostMemberSighting) -> [LostMemberEvent.Kind] {
        trail.take(sighting).map(\.kind)
    }

    @Test func tellsTheWayBackOnce() {
        var trail = LostMemberTrail("c")
        let dead = LostMemberSighting(process: .stopped(.signal(9)))
        #expect(kinds(&trail, dead) == [.absent])
        #expect(kinds(&trail, dead) == [])
        #expect(trail.missing == "c does not run (was killed (SIGKILL)): rkctl start c")

        var seen = LostMemberSighting(process: .running(MemberProcess(identity: "1")), state: .secondary)
        seen.applied = Self.time(9)
        seen.isSharedWithPrimary = false
        seen.secondsBehind = 0
        #expect(kinds(&trail, seen) == [.answering, .diverged])
        #expect(!trail.isBack)
        seen.state = .rollback
        #expect(kinds(&trail, seen) == [.rollingBack])
        seen.state = .secondary
        seen.rollbacks = [.init(entries: 5, files: "/data/db/rollback/x")]
        let events = trail.take(seen)
        #expect(events.map(\.kind) == [.rolledBack])
        #expect(events.first?.message.contains("/data/db/rollback/x") == true)
        seen.isSharedWithPrimary = true
        seen.secondsBehind = 30
        #expect(kinds(&trail, seen) == [])
        #expect(trail.missing == "c is SECONDARY, 30 s behind")
        seen.secondsBehind = 1
        #expect(kinds(&trail, seen) == [.back])
        #expect(trail.isBack)
    }

    @Test func withoutAPrimaryNobodyIsBack() {
        var trail = LostMemberTrail("c")
        let seen = LostMemberSighting(state: .secondary, applied: Self.time(1))
        #expect(kinds(&trail, seen) == [.answering])
        #expect(!trail.isBack)
    }

    @Test func aMemberThatEndsAgainIsToldAgain() {
        var trail = LostMemberTrail("c")
        let up = LostMemberSighting(state: .startup2)
        let down = LostMemberSighting(process: .stopped(.code(14)))
        #expect(kinds(&trail, up) == [.answering])
        #expect(kinds(&trail, down) == [.absent])
        #expect(kinds(&trail, up) == [.answering])
        #expect(kinds(&trail, down) == [.absent])
    }

    @Test func aStalePrimaryIsTold() {
        var trail = LostMemberTrail("c")
        var seen = LostMemberSighting(state: .primary)
        seen.acceptsWrites = true
        #expect(kinds(&trail, seen) == [.answering, .stalePrimary])
    }

    @Test(arguments: [MemberState.arbiter, .removed])
    func anArbiterNeedsToCatchUpWithNothing(state: MemberState) {
        var trail = LostMemberTrail("c")
        var seen = LostMemberSighting(state: state)
        seen.isArbiter = true
        #expect(kinds(&trail, seen) == [.answering, .back])
    }
}
