import Testing

@testable import ReplicaKit

@Suite struct ApplyProcedureTests {
    /// A set whose config is that of the first `count` members, and a spec that was edited since.
    private func view(_ count: Int = 3, spec edit: (inout ReplicaSetSpec) -> Void) throws -> SetView {
        var view = try FailoverProcedureTests.view { $0 = Views.spec(count) }
        edit(&view.spec)
        return view
    }

    private func member(_ index: Int, _ edit: (inout MemberSpec) -> Void = { _ in }) -> MemberSpec {
        var member = Views.spec(index + 1).members[index]
        edit(&member)
        return member
    }

    private func actions(_ proposal: Proposal) -> [StepAction] { Views.plan(proposal)?.steps.map(\.action) ?? [] }

    // MARK: Members that join

    @Test func newMembersJoinWithoutAVoteAndGetItOneReconfigAtATime() throws {
        let (d, e) = (member(3), member(4) { $0.priority = 2 })
        let view = try view { $0.members += [d, e] }
        let proposal = try Intent.apply([]).propose(view)
        #expect(
            actions(proposal) == [
                .createMembers(["d", "e"]),
                .startMembers(["d", "e"]),
                .editConfig([.addMember(.init(d, votes: 0, priority: 0))]),
                .editConfig([.addMember(.init(e, votes: 0, priority: 0))]),
                .awaitMembers(["d", "e"]),
                .editConfig([.setVotes(of: d.host, to: 1), .setPriority(of: d.host, to: 1)]),
                .editConfig([.setVotes(of: e.host, to: 1), .setPriority(of: e.host, to: 2)]),
            ]
        )
        #expect(Views.plan(proposal)?.intent == .apply([]))
    }

    @Test func aMemberThatNeverVotesGetsNoVote() throws {
        let d = member(3) { member in
            member.votes = 0
            member.priority = 0
            member.hidden = true
            member.delaySeconds = 3600
        }
        let proposal = try Intent.apply(["d"]).propose(view { $0.members.append(d) })
        #expect(Views.edits(proposal) == [[.addMember(.init(d, votes: 0, priority: 0))]])
    }

    @Test func anArbiterJoinsLast() throws {
        let arbiter = member(3) { member in
            member.arbiter = true
            member.priority = 0
        }
        let e = member(4)
        let proposal = try Intent.apply([]).propose(view { $0.members += [arbiter, e] })
        #expect(
            actions(proposal) == [
                .createMembers(["d", "e"]),
                .startMembers(["d", "e"]),
                .editConfig([.addMember(.init(e, votes: 0, priority: 0))]),
                .awaitMembers(["e"]),
                .editConfig([.setVotes(of: e.host, to: 1), .setPriority(of: e.host, to: 1)]),
                .editConfig([.addMember(.init(arbiter))]),
                .awaitMembers(["d"]),
            ]
        )
    }

    @Test func aNewMemberThatRunsIsNeitherMadeNorStarted() throws {
        let d = member(3)
        var view = try view { $0.members.append(d) }
        view.processes["d"] = .running(MemberProcess(identity: "1"))
        view.answering.insert("d")
        try #expect(
            Views.kinds(Intent.apply([]).propose(view)) == ["editConfig", "awaitMembers", "editConfig"]
        )
        view.answering.remove("d")
        try #expect(
            Views.kinds(Intent.apply([]).propose(view)) == ["startMembers", "editConfig", "awaitMembers", "editConfig"]
        )
        view.stop("d")
        try #expect(
            Views.kinds(Intent.apply([]).propose(view)) == ["startMembers", "editConfig", "awaitMembers", "editConfig"]
        )
    }

    @Test func anInterruptedJoinGoesOn() throws {
        let d = member(3)
        var view = try view { $0.members.append(d) }
        view.config = try #require(view.config).applying(
            [.addMember(.init(d, votes: 0, priority: 0))],
            serverVersion: ServerVersion(6, 0, 5)
        )
        view.processes["d"] = .running(MemberProcess(identity: "1"))
        view.answering.insert("d")
        view.standings[d.host] = MemberStanding(state: .startup2)
        try #expect(
            actions(Intent.apply([]).propose(view)) == [
                .awaitMembers(["d"]),
                .editConfig([.setVotes(of: d.host, to: 1), .setPriority(of: d.host, to: 1)]),
            ]
        )
    }

    @Test func whoRunsAsSomethingElseIsRefused() throws {
        var view = try view { $0.members.append(member(3)) }
        view.problems["d"] = ReplicaKitError(.wrongReplicaSet, "it is a member of other", hint: "Look there.")
        let refusal = try #require(try Views.refusal(Intent.apply([]).propose(view)))
        #expect(refusal.code == .wrongReplicaSet)
        #expect(refusal.message.contains("d runs"))
        #expect(refusal.hint == "Look there.")
    }

    // MARK: Members that are there

    @Test func aSetThatIsAsTheSpecSaysNeedsNothing() throws {
        let view = try view { _ in }
        try #expect(Views.isNothing(Intent.apply([]).propose(view)))
        try #expect(Views.isNothing(Intent.apply(["b"]).propose(view)))
    }

    @Test func onlyWhatDiffersIsEdited() throws {
        let view = try view { spec in
            spec.members[1].tags = ["zone": "east"]
            spec.members[2].priority = 0
            spec.members[2].hidden = true
            spec.members[2].delaySeconds = 60
        }
        let hosts = view.spec.members.map(\.host)
        try #expect(
            Views.edits(Intent.apply([]).propose(view)) == [
                [.setTags(of: hosts[1], to: ["zone": "east"])],
                [
                    .setDelay(of: hosts[2], toSeconds: 60), .setHidden(of: hosts[2], to: true),
                    .setPriority(of: hosts[2], to: 0),
                ],
            ]
        )
        try #expect(Views.edits(Intent.apply(["b"]).propose(view)).count == 1)
    }

    @Test func settingsOfTheSpecAreSetAndThoseItLeavesOutStay() throws {
        let view = try view { spec in
            spec.settings.electionTimeoutMillis = 5000
            spec.settings.chainingAllowed = false
        }
        try #expect(
            Views.edits(Intent.apply([]).propose(view)) == [
                [
                    .setSetting("electionTimeoutMillis", to: .integer(5000)),
                    .setSetting("chainingAllowed", to: .boolean(false)),
                ]
            ]
        )
        try #expect(Views.isNothing(Intent.apply(["a", "b", "c"]).propose(view)))
    }

    @Test func aVoteIsGivenToAMemberThatServes() throws {
        var view = try view { $0.members[2].votes = 0 }
        view.config = try Views.config(view.spec)
        view.spec.members[2].votes = 1
        let host = view.spec.members[2].host
        try #expect(
            actions(Intent.apply([]).propose(view)) == [
                .awaitMembers(["c"]), .editConfig([.setVotes(of: host, to: 1)]),
            ]
        )
        view.standings[host] = nil
        let refusal = try #require(try Views.refusal(Intent.apply([]).propose(view)))
        #expect(refusal.hint.contains("rkctl start c"))
    }

    @Test func aVoteIsNotTakenWhereTheMajorityNeedsIt() throws {
        var view = try view(5) { spec in
            spec.members[1].votes = 0
            spec.members[1].priority = 0
        }
        try #expect(Views.edits(Intent.apply([]).propose(view)).count == 1)
        for index in 3...4 { view.standings[view.spec.members[index].host] = nil }
        let refusal = try #require(try Views.refusal(Intent.apply([]).propose(view)))
        #expect(refusal.message.contains("2 healthy voting members would be left, and 3 are needed"))
    }

    @Test func whetherAMemberIsAnArbiterCannotBeChanged() throws {
        let view = try view { spec in
            spec.members[2].arbiter = true
            spec.members[2].priority = 0
        }
        let refusal = try #require(try Views.refusal(Intent.apply([]).propose(view)))
        #expect(refusal.message.contains("no arbiter"))
        #expect(refusal.hint.contains("rkctl member remove c"))
    }

    // MARK: The primary

    @Test func aPrimaryThatMayNotBeOneHandsItsRoleOverFirst() throws {
        let view = try view { $0.members[0].priority = 0 }
        try #expect(
            actions(Intent.apply([]).propose(view)) == [
                .makePrimary("b", catchUpSeconds: 10, holdSeconds: 0),
                .editConfig([.setPriority(of: view.spec.members[0].host, to: 0)]),
            ]
        )
    }

    @Test func theRoleGoesToNobodyWhoLosesItInTheSameRun() throws {
        let view = try view { spec in
            for index in 0...1 { spec.members[index].priority = 0 }
        }
        try #expect(
            actions(Intent.apply([]).propose(view)).first == .makePrimary("c", catchUpSeconds: 10, holdSeconds: 0)
        )
        try #expect(
            actions(Intent.apply(["a"]).propose(view)).first == .makePrimary("b", catchUpSeconds: 10, holdSeconds: 0)
        )
    }

    @Test func theOnlySuccessorIsRaisedBeforeThePrimaryHandsItsRoleOver() throws {
        var view = try FailoverProcedureTests.view { spec in
            spec.members[1].priority = 0
            spec.members[2].priority = 0
        }
        view.spec.members[0].priority = 0
        view.spec.members[1].priority = 1
        let (a, b) = (view.spec.members[0].host, view.spec.members[1].host)
        let wanted: [StepAction] = [
            .editConfig([.setPriority(of: b, to: 1)]),
            .makePrimary("b", catchUpSeconds: 10, holdSeconds: 0),
            .editConfig([.setPriority(of: a, to: 0)]),
        ]
        #expect(try actions(Intent.apply([]).propose(view)) == wanted)
    }

    @Test func whereNobodyCanTakeOverItIsRefused() throws {
        var view = try view { $0.members[0].priority = 0 }
        for index in 1...2 { view.standings[view.spec.members[index].host]?.lagSeconds = 30 }
        let refusal = try #require(try Views.refusal(Intent.apply([]).propose(view)))
        #expect(refusal.message.contains("no other member can take over"))
        view.primary = nil
        try #expect(Views.refusal(Intent.apply([]).propose(view))?.code == .noPrimary)
    }

    // MARK: Warnings, others' processes, bad input

    @Test func theOperatorIsToldOfEvenVotersAndOfMembersThatStay() throws {
        let even = try #require(Views.plan(Intent.apply([]).propose(view { $0.members.append(member(3)) })))
        #expect(even.warnings.contains { $0.contains("4 voting members survive the loss of 1") })
        let less = try view { spec in
            spec.members.removeLast()
            spec.members[1].priority = 2
        }
        let plan = try #require(Views.plan(Intent.apply([]).propose(less)))
        #expect(plan.warnings.contains { $0.contains("127.0.0.1:27002 is in the config and not in the spec") })
    }

    @Test func membersThatOthersRunMustAnswerBefore() throws {
        let d = member(3)
        var view = try view { spec in
            spec.runtime = .external
            spec.members.append(d)
        }
        for name in view.spec.members.map(\.name) { view.processes[name] = .unknown }
        let refusal = try #require(try Views.refusal(Intent.apply([]).propose(view)))
        #expect(refusal.code == .hostUnsupported)
        #expect(refusal.hint.contains("--replSet rs"))
        view.answering.insert("d")
        try #expect(Views.kinds(Intent.apply([]).propose(view)) == ["editConfig", "awaitMembers", "editConfig"])
    }

    @Test func unknownNamesAreErrors() throws {
        let view = try view { _ in }
        #expect { try Intent.apply(["x"]).propose(view) } throws: { ($0 as? ReplicaKitError)?.code == .unknownMember }
    }
}
