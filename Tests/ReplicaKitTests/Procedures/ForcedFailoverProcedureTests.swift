import Testing

@testable import ReplicaKit

@Suite struct ForcedFailoverProcedureTests {
    private static func opTime(_ seconds: UInt32) -> OpTime {
        OpTime(timestamp: BSONTimestamp(seconds: seconds, increment: 1), term: 3)
    }

    /// Five members of which two survive, `e` with the newer history.
    private static func view() throws -> SetView {
        var view = try Views.running(Views.spec(5), primary: nil)
        view.stop("a", "b", "c")
        let hosts = view.spec.members.map(\.host)
        view.standings[hosts[3]] = MemberStanding(state: .secondary, applied: opTime(100))
        view.standings[hosts[4]] = MemberStanding(state: .secondary, applied: opTime(110))
        view.heard = [hosts[0]: opTime(120), hosts[1]: opTime(90)]
        view.lastCommitted = opTime(105)
        return view
    }

    private let intent = Intent.forceFailover(presumedDead: [])

    @Test func theNewestSurvivorGoesOnAndTheDeadLoseTheirVotes() throws {
        let plan = try #require(Views.plan(try intent.propose(Self.view())))
        guard case .forceConfig("e", let edits, let dead) = plan.steps.first?.action else {
            Issue.record("\(plan)")
            return
        }
        #expect(dead == ["a", "b", "c"])
        #expect(edits.count == 6)
        #expect(plan.steps.last?.action == .electPrimary)
        #expect(plan.warnings.contains { $0.contains("127.0.0.1:27000 had writes up to 120,1") })
        #expect(plan.warnings.contains { $0.contains("127.0.0.1:27002") && $0.contains("not known") })
        #expect(plan.warnings.contains { $0.contains("has the last write that is known") })
    }

    @Test func writesThatAMajorityHadAndNobodyKeepsAreShouted() throws {
        var view = try Self.view()
        view.lastCommitted = Self.opTime(115)
        let plan = try #require(Views.plan(try intent.propose(view)))
        #expect(plan.warnings.contains { $0.contains("ACKNOWLEDGED BY A MAJORITY ARE LOST") })
    }

    @Test func whoeverMayLiveIsInTheWay() throws {
        var view = try Self.view()
        view.processes["a"] = .running(MemberProcess(identity: "1"))
        #expect(try Views.refusal(intent.propose(view))?.hint.contains("--emergency") == true)
        view.processes["a"] = .unknown
        #expect(try Views.refusal(intent.propose(view))?.hint.contains("--presume-dead a") == true)
        #expect(try Views.plan(Intent.forceFailover(presumedDead: ["a"]).propose(view)) != nil)
        // A process that is seen to run is not dead because somebody says so.
        view.processes["a"] = .running(MemberProcess(identity: "1"))
        #expect(try Views.refusal(Intent.forceFailover(presumedDead: ["a"]).propose(view)) != nil)
    }

    @Test func whoLivesByASurvivorsWordIsNotDead() throws {
        var view = try Self.view()
        let hosts = view.spec.members.map(\.host)
        func heard(_ seconds: Double) -> Sighting {
            Sighting(of: hosts[1], by: hosts[3], at: BSONDateTime(milliseconds: 0), ageSeconds: seconds)
        }
        view.sightings = [heard(9.5), heard(1.25)]
        // Whatever the host, or the operator, says.
        for state in [MemberProcessState.stopped(.clean), .unknown] {
            view.processes["b"] = state
            let refusal = try Views.refusal(Intent.forceFailover(presumedDead: ["b"]).propose(view))
            #expect(refusal?.code == .refused)
            #expect(refusal?.message.contains("127.0.0.1:27003 sees 127.0.0.1:27001 healthy") == true)
            #expect(refusal?.message.contains("1.3 s") == true)
            #expect(refusal?.hint.contains("10 s") == true)
        }
        // Heard of too long ago; and a survivor is no news.
        view.sightings = [
            heard(12), Sighting(of: hosts[4], by: hosts[3], at: BSONDateTime(milliseconds: 0), ageSeconds: 1),
        ]
        #expect(try Views.plan(Intent.forceFailover(presumedDead: ["b"]).propose(view)) != nil)
    }

    @Test func aSetThatElectsLateMayHaveHeardOfItsDeadEarlier() throws {
        var view = try Self.view()
        let hosts = view.spec.members.map(\.host)
        view.spec.settings.electionTimeoutMillis = 30_000
        view.config = try Views.config(view.spec)
        view.sightings = [
            Sighting(of: hosts[0], by: hosts[4], at: BSONDateTime(milliseconds: 0), ageSeconds: 12)
        ]
        #expect(try Views.refusal(intent.propose(view)) != nil)
    }

    @Test func membersTellOfWhomTheyHadHeartbeats() throws {
        var viewer = FakeMember.healthySet[1]
        viewer.sees[2] = .down
        let status = try ReplSetStatusReply(document: Shapes.status(viewer, members: FakeMember.healthySet))
        let at = BSONDateTime(milliseconds: Shapes.now - 501)
        // Not of itself, nor of whom it takes for down, however lately that one sent a heartbeat.
        #expect(
            status.sightings(by: viewer.address) == [
                Sighting(of: Shapes.address(0), by: viewer.address, at: at, ageSeconds: 0.501)
            ]
        )
    }

    @Test func aMajorityOrAPrimaryNeedsNoForce() throws {
        var view = try Self.view()
        view.standings[view.spec.members[2].host] = MemberStanding(state: .secondary, applied: Self.opTime(1))
        let plan = try #require(Views.plan(try intent.propose(view)))
        #expect(plan.steps.map(\.action) == [.electPrimary])
        #expect(plan.warnings.contains { $0.contains("nothing is done by force") })
        view.primary = view.spec.members[4].host
        #expect(try Views.isNothing(intent.propose(view)))
    }

    @Test func aDeadArbiterIsTakenOut() throws {
        var view = try Self.view()
        view.spec.members[0].arbiter = true
        view.spec.members[0].priority = 0
        view.config = try Views.config(view.spec)
        guard case .forceConfig(_, let edits, _) = Views.plan(try intent.propose(view))?.steps.first?.action else {
            Issue.record("no plan")
            return
        }
        #expect(edits.contains(.removeMember(view.spec.members[0].host)))
    }
}
