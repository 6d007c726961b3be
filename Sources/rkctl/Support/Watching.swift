import ReplicaKit

extension Session {
    /// Looks again and again until Ctrl-C, which is a good end: on a terminal each look replaces the one before,
    /// elsewhere they follow one another. A look that fails is shown too and ends nothing.
    func watching(
        every pause: Duration,
        _ look: () async throws -> (text: [String], json: BSONDocument)
    ) async throws {
        while true {
            do {
                let (text, json) = try await look()
                try output.look(text, json: json)
            } catch is CancellationError {
                return
            } catch {
                let error = ReplicaKitError(presenting: error)
                // What is wrong with the input does not mend itself.
                if error.code.family == .input { throw error }
                try output.look(error.lines(output.paint), json: error.json)
            }
            do {
                try await ContinuousClock().sleep(for: pause)
            } catch {
                return
            }
        }
    }
}
