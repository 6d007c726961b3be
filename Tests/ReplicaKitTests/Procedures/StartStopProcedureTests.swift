import Testing

@testable import ReplicaKit

@Suite struct StartStopProcedureTests {
    @Test func startStartsAllAndHasThePrimaryElected() throws {
        var view = try Views.running(Views.spec(), primary: nil)
        view.config = nil
        view.stop("a", "b", "c")
        try #expect(Views.kinds(Intent.start([]).propose(view)) == ["startMembers", "electPrimary", "awaitMembers"])
    }

    @Test func startOfOneMemberBesideAPrimary() throws {
        var view = try Views.running(Views.spec())
        view.stop("c")
        try #expect(Views.kinds(Intent.start(["c"]).propose(view)) == ["startMembers", "awaitMembers"])
    }

    @Test func startOfAMinorityWaitsForNoPrimary() throws {
        var view = try Views.running(Views.spec(5), primary: nil)
        view.stop("b", "c", "d", "e")
        let proposal = try Intent.start(["b"]).propose(view)
        #expect(Views.kinds(proposal) == ["startMembers"])
        guard case .plan(let plan) = proposal else { return }
        #expect(plan.warnings.count == 1)
    }

    @Test func comparingHistoriesStartsTheNewestFirst() throws {
        var view = try Views.running(Views.spec(), primary: nil)
        view.config = nil
        view.stop("a", "b", "c")
        let intent = Intent.start([], comparingHistories: true)
        try #expect(Views.refusal(intent.propose(view))?.code == .hostUnsupported)
        view.canRunStandalones = true
        try #expect(Views.kinds(intent.propose(view)) == ["startNewestFirst", "electPrimary", "awaitMembers"])
    }

    @Test func besideAPrimaryNoHistoriesAreCompared() throws {
        var view = try Views.running(Views.spec())
        view.stop("c")
        view.canRunStandalones = true
        let proposal = try Intent.start([], comparingHistories: true).propose(view)
        #expect(Views.kinds(proposal) == ["startMembers", "awaitMembers"])
        guard case .plan(let plan) = proposal else { return }
        #expect(plan.warnings.count == 1)
    }

    @Test func startOfWhatWasNeverMadeIsRefused() throws {
        try #expect(Views.refusal(Intent.start([]).propose(SetView(spec: Views.spec())))?.code == .memberAbsent)
    }

    @Test(arguments: [Intent.start(["x"]), .stop(["x"], emergency: false), .stop(["x"], emergency: true)])
    func unknownNamesAreErrors(intent: Intent) throws {
        let view = try Views.running(Views.spec())
        #expect { try intent.propose(view) } throws: { ($0 as? ReplicaKitError)?.code == .unknownMember }
    }

    @Test func theWholeSetIsQuiescedFirst() throws {
        let view = try Views.running(Views.spec())
        try #expect(Views.kinds(Intent.stop([], emergency: false).propose(view)) == ["quiesce", "shutDown"])
        var leaderless = view
        leaderless.primary = nil
        try #expect(Views.kinds(Intent.stop([], emergency: false).propose(leaderless)) == ["shutDown"])
    }

    @Test func aPrimaryStepsDownBeforeItEnds() throws {
        let view = try FailoverProcedureTests.view()
        try #expect(Views.kinds(Intent.stop(["a"], emergency: false).propose(view)) == ["makePrimary", "shutDown"])
        try #expect(Views.kinds(Intent.stop(["b"], emergency: false).propose(view)) == ["shutDown"])
    }

    @Test func losingTheMajorityIsRefused() throws {
        let view = try FailoverProcedureTests.view()
        try #expect(Views.refusal(Intent.stop(["a", "b"], emergency: false).propose(view))?.code == .refused)
        try #expect(Views.kinds(Intent.stop(["a", "b"], emergency: true).propose(view)) == ["stopProcesses"])
    }

    @Test(arguments: [MemberStanding?.none, MemberStanding(state: .removed)])
    func aProcessThatRunsIsNoVote(standing: MemberStanding?) throws {
        var view = try FailoverProcedureTests.view()
        view.standings[view.spec.members[2].host] = standing
        let refusal = try #require(try Views.refusal(Intent.stop(["b"], emergency: false).propose(view)))
        #expect(refusal.message.contains("would leave 1 healthy voting members"))
        #expect(refusal.message.contains("c would run and not vote"))
        // The one that does not vote takes nothing away, and neither does the end of all.
        try #expect(Views.kinds(Intent.stop(["c"], emergency: false).propose(view)) == ["shutDown"])
        try #expect(Views.kinds(Intent.stop([], emergency: false).propose(view)) == ["quiesce", "shutDown"])
        try #expect(Views.kinds(Intent.stop(["b"], emergency: true).propose(view)) == ["stopProcesses"])
    }

    @Test func aMemberWithoutAVoteIsNotMissed() throws {
        var view = try FailoverProcedureTests.view {
            $0.members[2].votes = 0
            $0.members[2].priority = 0
        }
        view.standings[view.spec.members[1].host] = nil
        try #expect(Views.kinds(Intent.stop(["c"], emergency: false).propose(view)) == ["shutDown"])
    }

    @Test func losingTheOnlyElectableMemberIsRefused() throws {
        let view = try FailoverProcedureTests.view { spec in
            for index in 1...2 { spec.members[index].priority = 0 }
        }
        let refusal = try Views.refusal(Intent.stop(["a"], emergency: false).propose(view))
        #expect(refusal?.message.contains("its priority is 0") == true)
    }

    @Test func aPrimaryIsNotLeftByAllThatHaveItsWrites() throws {
        var view = try FailoverProcedureTests.view()
        for index in 1...2 { view.standings[view.spec.members[index].host]?.lagSeconds = 90 }
        let refusal = try Views.refusal(Intent.stop(["a"], emergency: false).propose(view))
        #expect(refusal?.message.contains("it is 90 s behind the primary") == true)
        try #expect(Views.kinds(Intent.stop(["a"], emergency: true).propose(view)) == ["stopProcesses"])
    }

    @Test func withoutAConfigNothingIsKnownOfAMajority() throws {
        var view = try Views.running(Views.spec())
        view.config = nil
        try #expect(Views.refusal(Intent.stop(["b"], emergency: false).propose(view)) != nil)
    }

    @Test func downRemovesWhatIsThere() throws {
        var view = try Views.running(Views.spec())
        try #expect(
            Views.kinds(Intent.down(includingData: false).propose(view)) == [
                "quiesce", "shutDown", "removeMembers",
            ]
        )
        try #expect(Views.kinds(Intent.down(includingData: true).propose(view)) == ["stopProcesses", "removeMembers"])
        view.processes = [:]
        try #expect(Views.isNothing(Intent.down(includingData: true).propose(view)))
    }
}
