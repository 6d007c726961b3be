import Testing

@testable import ReplicaKit

@Suite struct FailoverProcedureTests {
    /// Three members that serve, `a` the primary.
    static func view(_ edit: (inout ReplicaSetSpec) -> Void = { _ in }) throws -> SetView {
        var spec = Views.spec()
        edit(&spec)
        var view = try Views.running(spec)
        for (index, member) in spec.members.enumerated() {
            view.standings[member.host] = MemberStanding(
                state: member.arbiter ? .arbiter : index == 0 ? .primary : .secondary,
                lagSeconds: member.arbiter ? nil : 0
            )
        }
        return view
    }

    private static let primary = Views.spec().members[0].host

    /// Else a failover that has come about would be followed by the next.
    @Test func itIsDoneWhenAnotherMemberIsThePrimary() throws {
        var view = try Self.view()
        view.primary = view.spec.members[1].host
        try #expect(Views.isNothing(Intent.failover(Failover(from: Self.primary)).propose(view)))
        #expect(throws: ReplicaKitError.self) { try Intent.failover(Failover()).propose(view) }
    }

    private func successor(_ proposal: Proposal) -> StepAction? { Views.plan(proposal)?.steps.first?.action }

    @Test func theHighestPriorityTakesOverAndOfEqualsTheNewest() throws {
        var view = try Self.view { $0.members[2].priority = 1.5 }
        try #expect(
            successor(Intent.failover(Failover(from: Self.primary)).propose(view))
                == .makePrimary("c", catchUpSeconds: 10, holdSeconds: 0)
        )
        view = try Self.view()
        view.standings[view.spec.members[1].host]?.lagSeconds = 3
        try #expect(
            successor(Intent.failover(Failover(from: Self.primary)).propose(view))
                == .makePrimary("c", catchUpSeconds: 10, holdSeconds: 0)
        )
    }

    @Test func aPrimaryWithAHigherPriorityIsHeldBackAndTheOperatorIsTold() throws {
        let view = try Self.view { $0.members[0].priority = 2 }
        let plan = try #require(Views.plan(Intent.failover(Failover(to: "b", holdSeconds: 90)).propose(view)))
        #expect(plan.steps.map(\.action) == [.makePrimary("b", catchUpSeconds: 10, holdSeconds: 90)])
        #expect(plan.warnings.contains { $0.contains("higher priority") })
        #expect(plan.intent == .failover(Failover(to: "b", holdSeconds: 90)))
    }

    @Test func anotherMemberThatWillTakeTheRoleIsWarnedOf() throws {
        var view = try Self.view { $0.members[2].priority = 2 }
        let warning = "127.0.0.1:27002 has a higher priority than b"
        var plan = try #require(Views.plan(Intent.failover(Failover(to: "b")).propose(view)))
        #expect(plan.warnings.contains { $0.contains(warning) })
        view.standings[view.spec.members[2].host] = nil
        plan = try #require(Views.plan(Intent.failover(Failover(to: "b")).propose(view)))
        #expect(!plan.warnings.contains { $0.contains(warning) })
    }

    @Test func thePrimaryItselfNeedsNothing() throws {
        try #expect(Views.isNothing(Intent.failover(Failover(to: "a")).propose(Self.view())))
    }

    @Test func whoCannotTakeOverIsRefusedWithTheReason() throws {
        let cases: [(why: String, view: SetView)] = [
            ("priority is 0", try Self.view { $0.members[1].priority = 0 }),
            (
                "arbiter",
                try Self.view { spec in
                    spec.members[1].arbiter = true
                    spec.members[1].priority = 0
                }
            ),
            ("RECOVERING", try changing { $0.state = .recovering }),
            ("30 s behind", try changing { $0.lagSeconds = 30 }),
            ("cannot be told", try changing { $0.lagSeconds = nil }),
        ]
        for (why, view) in cases {
            let refusal = try Views.refusal(Intent.failover(Failover(to: "b")).propose(view))
            #expect(refusal?.message.contains(why) == true, "\(refusal?.message ?? "no refusal") for \(why)")
        }
    }

    private func changing(_ edit: (inout MemberStanding) -> Void) throws -> SetView {
        var view = try Self.view()
        var standing = MemberStanding(state: .secondary, lagSeconds: 0)
        edit(&standing)
        view.standings[view.spec.members[1].host] = standing
        return view
    }

    @Test func aLaggingMemberIsWaitedForWhenAsked() throws {
        let view = try changing { $0.lagSeconds = 3600 }
        try #expect(
            successor(Intent.failover(Failover(to: "b", waitsForSync: true)).propose(view))
                == .makePrimary("b", catchUpSeconds: 86_400, holdSeconds: 0)
        )
        let refusal = try #require(try Views.refusal(Intent.failover(Failover(to: "b")).propose(view)))
        #expect(refusal.hint.contains("--wait-for-sync"))
    }

    @Test func withoutAMajorityOrAPrimaryItIsRefused() throws {
        var view = try Self.view()
        view.standings = view.standings.filter { $0.value.state == .primary }
        try #expect(Views.refusal(Intent.failover(Failover(from: Self.primary)).propose(view))?.code == .refused)
        view = try Self.view()
        view.primary = nil
        try #expect(Views.refusal(Intent.failover(Failover(from: Self.primary)).propose(view))?.code == .noPrimary)
    }

    @Test func whatThePrimaryWorksOnIsSaid() throws {
        var view = try Self.view()
        view.operations = [
            CurrentOp.Operation(document: [
                "op": "command", "ns": "shop.orders", "desc": "IndexBuildsCoordinatorMongod-0",
            ]),
            CurrentOp.Operation(document: ["op": "query", "ns": "shop.orders", "secs_running": 77, "appName": "report"]
            ),
        ]
        let plan = try #require(Views.plan(Intent.failover(Failover(from: Self.primary)).propose(view)))
        #expect(plan.warnings.count == 2)
        #expect(plan.warnings.contains { $0.contains("index build on shop.orders") })
        #expect(plan.warnings.contains { $0.contains("query operation on shop.orders, for 77 s, by report") })
    }

    @Test func aLockForACopyOfFilesIsInTheWay() throws {
        var view = try Self.view()
        view.locked = [view.spec.members[1].host]
        try #expect(
            successor(Intent.failover(Failover(from: Self.primary)).propose(view))
                == .makePrimary("c", catchUpSeconds: 10, holdSeconds: 0)
        )
        var refusal = try Views.refusal(Intent.failover(Failover(to: "b", waitsForSync: true)).propose(view))
        #expect(refusal?.message.contains("fsyncLock") == true)
        view.locked = [Self.primary]
        refusal = try Views.refusal(Intent.failover(Failover(from: Self.primary)).propose(view))
        #expect(refusal?.message.contains("a, the primary, is locked") == true)
        #expect(refusal?.hint.contains("fsyncUnlock") == true)
    }

    @Test func aMemberThatABackupReadsFromTakesOverOnlyWhenItMust() throws {
        var view = try Self.view()
        view.backups = [view.spec.members[1].host: ["mongodump"]]
        try #expect(
            successor(Intent.failover(Failover(from: Self.primary)).propose(view))
                == .makePrimary("c", catchUpSeconds: 10, holdSeconds: 0)
        )
        let plan = try #require(Views.plan(Intent.failover(Failover(to: "b")).propose(view)))
        #expect(plan.warnings.contains { $0.contains("a backup (mongodump) reads from b") })
    }

    @Test func unknownNamesAreErrors() throws {
        let view = try Self.view()
        #expect(throws: ReplicaKitError.self) { try Intent.failover(Failover(to: "x")).propose(view) }
    }

    @Test func operationsAreAskedForBriefly() {
        let command = CurrentOp().encoded()
        #expect(command["aggregate"] == 1)
        #expect(command["pipeline"]?.arrayValue?.count == 2)
    }
}
