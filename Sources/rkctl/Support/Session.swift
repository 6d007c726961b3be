import ReplicaKit

/// What a command works with while it runs.
struct Session: Sendable {
    /// The options it was given.
    let options: GlobalOptions
    /// Where its results go.
    var output: Output { options.output }

    /// Reads the spec.
    func loadSpec() throws(ReplicaKitError) -> SpecFile { try SpecFile(loading: options.specPath) }
}
