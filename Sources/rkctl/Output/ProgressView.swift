import ReplicaKit
import Synchronization

/// Shows a plan while it runs, on stderr: one line a step that changes in place on a terminal, plain lines elsewhere.
final class ProgressView: Sendable {
    private struct State {
        var procedure = ""
        var count = 0
        /// The step that runs, when it began, and the last that was noted of it.
        var current: (step: Step, start: ContinuousClock.Instant, note: String?)?
        var hasLiveLine = false
        var turn = 0
        var done: [(step: Step, seconds: Double, alreadyHeld: Bool)] = []
    }

    private let output: Output
    private let isLive: Bool
    private let state = Mutex(State())

    init(output: Output, isLive: Bool) {
        self.output = output
        self.isLive = isLive && !output.isQuiet
    }

    /// Shows what happens during some work, and leaves a clean line behind.
    func during<Result>(_ work: () async throws -> Result) async rethrows -> Result {
        let ticker =
            isLive
            ? Task { [self] in
                while !Task.isCancelled {
                    state.withLock { redraw(&$0) }
                    try await Task.sleep(for: .milliseconds(100))
                }
            } : nil
        defer {
            ticker?.cancel()
            state.withLock { state in
                state.current = nil
                clear(&state)
            }
        }
        return try await work()
    }

    /// Takes an event of the run, from any thread.
    func receive(_ event: PlanEvent) {
        state.withLock { state in
            switch event {
            case .began(let plan): (state.procedure, state.count) = (plan.procedure, plan.steps.count)
            case .stepStarted(let step):
                state.current = (step, .now, nil)
                if isLive { redraw(&state) } else { say("\(number(step, state)) \(step.action.description)", &state) }
            case .stepNoted(let step, let note):
                state.current?.note = note
                if isLive { redraw(&state) } else { say("\(number(step, state))   \(note)", &state) }
            case .stepFinished(let step, let seconds, let alreadyHeld):
                state.done.append((step, seconds, alreadyHeld))
                state.current = nil
                let outcome = alreadyHeld ? "was so already" : "done in \(Format.seconds(seconds))"
                if isLive {
                    let outcome = output.errorPaint(outcome, .dim)
                    say(
                        "\(output.errorPaint("✓", .green)) \(number(step, state)) \(step.action.description)  \(outcome)",
                        &state
                    )
                } else {
                    say("\(number(step, state)) \(outcome)", &state)
                }
            case .stepFailed(let step, _):
                state.current = nil
                let mark = isLive ? output.errorPaint("✗", .red) + " " : ""
                say("\(mark)\(number(step, state)) \(isLive ? step.action.description : "failed")", &state)
            case .finished: break
            }
        }
    }

    /// Says a warning without breaking the live line.
    func warn(_ text: String) {
        state.withLock { state in
            clear(&state)
            output.warning(text)
        }
    }

    /// What was done, for programs.
    func report(of intent: Intent, in set: ReplicaSetName, found: String) -> BSONDocument {
        state.withLock { state in
            let steps: [BSONValue] = state.done.map { done in
                [
                    "id": .integer(done.step.id), "kind": .string(done.step.action.kind),
                    "description": .string(done.step.action.description), "alreadyHeld": .bool(done.alreadyHeld),
                    "tookSeconds": .double(done.seconds),
                ]
            }
            return [
                "set": .string(set.rawValue), "procedure": .string(intent.name),
                "changed": .bool(state.done.contains { !$0.alreadyHeld }), "found": .string(found),
                "steps": .array(BSONArray(steps)),
                "tookSeconds": .double(state.done.reduce(0) { $0 + $1.seconds }),
            ]
        }
    }

    // MARK: Drawing

    private func number(_ step: Step, _ state: borrowing State) -> String { "[\(step.id)/\(state.count)]" }

    private func say(_ line: String, _ state: inout State) {
        clear(&state)
        output.note(line)
    }

    private func redraw(_ state: inout State) {
        guard let current = state.current else { return }
        state.turn += 1
        let spinner = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"][state.turn % 10]
        let seconds = (ContinuousClock.now - current.start).components.seconds
        var line = "\(spinner) \(number(current.step, state)) \(current.step.action.description)"
        if seconds > 0 { line += "  \(seconds) s" }
        if let note = current.note { line += "  \(note)" }
        Terminal.error.redraw(line.truncated(to: (Terminal.error.size?.columns ?? 80) - 1))
        state.hasLiveLine = true
    }

    private func clear(_ state: inout State) {
        if state.hasLiveLine { Terminal.error.redraw("") }
        state.hasLiveLine = false
    }
}
