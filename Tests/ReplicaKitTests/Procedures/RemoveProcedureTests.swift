import Testing

@testable import ReplicaKit

@Suite struct RemoveProcedureTests {
    private let version = ServerVersion(6, 0, 5)

    private func remove(_ name: MemberName, data: Bool = true, _ view: SetView) throws -> Proposal {
        try Intent.remove(name, includingData: data).propose(view)
    }

    private func actions(_ proposal: Proposal) -> [StepAction] { Views.plan(proposal)?.steps.map(\.action) ?? [] }

    /// A set of which an earlier run has taken `c` out already.
    private func afterReconfig() throws -> SetView {
        var view = try FailoverProcedureTests.view()
        view.config = try #require(view.config).applying(
            [.removeMember(view.spec.members[2].host)],
            serverVersion: version
        )
        return view
    }

    @Test func theConfigComesFirstThenTheProcessThenTheData() throws {
        let view = try FailoverProcedureTests.view()
        let proposal = try remove("c", view)
        #expect(
            actions(proposal) == [
                .editConfig([.removeMember(view.spec.members[2].host)]),
                .shutDown(["c"]),
                .removeMembers(["c"], includingData: true),
            ]
        )
        #expect(Views.plan(proposal)?.intent == .remove("c", includingData: true))
        try #expect(actions(remove("c", data: false, view)).last == .removeMembers(["c"], includingData: false))
    }

    @Test func thePrimaryHandsItsRoleOverFirst() throws {
        let view = try FailoverProcedureTests.view { $0.members[2].priority = 2 }
        try #expect(
            actions(remove("a", view)).prefix(2) == [
                .makePrimary("c", catchUpSeconds: 10, holdSeconds: 0),
                .editConfig([.removeMember(view.spec.members[0].host)]),
            ]
        )
    }

    @Test func aProcessThatDoesNotAnswerIsEndedBySignal() throws {
        var view = try FailoverProcedureTests.view()
        view.answering.remove("c")
        view.standings[view.spec.members[2].host] = nil
        try #expect(Views.kinds(remove("c", view)) == ["editConfig", "stopProcesses", "removeMembers"])
        view.stop("c")
        try #expect(Views.kinds(remove("c", view)) == ["editConfig", "removeMembers"])
    }

    @Test func anInterruptedRemovalGoesOnWhereItStopped() throws {
        var view = try afterReconfig()
        try #expect(Views.kinds(remove("c", view)) == ["shutDown", "removeMembers"])
        view.stop("c")
        try #expect(Views.kinds(remove("c", view)) == ["removeMembers"])
        view.processes["c"] = .absent
        view.traces = ["c"]
        try #expect(Views.kinds(remove("c", view)) == ["removeMembers"])
        try #expect(Views.isNothing(remove("c", data: false, view)))
        view.traces = []
        try #expect(Views.isNothing(remove("c", view)))
    }

    @Test func losingTheMajorityIsRefused() throws {
        var view = try FailoverProcedureTests.view()
        view.standings[view.spec.members[1].host] = nil
        let refusal = try #require(try Views.refusal(remove("c", view)))
        #expect(refusal.code == .refused)
        #expect(refusal.message.contains("without c 1 healthy voting members would be left, and 2 are needed"))
        // The one that is down for good is not needed.
        try #expect(Views.kinds(remove("b", view)).first == "editConfig")
    }

    @Test func losingAnArbitersVoteIsLosingAVote() throws {
        var view = try FailoverProcedureTests.view { spec in
            spec.members[2].arbiter = true
            spec.members[2].priority = 0
        }
        try #expect(Views.kinds(remove("c", view)) == ["editConfig", "shutDown", "removeMembers"])
        view.standings[view.spec.members[1].host] = nil
        try #expect(Views.refusal(remove("c", view)) != nil)
    }

    @Test func theLastMemberThatCanBeThePrimaryStays() throws {
        let view = try FailoverProcedureTests.view { spec in
            for index in 1...2 { spec.members[index].priority = 0 }
        }
        let refusal = try #require(try Views.refusal(remove("a", view)))
        #expect(refusal.message.contains("no member that can be the primary would be left"))
        #expect(refusal.hint.contains("rkctl down"))
    }

    @Test func whereNobodyCanTakeOverItIsRefused() throws {
        var view = try FailoverProcedureTests.view()
        for index in 1...2 { view.standings[view.spec.members[index].host]?.lagSeconds = 30 }
        let refusal = try #require(try Views.refusal(remove("a", view)))
        #expect(refusal.message.contains("no other member can take over"))
        view.primary = nil
        try #expect(Views.refusal(remove("b", view))?.code == .noPrimary)
    }

    @Test func theOperatorIsToldWhatIsLostAndWhatIsLeft() throws {
        let plan = try #require(Views.plan(remove("c", FailoverProcedureTests.view())))
        #expect(plan.warnings.contains { $0.contains("2 voting members survive the loss of 0") })
        #expect(plan.warnings.contains("all data of c will be deleted"))
        let keeping = try #require(Views.plan(remove("c", data: false, FailoverProcedureTests.view())))
        #expect(!keeping.warnings.contains { $0.contains("deleted") })
    }

    @Test func aMemberThatOthersRunLeavesTheConfigAlone() throws {
        var view = try FailoverProcedureTests.view { $0.runtime = .external }
        for name in view.spec.members.map(\.name) { view.processes[name] = .unknown }
        try #expect(Views.kinds(remove("c", view)) == ["editConfig"])
    }

    @Test func unknownNamesAreErrors() throws {
        let view = try FailoverProcedureTests.view()
        #expect { try remove("x", view) } throws: { ($0 as? ReplicaKitError)?.code == .unknownMember }
    }
}
