/// One line of a plan's journal.
public struct JournalEntry: Sendable, Hashable, Codable {
    /// What happened.
    public enum Event: String, Sendable, Hashable, Codable {
        /// The plan was written down; nothing is done yet. Only this entry holds the plan.
        case planned
        /// A step is about to be done.
        case stepStarted
        /// A step is done.
        case stepFinished
        /// A step failed, and the run with it.
        case stepFailed
        /// The run was interrupted between two steps.
        case interrupted
        /// All steps are done.
        case finished
        /// A later run of the same set took the work over.
        case superseded
    }

    /// When, in seconds since 1970.
    public var at: Double
    /// What happened.
    public var event: Event
    /// The step, where it is about one.
    public var step: Int?
    /// The plan, in the first entry.
    public var plan: Plan?
    /// An error's text, without secrets.
    public var message: String?
}

/// How far a plan came, as its journal tells.
public struct JournalRecord: Sendable, Hashable {
    /// The plan.
    public var plan: Plan
    /// All entries, oldest first.
    public var entries: [JournalEntry]

    /// How the run ended, or `nil` when it did not: it runs still, or its process died.
    public var outcome: JournalEntry.Event? {
        guard let last = entries.last?.event else { return nil }
        switch last {
        case .finished, .stepFailed, .interrupted, .superseded: return last
        case .planned, .stepStarted, .stepFinished: return nil
        }
    }

    /// Whether nothing is left of it: all steps were done, or it was taken over or abandoned.
    var hasEnded: Bool { outcome == .finished || outcome == .superseded }

    /// Whether an earlier run can still be completed after this one.
    func leavesOpen(_ earlier: JournalRecord) -> Bool {
        plan.intent?.leavesOpen(earlier.plan.intent) ?? false
    }

    /// The step that was begun and not finished.
    public var openStep: Step? {
        var open: Int?
        for entry in entries {
            switch entry.event {
            case .stepStarted: open = entry.step
            case .stepFinished: open = nil
            default: break
            }
        }
        return plan.steps.first { $0.id == open }
    }
}
