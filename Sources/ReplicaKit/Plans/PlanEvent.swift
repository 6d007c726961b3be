/// What happens while a plan runs: for progress on a screen, and for the logs of an embedding service.
public enum PlanEvent: Sendable, Hashable {
    /// The run begins.
    case began(Plan)
    /// A step begins.
    case stepStarted(Step)
    /// Something worth telling within a step, for example "b is in initial sync".
    case stepNoted(Step, String)
    /// A step reached what it was for. `alreadyHeld`: there was nothing to do.
    case stepFinished(Step, seconds: Double, alreadyHeld: Bool)
    /// A step failed; the run ends.
    case stepFailed(Step, message: String)
    /// All steps are done.
    case finished(seconds: Double)
}
