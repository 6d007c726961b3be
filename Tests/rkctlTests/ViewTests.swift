import ReplicaKit
import Testing

@testable import rkctl

@Suite("Views")
struct ViewTests {
    private static let spec = ReplicaSetSpec(name: "rs0", members: [])

    @Test(
        "Times are written in the unit that fits them",
        arguments: [
            (0, "0 s"), (0.000_4, "0.4 ms"), (0.0031, "3.1 ms"), (0.0096, "10 ms"), (0.25, "250 ms"), (0.9996, "1 s"),
            (3.44, "3.4 s"), (59.96, "60 s"), (100, "2 min"), (5_400, "90 min"), (7_200, "2 h"), (100_000, "27.8 h"),
            (200_000, "2.3 d"), (-0.5, "-500 ms"),
        ]
    )
    func times(seconds: Double, text: String) {
        #expect(Format.seconds(seconds) == text)
    }

    @Test("Columns that say nothing are left out")
    func emptyColumns() {
        var table = Table(columns: [.init(title: "A"), .init(title: "B"), .init(title: "C")])
        table.rows = [[.init("1"), .init(""), .init("")], [.init("2"), .init(""), .init("x")]]
        table.removeEmptyColumns()
        #expect(table.lines(Paint(isOn: false)) == ["A  C", "1", "2  x"])
    }

    @Test("A plan is numbered, with the line that an operator would type")
    func plan() throws {
        let plan = Plan(
            procedure: "stop",
            set: "rs0",
            actions: [.makePrimary("m2", catchUpSeconds: 10, holdSeconds: 0), .shutDown(["m1"])],
            warnings: ["take care"]
        )
        let view = ProposalView(proposal: .plan(plan), intent: .stop(["m1"], emergency: false), spec: Self.spec)
        #expect(
            view.lines(Paint(isOn: false)) == [
                "stop rs0 would, in 2 steps:", "  1. make m2 the primary",
                "     db.adminCommand({replSetStepUp: 1}) on m2",
                "  2. shut down m1 and wait until the processes have ended",
                "     db.adminCommand({shutdown: 1, timeoutSecs: 1})", "warning: take care",
            ]
        )
        #expect(view.json["plan"]?.documentValue?.keys == ["procedure", "steps", "warnings"])
        let step = view.json[path: "plan", "steps", "0"]?.documentValue
        #expect(step?.keys == ["id", "kind", "description", "command"])
    }

    @Test("A refusal says what to do instead; nothing to do is a plan without steps")
    func otherProposals() throws {
        let refusal = Refusal(message: "no majority", hint: "Start others.")
        let refused = ProposalView(proposal: .refusal(refusal), intent: .up, spec: Self.spec)
        #expect(refused.lines(Paint(isOn: false)) == ["refused: no majority", "hint: Start others."])
        #expect(
            try refused.json.extendedJSON()
                == #"{"refusal":{"code":"plan.refused","message":"no majority","hint":"Start others."}}"#
        )
        let idle = ProposalView(proposal: .nothingToDo("all is well"), intent: .up, spec: Self.spec)
        #expect(
            try idle.json.extendedJSON()
                == #"{"plan":{"procedure":"up","steps":[],"warnings":[]},"found":"all is well"}"#
        )
    }
}
