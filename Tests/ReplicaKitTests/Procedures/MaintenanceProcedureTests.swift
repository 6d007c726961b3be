import Testing

@testable import ReplicaKit

@Suite struct MaintenanceProcedureTests {
    private func actions(_ proposal: Proposal) -> [StepAction] { Views.plan(proposal)?.steps.map(\.action) ?? [] }

    @Test func aSecondaryIsTakenOutAndAPrimaryHandsItsRoleOverFirst() throws {
        let view = try FailoverProcedureTests.view()
        #expect(try actions(Intent.maintain("b", isOn: true).propose(view)) == [.setMaintenance("b", isOn: true)])
        #expect(
            try actions(Intent.maintain("a", isOn: true).propose(view)) == [
                .makePrimary("b", catchUpSeconds: 10, holdSeconds: 0), .setMaintenance("a", isOn: true),
            ]
        )
    }

    @Test func whoIsInMaintenanceIsLetBackInAndWaitedFor() throws {
        var view = try FailoverProcedureTests.view()
        #expect(Views.isNothing(try Intent.maintain("b", isOn: false).propose(view)))
        view.standings[view.spec.members[1].host]?.state = .recovering
        #expect(Views.isNothing(try Intent.maintain("b", isOn: true).propose(view)))
        #expect(
            try actions(Intent.maintain("b", isOn: false).propose(view)) == [
                .setMaintenance("b", isOn: false), .awaitMembers(["b"]),
            ]
        )
    }

    @Test func whoHasNoSuccessorIsWarnedOfAndWhoCannotBeTakenOutIsRefused() throws {
        var view = try FailoverProcedureTests.view { spec in spec.members[2].priority = 0 }
        let plan = try #require(Views.plan(try Intent.maintain("b", isOn: true).propose(view)))
        #expect(plan.warnings.contains { $0.contains("nobody could take over") })
        view.standings[view.spec.members[1].host] = nil
        #expect(
            Views.refusal(try Intent.maintain("b", isOn: true).propose(view))?.message.contains("does not answer")
                == true
        )
        view = try FailoverProcedureTests.view { spec in
            spec.members[2].arbiter = true
            spec.members[2].priority = 0
        }
        #expect(Views.refusal(try Intent.maintain("c", isOn: true).propose(view))?.message.contains("arbiter") == true)
    }
}
