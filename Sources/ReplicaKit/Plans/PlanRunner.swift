/// Runs a plan: step by step, each written to the journal before and after, stopping at the first that fails.
///
/// The runner knows nothing of replica sets: what a step does is ``StepPerforming``'s affair. It can therefore be
/// tested, and trusted, alone.
struct PlanRunner: Sendable {
    let journal: Journal?
    let clock: any Clock<Duration>

    /// Runs all steps of a plan.
    ///
    /// Cancelling the task lets the current step end its wait, and stops the run.
    ///
    /// - Throws: The error of the step that failed; ``ReplicaKitError/Code/interrupted`` with the step the run stopped
    ///   before or in, when the task was cancelled.
    func run(
        _ plan: Plan,
        with performer: some StepPerforming,
        events: @escaping @Sendable (PlanEvent) -> Void
    ) async throws {
        try journal?.supersedeUnfinished(by: plan.intent, because: "taken over by \(plan.id)")
        try write(.init(at: Journal.now, event: .planned, plan: plan), of: plan)
        events(.began(plan))
        let whole = try await clock.seconds {
            for step in plan.steps {
                try await run(step, of: plan, with: performer, events: events)
            }
        }
        try write(.init(at: Journal.now, event: .finished), of: plan)
        events(.finished(seconds: whole))
    }

    private func run(
        _ step: Step,
        of plan: Plan,
        with performer: some StepPerforming,
        events: @escaping @Sendable (PlanEvent) -> Void
    ) async throws {
        do {
            try Task.checkCancellation()
            try write(.init(at: Journal.now, event: .stepStarted, step: step.id), of: plan)
            events(.stepStarted(step))
            var alreadyHeld = false
            let seconds = try await clock.seconds {
                alreadyHeld = try await performer.perform(step.action) { events(.stepNoted(step, $0)) } == .alreadyHeld
            }
            try write(.init(at: Journal.now, event: .stepFinished, step: step.id), of: plan)
            events(.stepFinished(step, seconds: seconds, alreadyHeld: alreadyHeld))
        } catch is CancellationError {
            try write(.init(at: Journal.now, event: .interrupted, step: step.id), of: plan)
            let message = "interrupted at step \(step.id) of \(plan.steps.count): \(step.action.description)"
            events(.stepFailed(step, message: message))
            throw ReplicaKitError(
                .interrupted,
                message,
                hint: "What is done stays. `rkctl resume` completes the rest, as does the same command again."
            )
        } catch {
            try write(.init(at: Journal.now, event: .stepFailed, step: step.id, message: "\(error)"), of: plan)
            events(.stepFailed(step, message: "\(error)"))
            throw error
        }
    }

    private func write(_ entry: JournalEntry, of plan: Plan) throws(ReplicaKitError) {
        try journal?.append(entry, to: plan.id)
    }
}

/// What carries out the actions of steps.
protocol StepPerforming: Sendable {
    /// Does what the action is for and observes that it is so; or finds that it was so already.
    ///
    /// - Parameters:
    ///   - action: The action.
    ///   - note: Tells the operator what is going on within a longer step.
    func perform(_ action: StepAction, note: @escaping @Sendable (String) -> Void) async throws -> StepOutcome
}

/// How a step came to its end.
enum StepOutcome: Sendable, Hashable {
    /// It was done.
    case done
    /// There was nothing to do.
    case alreadyHeld
}

extension Clock where Duration == Swift.Duration {
    /// How many seconds of this clock something took.
    func seconds(_ work: () async throws -> Void) async rethrows -> Double {
        let start = now
        try await work()
        return start.duration(to: now).seconds
    }
}
