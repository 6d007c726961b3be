import ArgumentParser
import ReplicaKit

/// The exit codes of rkctl. `Documentation/errors.md` has the same table for operators.
///
/// | code | meaning |
/// | --- | --- |
/// | 0 | done, or there was nothing to do |
/// | 1 | failed; what was done is in the journal |
/// | 2 | refused by a safety rule or a precondition; nothing was changed |
/// | 64 | wrong arguments, spec or secrets; nothing was changed |
/// | 130 | ended at once by a second Ctrl-C |
extension ExitCode {
    /// A safety rule or a precondition refused it.
    static let refused = ExitCode(2)
    /// The arguments, the spec or a file that it names are wrong.
    static let usage = ExitCode(64)
    /// A second Ctrl-C.
    static let interruptedAgain = ExitCode(130)

    /// The exit code of an error.
    init(for error: ReplicaKitError) {
        switch error.code {
        case .refused, .locked, .hostUnsupported, .targetNotEmpty, .momentNotCovered: self = .refused
        // Inputs that fail while something is done, not before.
        case .fileUnwritable, .invalidBSON: self = .failure
        case ReplicaKitError.Family.input: self = .usage
        default: self = .failure
        }
    }
}
