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
        let view = try Views.running(Views.spec())
        try #expect(Views.kinds(Intent.stop(["a"], emergency: false).propose(view)) == ["stepDown", "shutDown"])
        try #expect(Views.kinds(Intent.stop(["b"], emergency: false).propose(view)) == ["shutDown"])
    }

    @Test func losingTheMajorityIsRefused() throws {
        let view = try Views.running(Views.spec())
        try #expect(Views.refusal(Intent.stop(["a", "b"], emergency: false).propose(view))?.code == .refused)
        try #expect(Views.kinds(Intent.stop(["a", "b"], emergency: true).propose(view)) == ["stopProcesses"])
    }

    @Test func losingTheOnlyElectableMemberIsRefused() throws {
        var spec = Views.spec()
        for index in 1...2 { spec.members[index].priority = 0 }
        try #expect(
            Views.refusal(Intent.stop(["a"], emergency: false).propose(Views.running(spec)))?.code == .refused
        )
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
