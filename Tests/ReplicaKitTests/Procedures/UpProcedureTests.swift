import Testing

@testable import ReplicaKit

@Suite struct UpProcedureTests {
    @Test func fromNothingOneMemberVotesFirst() throws {
        var spec = Views.spec()
        spec.members[1].priority = 2
        let proposal = try Intent.up.propose(SetView(spec: spec))
        #expect(
            Views.kinds(proposal) == [
                "createMembers", "startMembers", "initiate", "electPrimary", "createAdministrator",
                "setDefaultWriteConcern", "awaitMembers", "editConfig", "editConfig",
            ]
        )
        guard case .plan(let plan) = proposal else { return }
        #expect(plan.steps.contains { $0.action == .initiate(["b", "a", "c"]) })
        let edits = Views.edits(proposal)
        #expect(
            edits[0] == [.setVotes(of: spec.members[0].host, to: 1), .setPriority(of: spec.members[0].host, to: 1)]
        )
        // The last edit ends the set-up: the quick heartbeats go with it.
        #expect(edits[1].last == .setSetting("heartbeatIntervalMillis", to: .integer(2000)))
    }

    @Test func aSingleMemberNeedsNoVotesLater() throws {
        let proposal = try Intent.up.propose(SetView(spec: Views.spec(1)))
        #expect(Views.edits(proposal).isEmpty)
    }

    @Test func arbitersJoinLastAndOneByOne() throws {
        var spec = Views.spec()
        spec.members[2].arbiter = true
        spec.members[2].priority = 0
        let proposal = try Intent.up.propose(SetView(spec: spec))
        let edits = Views.edits(proposal)
        #expect(edits.count == 2)
        #expect(edits[1].first == .addMember(.init(spec.members[2])))
        #expect(Views.kinds(proposal).suffix(2) == ["editConfig", "awaitMembers"])
        guard case .plan(let plan) = proposal else { return }
        #expect(plan.warnings.contains { $0.contains("arbiter") })
    }

    @Test func aCompleteSetHasNothingToDo() throws {
        try #expect(Views.isNothing(Intent.up.propose(Views.running(Views.spec()))))
    }

    @Test func stoppedMembersAreStartedBeforeAnythingElseIsPlanned() throws {
        var view = try Views.running(Views.spec(), primary: nil)
        view.config = nil
        view.stop("a", "b", "c")
        try #expect(Views.kinds(Intent.up.propose(view)) == ["startMembers"])
    }

    @Test func membersThatRunAndAreSilentAreWaitedForBeforeAnythingElseIsPlanned() throws {
        var view = try Views.running(Views.spec(), primary: nil)
        view.config = nil
        view.answering = []
        let plan = try #require(Views.plan(Intent.up.propose(view)))
        #expect(plan.steps.map(\.action) == [.startMembers(["a", "b", "c"])])
    }

    @Test func aSilentMemberBesideAPrimaryIsNotComplete() throws {
        var view = try Views.running(Views.spec())
        view.answering.remove("c")
        let plan = try #require(Views.plan(Intent.up.propose(view)))
        #expect(plan.steps.map(\.action) == [.startMembers(["c"]), .awaitMembers(["c"])])
        try #expect(Views.kinds(Intent.start([]).propose(view)) == ["startMembers", "awaitMembers"])
    }

    @Test func anInterruptedSetUpIsCompletedFromWhatTheSetSays() throws {
        var view = try Views.running(Views.spec())
        var draft = view.spec
        for index in 1...2 { (draft.members[index].votes, draft.members[index].priority) = (0, 0) }
        view.config = try Views.config(draft, marked: true)
        view.hasAdministrator = false
        view.hasDefaultWriteConcern = false
        let proposal = try Intent.up.propose(view)
        #expect(
            Views.kinds(proposal) == [
                "createAdministrator", "setDefaultWriteConcern", "awaitMembers", "editConfig", "editConfig",
            ]
        )
    }

    @Test func onlyTheMarkIsLeft() throws {
        var view = try Views.running(Views.spec())
        view.config = try Views.config(view.spec, marked: true)
        try #expect(
            Views.edits(Intent.up.propose(view)) == [[.setSetting("heartbeatIntervalMillis", to: .integer(2000))]]
        )
    }

    @Test func whatAnOperatorChangedLaterStays() throws {
        var view = try Views.running(Views.spec())
        var changed = view.spec
        changed.members[2].priority = 5
        view.config = try Views.config(changed)
        try #expect(Views.isNothing(Intent.up.propose(view)))
    }

    @Test func aMemberNewInTheSpecJoinsWithoutAVote() throws {
        var view = try Views.running(Views.spec(4))
        view.config = try Views.config(Views.spec(3))
        let proposal = try Intent.up.propose(view)
        #expect(Views.kinds(proposal) == ["editConfig", "awaitMembers", "editConfig"])
        let new = view.spec.members[3]
        #expect(Views.edits(proposal)[0] == [.addMember(.init(new, votes: 0, priority: 0))])
        #expect(Views.edits(proposal)[1].first == .setVotes(of: new.host, to: 1))
    }

    @Test func membersOfAnotherSetAreRefused() throws {
        var view = try Views.running(Views.spec())
        view.problems["b"] = ReplicaKitError(.wrongReplicaSet, "it is a member of other")
        try #expect(Views.refusal(Intent.up.propose(view))?.code == .wrongReplicaSet)
    }

    @Test(arguments: [
        Intent.up, .start([]), .stop([], emergency: false), .stop([], emergency: true), .down(includingData: true),
    ])
    func processesOfOthersAreLeftAlone(intent: Intent) throws {
        var view = try Views.running(Views.spec())
        view.spec.runtime = .external
        try #expect(Views.refusal(intent.propose(view))?.code == .hostUnsupported)
    }
}
