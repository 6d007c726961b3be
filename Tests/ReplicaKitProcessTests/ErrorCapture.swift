import ReplicaKit
import Testing

/// Runs what must fail with a code of ours and a hint, and gives the error.
func failure(
    _ code: ReplicaKitError.Code,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async throws -> ReplicaKitError {
    do {
        try await body()
    } catch let error as ReplicaKitError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        #expect(error.hint?.isEmpty == false, "no hint: \(error)", sourceLocation: sourceLocation)
        return error
    }
    throw Unthrown(code: code)
}

/// Nothing was thrown where an error was expected.
struct Unthrown: Error {
    let code: ReplicaKitError.Code
}
