/// A replica set, as its operator sees it: the front door of this library.
///
/// It holds what the set should be (the spec) and what to reach it with (the toolbox). Nothing is remembered between
/// calls: each looks at the set afresh.
///
/// ```swift
/// let set = ReplicaSet(spec: spec, baseDirectory: "/srv/mongo", toolbox: toolbox)
/// switch try await set.propose(.up) {
/// case .plan(let plan): try await set.run(plan)
/// case .nothingToDo(let why): logger.info("\(why)")
/// case .refusal(let refusal): throw refusal.error
/// }
/// ```
public struct ReplicaSet: Sendable {
    /// What the set should be.
    public let spec: ReplicaSetSpec
    /// What relative paths of the spec are relative to; secrets and the journal stand in it too.
    public let baseDirectory: String
    /// What the set is reached with.
    public let toolbox: Toolbox
    /// How long the parts of steps may take.
    public var limits: StepLimits

    /// Creates the front door of a set. Nothing is opened or asked yet.
    public init(spec: ReplicaSetSpec, baseDirectory: String, toolbox: Toolbox, limits: StepLimits = StepLimits()) {
        self.spec = spec
        self.baseDirectory = baseDirectory
        self.toolbox = toolbox
        self.limits = limits
    }

    /// Where the plans of this set are written down.
    public var journal: Journal { Journal(directory: "\(stateDirectory)/journal") }

    /// The secrets that the spec names.
    public var secrets: SecretStore { SecretStore(baseDirectory: baseDirectory) }

    /// What a procedure decides on, as it is now.
    ///
    /// - Throws: ``ReplicaKitError`` when the host cannot be asked. Members that do not answer are no error.
    public func view() async throws -> SetView { try await view(includingOperations: false) }

    private func view(includingOperations: Bool) async throws -> SetView {
        let view = try await SetObserver(performer: performer).view(includingOperations: includingOperations)
        // Members that were not asked to the end look like members that do not answer.
        try Task.checkCancellation()
        return view
    }

    /// What would be done about the set as it is now. Changes nothing.
    public func propose(_ intent: Intent) async throws -> Proposal {
        try intent.propose(try await view(includingOperations: intent.movesPrimary))
    }

    /// Runs a plan.
    ///
    /// - Parameters:
    ///   - plan: A plan that ``propose(_:)`` gave for this set.
    ///   - events: Told what happens, from any thread.
    /// - Throws: The error of the first step that failed; ``ReplicaKitError/Code/interrupted`` when the task was
    ///   cancelled; ``ReplicaKitError/Code/locked`` when another run changes this set. What was done stays: propose the
    ///   same intent again and run what is left.
    public func run(_ plan: Plan, events: @escaping @Sendable (PlanEvent) -> Void = { _ in }) async throws {
        guard plan.set == spec.name else {
            throw ReplicaKitError(.invalidArgument, "the plan is for \(plan.set), not for \(spec.name)")
        }
        let journal = journal
        try journal.prepare()
        let lock = try SetLock(path: lockPath, set: spec.name)
        try await PlanRunner(journal: journal, clock: toolbox.clock).run(plan, with: performer, events: events)
        _ = consume lock
    }

    /// Proposes and runs until there is nothing left to do: some plans can only be completed when members answer that
    /// did not run before.
    ///
    /// - Parameters:
    ///   - intent: What is wanted.
    ///   - confirm: Asked before each plan is run; `false` stops.
    ///   - events: Told what happens.
    /// - Returns: What was found when there was nothing left to do, or `nil` when `confirm` said no.
    /// - Throws: As ``run(_:events:)``, and the refusal's error when a procedure refuses.
    public func apply(
        _ intent: Intent,
        confirm: @Sendable (Plan) async throws -> Bool = { _ in true },
        events: @escaping @Sendable (PlanEvent) -> Void = { _ in }
    ) async throws -> String? {
        var previous: Plan?
        while true {
            switch try await proposal(for: intent, after: previous, events) {
            case .nothingToDo(let found):
                try settle(intent)
                return found
            case .refusal(let refusal): throw refusal.error
            case .plan(let plan):
                guard try await confirm(plan) else { return nil }
                try await run(plan, events: events)
                previous = plan
            }
        }
    }

    /// What is to be done after a plan was run, which is not the same once more.
    ///
    /// What was verified may be undone for a moment: a member that served closes its connections and answers nobody
    /// while it takes back what only it had written. That is looked at again.
    private func proposal(
        for intent: Intent,
        after previous: Plan?,
        _ events: @Sendable (PlanEvent) -> Void
    ) async throws -> Proposal {
        guard let previous else { return try await propose(intent) }
        var isTold = false
        let next = try await toolbox.clock.poll(for: limits.agreement, every: .milliseconds(250)) {
            let next = try await propose(intent)
            guard case .plan(let plan) = next, plan.steps == previous.steps else { return next as Proposal? }
            if !isTold, let last = previous.steps.last {
                events(.stepNoted(last, "what was done is not so at this moment: looking again"))
                isTold = true
            }
            return nil
        }
        guard let next else {
            throw ReplicaKitError(
                .stepTimedOut,
                "all steps were done, and \(Int(limits.agreement.seconds)) s later the same ones are still to do: "
                    + "\(previous.steps.map(\.action.description))",
                hint: "Someone or something else changes the set. Look at `rkctl status`."
            )
        }
        return next
    }

    /// Says of runs whose process died, and of the last one where it failed or was interrupted and wanted the same, that
    /// the set was found complete: nothing is left of them to resume. One that still runs has the lock, and is left.
    private func settle(_ intent: Intent) throws {
        let journal = journal
        let failed = try unfinishedRun().flatMap { $0.outcome != nil && $0.plan.intent == intent ? $0 : nil }
        guard try failed != nil || !journal.unfinished().isEmpty else { return }
        guard let lock = try? SetLock(path: lockPath, set: spec.name) else { return }
        let reason = "the set was found complete"
        try journal.supersedeUnfinished(by: intent, because: reason)
        if let failed {
            let entry = JournalEntry(at: Journal.now, event: .superseded, message: reason)
            try journal.append(entry, to: failed.plan.id)
        }
        _ = consume lock
    }

    var lockPath: String { "\(stateDirectory)/lock" }

    /// Where what is remembered of this set stands: plans, the lock, and who was told of what.
    public var stateDirectory: String { secrets.stateDirectory(of: spec.name) }

    var performer: StepPerformer {
        StepPerformer(spec: spec, toolbox: toolbox, secrets: secrets, limits: limits)
    }
}

extension SecretStore {
    /// Where the state of a set stands, beside its spec: the journal, the lock, who was told of which alert.
    package func stateDirectory(of set: ReplicaSetName) -> String { resolve(".replicakit/\(set)") }
}
