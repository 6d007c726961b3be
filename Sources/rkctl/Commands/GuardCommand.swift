import ArgumentParser
import ReplicaKit

/// `rkctl guard`.
struct GuardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "guard",
        abstract: "Watch the primary, and have a successor elected at once when it dies.",
        discussion: """
            A set alone takes its election timeout, 10 s by default; with the guard it is a fraction of a second. Only \
            ordinary elections are asked for: without a majority nothing is done. A primary that runs and does not \
            answer is killed first, unless --no-fence. Run it where the members run; it goes on until Ctrl-C.
            """
    )

    @Flag(inversion: .prefixedNo, help: "Kill a primary that runs and does not answer.")
    var fence = true

    @Flag(
        inversion: .prefixedNo,
        help: "Let the other secondaries replicate from the likeliest successor, so that majority writes do not pause."
    )
    var prepare = true

    @Option(help: ArgumentHelp("How long a probe of the primary may take.", valueName: "seconds"))
    var probeTimeout = 0.5

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (0.05...60).contains(probeTimeout) else {
            throw ValidationError("--probe-timeout must be from 0.05 to 60 seconds")
        }
    }

    func run() async throws {
        try await global.perform { session in
            let settings = FailoverGuard.Settings(
                probeTimeout: .seconds(probeTimeout),
                fences: fence,
                prepares: prepare
            )
            let output = session.output
            do {
                try await FailoverGuard(set: try session.replicaSet(), settings: settings).run { event in
                    let text =
                        "\(event.at.rfc3339) \(event.kind.rawValue): \(event.message)"
                        + (event.seconds.map { " after \(Format.seconds($0))" } ?? "")
                    try? output.event {
                        [text]
                    } json: {
                        [
                            "at": .string(event.at.rfc3339), "event": .string(event.kind.rawValue),
                            "member": event.member.map { .string($0.description) } ?? .null,
                            "message": .string(event.message),
                            "tookSeconds": event.seconds.map { .double($0) } ?? .null,
                        ]
                    }
                }
            } catch is CancellationError {
                // Ctrl-C is how it ends.
            }
        }
    }
}
