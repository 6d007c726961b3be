import ReplicaKit

/// What a procedure would do, for `--dry-run`.
struct ProposalView {
    let proposal: Proposal
    let intent: Intent
    let spec: ReplicaSetSpec

    /// For people: numbered steps, each with what an operator would type for it.
    func lines(_ paint: Paint) -> [String] {
        switch proposal {
        case .nothingToDo(let found): return ["nothing to do: \(found)"]
        case .refusal(let refusal):
            return [paint("refused:", .red) + " \(refusal.message)", paint("hint:", .bold) + " \(refusal.hint)"]
        case .plan(let plan):
            var lines = [paint("\(plan.procedure) \(spec.name) would, in \(plan.steps.count) steps:", .bold)]
            for step in plan.steps {
                lines.append("\("\(step.id)".padded(to: 3, atEnd: false)). \(step.action.description)")
                if let command = step.action.command(in: spec) { lines.append("     " + paint(command, .dim)) }
            }
            return lines + plan.warnings.map { paint("warning:", .yellow) + " \($0)" }
        }
    }

    /// For programs. Nothing to do is a plan without steps.
    var json: BSONDocument {
        switch proposal {
        case .nothingToDo(let found):
            return [
                "plan": [
                    "procedure": .string(intent.name), "steps": .array(BSONArray([])),
                    "warnings": .array(BSONArray([])),
                ],
                "found": .string(found),
            ]
        case .refusal(let refusal):
            return [
                "refusal": [
                    "code": .string(refusal.code.rawValue), "message": .string(refusal.message),
                    "hint": .string(refusal.hint),
                ]
            ]
        case .plan(let plan): return ["plan": .document(plan.json(in: spec))]
        }
    }
}

extension Plan {
    /// The plan for programs.
    func json(in spec: ReplicaSetSpec) -> BSONDocument {
        [
            "procedure": .string(procedure),
            "steps": .array(
                BSONArray(
                    steps.map { step in
                        [
                            "id": .integer(step.id), "kind": .string(step.action.kind),
                            "description": .string(step.action.description),
                            "command": step.action.command(in: spec).map { .string($0) } ?? .null,
                        ]
                    }
                )
            ),
            "warnings": .array(BSONArray(warnings.map { .string($0) })),
        ]
    }
}
