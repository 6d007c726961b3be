import Dispatch
import ReplicaKit

/// Asks a person before something is lost for good, once a command.
struct Consent: Sendable {
    /// The set, whose name is the answer that means yes.
    let set: ReplicaSetName
    /// What is lost; `nil` needs no consent.
    let danger: String?
    /// Whether there may be somebody to ask.
    let canAsk: Bool

    /// What is said when the answer was no.
    static let refusal = ReplicaKitError(.refused, "not confirmed: nothing was changed")

    /// Whether it may be done.
    ///
    /// - Throws: ``ReplicaKitError/Code/refused`` where nobody can be asked.
    func given() async throws -> Bool {
        guard let danger else { return true }
        guard canAsk, Terminal.input.isInteractive, Terminal.error.isInteractive else {
            throw ReplicaKitError(.refused, "\(danger), and nobody is there to confirm it", hint: "Add --yes.")
        }
        Terminal.error.write("\(danger). Type the name of the set (\(set)) to go on: ")
        return await Self.line() == set.rawValue
    }

    /// A line that is typed; `nil` at the end of input, and when the task is cancelled.
    private static func line() async -> String? {
        let lines = AsyncStream<String> { continuation in
            // On a thread that may wait: the tasks' own must not.
            DispatchQueue.global().async {
                if let line = readLine() { continuation.yield(line) }
                continuation.finish()
            }
        }
        for await line in lines { return line }
        return nil
    }
}
