import ReplicaKit

/// One plan of the journal, for people and programs.
struct HistoryView {
    let record: JournalRecord

    private var began: String? {
        record.entries.first.map { BSONDateTime(milliseconds: Int64($0.at * 1000)).rfc3339 }
    }

    private var seconds: Double? {
        guard let first = record.entries.first?.at, let last = record.entries.last?.at else { return nil }
        return last - first
    }

    private var stepsDone: Int { record.entries.count { $0.event == .stepFinished } }

    private var message: String? { record.entries.last { $0.message != nil }?.message }

    /// The end in a word, and how it looks.
    private var outcome: (text: String, style: Style) {
        switch record.outcome {
        case .finished: ("done", .green)
        case .stepFailed: ("failed", .red)
        case .interrupted: ("interrupted", .yellow)
        case .superseded: ("superseded", .dim)
        default: ("unfinished", .yellow)
        }
    }

    /// All of them, in a table.
    static func lines(_ views: [HistoryView], _ paint: Paint, width: Int?) -> [String] {
        var table = Table(columns: [
            .init(title: "BEGAN"), .init(title: "PLAN"), .init(title: "OUTCOME"),
            .init(title: "STEPS", alignsRight: true), .init(title: "TOOK", alignsRight: true), .init(title: "NOTES"),
        ])
        table.rows = views.map { view in
            let step = view.record.openStep.map { "at step \($0.id): \($0.action.description)" }
            return [
                .init(view.began ?? "–"), .init(view.record.plan.procedure),
                .init(view.outcome.text, view.outcome.style),
                .init("\(view.stepsDone)/\(view.record.plan.steps.count)"),
                .init(view.seconds.map(Format.seconds) ?? "–"),
                .init([step, view.message].compactMap(\.self).joined(separator: "; ")),
            ]
        }
        return table.lines(paint, width: width)
    }

    /// For programs.
    var json: BSONDocument {
        [
            "id": .string(record.plan.id.rawValue), "procedure": .string(record.plan.procedure),
            "began": began.map { .string($0) } ?? .null, "outcome": .string(outcome.text),
            "steps": .integer(record.plan.steps.count), "stepsDone": .integer(stepsDone),
            "openStep": record.openStep.map { .integer($0.id) } ?? .null,
            "tookSeconds": seconds.map { .double($0) } ?? .null, "message": message.map { .string($0) } ?? .null,
        ]
    }
}
