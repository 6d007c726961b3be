import Foundation
import Testing

@testable import ReplicaKit

@Suite struct ResyncProcedureTests {
    private let old = MemberProcess(identity: "1")
    private let new = MemberProcess(identity: "2")

    private func replace(_ name: MemberName, votes: Int = 1, priority: Double = 1, _ view: SetView) throws -> Proposal {
        try Intent.resync(Resync(member: name, process: old, votes: votes, priority: priority)).propose(view)
    }

    private func actions(_ proposal: Proposal) -> [StepAction] { Views.plan(proposal)?.steps.map(\.action) ?? [] }

    /// A set in which a run has taken the vote of `c` away.
    private func withoutVote() throws -> SetView {
        var view = try FailoverProcedureTests.view()
        let host = view.spec.members[2].host
        view.config = try #require(view.config).applying(
            [.setPriority(of: host, to: 0), .setVotes(of: host, to: 0)],
            serverVersion: ServerVersion(6, 0, 5)
        )
        return view
    }

    @Test func theMemberHasNoVoteUntilItHasTheData() throws {
        let view = try FailoverProcedureTests.view()
        let host = view.spec.members[2].host
        let proposal = try replace("c", priority: 0.5, view)
        #expect(
            actions(proposal) == [
                .editConfig([.setPriority(of: host, to: 0), .setVotes(of: host, to: 0)]),
                .shutDown(["c"]),
                .removeMembers(["c"], includingData: true),
                .createMembers(["c"]),
                .startMembers(["c"]),
                .awaitMembers(["c"]),
                .editConfig([.setVotes(of: host, to: 1), .setPriority(of: host, to: 0.5)]),
            ]
        )
        #expect(Views.plan(proposal)?.warnings.contains { $0.contains("the data of c will be deleted") } == true)
    }

    @Test func aMemberWithoutAVoteGetsNone() throws {
        try #expect(
            Views.kinds(replace("c", votes: 0, priority: 0, withoutVote())) == [
                "shutDown", "removeMembers", "createMembers", "startMembers", "awaitMembers",
            ]
        )
    }

    @Test func thePrimaryHandsItsRoleOverFirst() throws {
        let actions = try actions(replace("a", FailoverProcedureTests.view()))
        #expect(actions.first == .makePrimary("b", catchUpSeconds: 10, holdSeconds: 0))
        #expect(actions.count == 8)
    }

    @Test func aProcessThatDoesNotAnswerIsEndedBySignal() throws {
        var view = try FailoverProcedureTests.view()
        view.answering.remove("c")
        view.standings[view.spec.members[2].host] = nil
        try #expect(Views.kinds(replace("c", view)).contains("stopProcesses"))
        view.stop("c")
        try #expect(Views.kinds(replace("c", view)).prefix(2) == ["editConfig", "removeMembers"])
    }

    @Test func anInterruptedRunGoesOnWhereItStopped() throws {
        var view = try withoutVote()
        let host = view.spec.members[2].host
        let rest = ["removeMembers", "createMembers", "startMembers", "awaitMembers", "editConfig"]
        // Its vote is gone, and the old process still runs.
        try #expect(Views.kinds(replace("c", view)) == ["shutDown"] + rest)
        // Removed, or made and not started: what is there is made anew.
        for state in [MemberProcessState.absent, .stopped(.clean)] {
            view.answering.remove("c")
            view.standings[host] = nil
            view.processes["c"] = state
            try #expect(Views.kinds(replace("c", view)) == rest)
        }
        // The new process runs: its data stays.
        view.processes["c"] = .running(new)
        view.answering.insert("c")
        view.standings[host] = MemberStanding(state: .startup2)
        let proposal = try replace("c", view)
        #expect(Views.kinds(proposal) == ["awaitMembers", "editConfig"])
        #expect(Views.plan(proposal)?.warnings == [])
        view.standings[host] = MemberStanding(state: .secondary, lagSeconds: 0)
        try #expect(
            actions(replace("c", view)) == [
                .editConfig([.setVotes(of: host, to: 1), .setPriority(of: host, to: 1)])
            ]
        )
        view.config = try Views.config(view.spec)
        try #expect(Views.isNothing(replace("c", view)))
    }

    /// The journal of a run that ended while, or after, it did the first steps of its plan.
    private func record(of proposal: Proposal, finished: Int) throws -> JournalRecord {
        let plan = try #require(Views.plan(proposal))
        var entries = [JournalEntry(at: 1, event: .planned, plan: plan)]
        for step in plan.steps.prefix(finished) {
            entries.append(JournalEntry(at: 2, event: .stepStarted, step: step.id))
            entries.append(JournalEntry(at: 3, event: .stepFinished, step: step.id))
        }
        return JournalRecord(plan: plan, entries: entries + [JournalEntry(at: 4, event: .interrupted)])
    }

    @Test func theSameCommandAgainGoesOnWithTheNewCopy() throws {
        var view = try FailoverProcedureTests.view()
        let member = view.spec.members[2]
        let resync = Resync(of: member, in: view, after: nil)
        #expect(resync == Resync(member: "c", process: old, votes: 1, priority: 1))
        // Vote, process and data are gone, and the copy has begun.
        let cut = try record(of: Intent.resync(resync).propose(view), finished: 5)
        view = try withoutVote()
        view.processes["c"] = .running(new)
        view.standings[member.host] = MemberStanding(state: .startup2)
        let again = Resync(of: member, in: view, after: cut)
        #expect(again == resync)
        let proposal = try Intent.resync(again).propose(view)
        #expect(Views.kinds(proposal) == ["awaitMembers", "editConfig"])
        // Cut short once more: that run had nothing to remove.
        #expect(try Resync(of: member, in: view, after: record(of: proposal, finished: 0)) == resync)
        // Of another member, or after a run that came to its end, all is new.
        #expect(Resync(of: view.spec.members[1], in: view, after: cut).member == "b")
        #expect(Resync(of: member, in: view, after: nil).process == new)
    }

    @Test func whatWasStartedAgainOnTheOldDataIsReplaced() throws {
        var view = try FailoverProcedureTests.view { $0.members[2].priority = 0.5 }
        let member = view.spec.members[2]
        let resync = Resync(of: member, in: view, after: nil)
        // It has lost its vote and its process.
        let cut = try record(of: Intent.resync(resync).propose(view), finished: 2)
        view.spec.members[2].priority = 3
        view.processes["c"] = .stopped(.clean)
        #expect(Resync(of: view.spec.members[2], in: view, after: cut) == resync)
        view.processes["c"] = .running(new)
        let again = Resync(of: view.spec.members[2], in: view, after: cut)
        #expect(again == Resync(member: "c", process: new, votes: 1, priority: 0.5))
        try #expect(Views.kinds(Intent.resync(again).propose(view)).contains("removeMembers"))
    }

    @Test func theIntentSurvivesTheJournal() throws {
        let intent = Intent.resync(
            Resync(
                member: "c",
                process: MemberProcess(identity: "1", startedAt: 1_764_000_000.5),
                votes: 1,
                priority: 2
            )
        )
        let copy = try JSONDecoder().decode(Intent.self, from: JSONEncoder().encode(intent))
        #expect(copy == intent)
    }

    @Test func theOnlyCopyIsNotDeleted() throws {
        var view = try FailoverProcedureTests.view()
        for index in 1...2 { view.standings[view.spec.members[index].host]?.lagSeconds = 30 }
        let refusal = try #require(try Views.refusal(replace("a", view)))
        #expect(refusal.message.contains("no other member has an up-to-date copy"))
        // The primary is such a copy, however late the others are.
        try #expect(Views.plan(replace("b", view)) != nil)
    }

    @Test func aDelayedMemberIsNoSourceOfData() throws {
        var view = try FailoverProcedureTests.view { spec in
            spec.members[2].priority = 0
            spec.members[2].delaySeconds = 3600
        }
        view.standings[view.spec.members[1].host] = nil
        try #expect(Views.refusal(replace("a", view))?.message.contains("up-to-date copy") == true)
    }

    @Test func anArbiterHasNothingToReplace() throws {
        let view = try FailoverProcedureTests.view { spec in
            spec.members[2].arbiter = true
            spec.members[2].priority = 0
        }
        let refusal = try #require(try Views.refusal(replace("c", view)))
        #expect(refusal.message.contains("arbiter"))
        #expect(refusal.hint.contains("rkctl member remove c; rkctl member add c"))
    }

    @Test func losingTheMajorityIsRefused() throws {
        var view = try FailoverProcedureTests.view()
        view.standings[view.spec.members[1].host] = nil
        try #expect(Views.refusal(replace("c", view))?.message.contains("without c 1 healthy") == true)
        // The one that is down is not needed.
        view.stop("b")
        try #expect(Views.plan(replace("b", view)) != nil)
    }

    @Test func whereNobodyCanTakeOverItIsRefused() throws {
        var view = try FailoverProcedureTests.view { spec in
            for index in 1...2 { spec.members[index].priority = 0 }
        }
        try #expect(Views.refusal(replace("a", view))?.message.contains("no other member can take over") == true)
        view.primary = nil
        try #expect(Views.refusal(replace("b", view))?.code == .noPrimary)
    }

    @Test func whoIsNotInTheConfigIsToBeAdded() throws {
        var view = try FailoverProcedureTests.view()
        view.config = try #require(view.config).applying(
            [.removeMember(view.spec.members[2].host)],
            serverVersion: ServerVersion(6, 0, 5)
        )
        try #expect(Views.refusal(replace("c", view))?.hint.contains("rkctl member add c") == true)
    }

    @Test func hostsThatCannotMakeMembersAreRefused() throws {
        var view = try FailoverProcedureTests.view { $0.runtime = .external }
        try #expect(Views.refusal(replace("c", view))?.code == .hostUnsupported)
        view = try FailoverProcedureTests.view()
        view.canProvision = false
        try #expect(Views.refusal(replace("c", view))?.code == .hostUnsupported)
    }

    @Test func unknownNamesAreErrors() throws {
        let view = try FailoverProcedureTests.view()
        #expect { try replace("x", view) } throws: { ($0 as? ReplicaKitError)?.code == .unknownMember }
    }
}
