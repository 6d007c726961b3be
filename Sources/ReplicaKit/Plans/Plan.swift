/// A change of a replica set, as data: what will be done, in which order, before any of it is done.
///
/// A plan is made by a procedure from an observation, can be printed, is written to the journal, and is run by
/// ``PlanRunner``. It holds no secret: steps name members, and secrets are read when a step needs them.
public struct Plan: Sendable, Hashable, Codable {
    /// Unique, and in the order of time as text.
    public var id: PlanID
    /// The procedure that made it, for example `up`.
    public var procedure: String
    /// The set that it changes.
    public var set: ReplicaSetName
    /// The steps, in order.
    public var steps: [Step]
    /// What the operator should know before saying yes.
    public var warnings: [String]
    /// What was wanted: proposing it again after an interruption plans what is left.
    public var intent: Intent?

    /// Creates a plan, numbering its steps from 1.
    public init(
        id: PlanID = PlanID(),
        procedure: String,
        set: ReplicaSetName,
        actions: [StepAction],
        warnings: [String] = []
    ) {
        self.id = id
        self.procedure = procedure
        self.set = set
        steps = actions.enumerated().map { Step(id: $0.offset + 1, action: $0.element) }
        self.warnings = warnings
    }
}

/// The id of a plan.
public struct PlanID: Sendable, Hashable, Codable, RawRepresentable, CustomStringConvertible {
    /// The text.
    public let rawValue: String
    /// Wraps a text.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The text.
    public var description: String { rawValue }
}

/// One step of a plan.
public struct Step: Sendable, Hashable, Codable {
    /// Its number in the plan, from 1.
    public var id: Int
    /// What it does.
    public var action: StepAction

    /// Creates a step.
    public init(id: Int, action: StepAction) {
        self.id = id
        self.action = action
    }
}

/// What a procedure answers when it is asked for a plan.
public enum Proposal: Sendable, Hashable {
    /// Do this.
    case plan(Plan)
    /// All is as it should be; the text says what was found.
    case nothingToDo(String)
    /// It would not be safe, or cannot be done. Nothing was changed.
    case refusal(Refusal)
}

/// Why a procedure will not do what was asked, and the way out.
public struct Refusal: Error, Sendable, Hashable, Codable {
    /// The stable code.
    public var code: ReplicaKitError.Code
    /// What is in the way.
    public var message: String
    /// What to do instead.
    public var hint: String

    /// Creates a refusal.
    public init(code: ReplicaKitError.Code = .refused, message: String, hint: String) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The refusal as an error, for callers that asked for the change rather than for the plan.
    public var error: ReplicaKitError { ReplicaKitError(code, message, hint: hint) }
}
