import Foundation
import Testing

@testable import ReplicaKit

@Suite struct RestartProcedureTests {
    private func processes(_ view: SetView) -> [MemberName: MemberProcess] {
        view.processes.compactMapValues { if case .running(let process) = $0 { process } else { nil } }
    }

    private func restarted(_ proposal: Proposal) -> [MemberName] {
        Views.plan(proposal)?.steps.compactMap {
            if case .restartMember(let name, _) = $0.action { name } else { nil }
        } ?? []
    }

    @Test func secondariesComeFirstAndThePrimaryLast() throws {
        let view = try FailoverProcedureTests.view { $0.members[1].priority = 2 }
        let proposal = try Intent.restart(processes(view)).propose(view)
        #expect(restarted(proposal) == ["c", "b", "a"])
        #expect(
            Views.kinds(proposal) == ["restartMember", "restartMember", "makePrimary", "restartMember"]
        )
    }

    @Test func aPreferredPrimaryGetsItsRoleBack() throws {
        let view = try FailoverProcedureTests.view { $0.members[0].priority = 2 }
        let plan = try #require(Views.plan(try Intent.restart(processes(view)).propose(view)))
        #expect(plan.steps.last?.action == .makePrimary("a", catchUpSeconds: 10, holdSeconds: 0))
    }

    @Test func whatWasRestartedIsLeftAndWhatWasLeftDownIsStarted() throws {
        var view = try FailoverProcedureTests.view()
        let intent = Intent.restart(processes(view))
        view.processes["b"] = .running(MemberProcess(identity: "2"))
        view.stop("c")
        view.standings[view.spec.members[2].host] = nil
        let proposal = try intent.propose(view)
        #expect(Views.kinds(proposal) == ["startMembers", "awaitMembers", "makePrimary", "restartMember"])
        #expect(restarted(proposal) == ["a"])
        for name in ["a", "c"] as [MemberName] { view.processes[name] = .running(MemberProcess(identity: "3")) }
        try #expect(Views.isNothing(intent.propose(view)))
    }

    @Test func theIntentSurvivesTheJournal() throws {
        let view = try FailoverProcedureTests.view()
        var processes = processes(view)
        processes["a"]?.startedAt = 1_764_000_000.123_456
        let intent = Intent.restart(processes)
        let copy = try JSONDecoder().decode(Intent.self, from: JSONEncoder().encode(intent))
        #expect(copy == intent)
    }

    @Test func losingTheMajorityIsRefused() throws {
        var view = try FailoverProcedureTests.view()
        view.stop("c")
        view.standings[view.spec.members[2].host] = nil
        try #expect(Views.refusal(Intent.restart(["b": MemberProcess(identity: "1")]).propose(view))?.code == .refused)

        var two = try Views.running(Views.spec(2))
        for member in two.spec.members { two.standings[member.host] = MemberStanding(state: .secondary, lagSeconds: 0) }
        let refusal = try #require(try Views.refusal(Intent.restart(["b": MemberProcess(identity: "1")]).propose(two)))
        #expect(refusal.hint.contains("rkctl stop"))
    }

    @Test func othersThatAreFarBehindOrCannotTakeOverAreInTheWay() throws {
        var view = try FailoverProcedureTests.view()
        view.standings[view.spec.members[1].host]?.lagSeconds = 60
        try #expect(Views.refusal(Intent.restart(["c": MemberProcess(identity: "1")]).propose(view)) != nil)

        view = try FailoverProcedureTests.view { spec in
            for index in 1...2 { spec.members[index].priority = 0 }
        }
        try #expect(Views.refusal(Intent.restart(processes(view)).propose(view)) != nil)
        #expect(restarted(try Intent.restart(["b": MemberProcess(identity: "1")]).propose(view)) == ["b"])
    }

    @Test func aSetWithoutAPrimaryIsRefused() throws {
        var view = try FailoverProcedureTests.view()
        view.primary = nil
        try #expect(Views.refusal(Intent.restart(processes(view)).propose(view))?.code == .noPrimary)
    }
}
