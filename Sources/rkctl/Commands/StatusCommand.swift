import ArgumentParser
import ReplicaKit

/// `rkctl status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show the set: every member by its own answers.",
        discussion: """
            All members are asked at the same time; one that does not answer within --timeout is shown with its error. \
            Fails when none can be reached or none lets the administrator in.
            """
    )

    @Option(
        defaultAsFlag: 2.0,
        help: ArgumentHelp("Look again and again until Ctrl-C, with this pause.", valueName: "seconds")
    )
    var watch: Double?

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if let watch, !(0.1...86_400).contains(watch) {
            throw ValidationError("--watch must be from 0.1 to 86400 seconds")
        }
    }

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            guard let watch else {
                let status = try await status(of: set)
                return try session.output.result {
                    StatusView(status: status).lines(session.output.paint, width: session.output.width)
                } json: {
                    try BSONEncoder().encode(status)
                }
            }
            try await session.watching(every: .seconds(watch)) {
                let status = try await status(of: set)
                return (
                    StatusView(status: status).lines(session.output.paint, width: session.output.width),
                    try BSONEncoder().encode(status)
                )
            }
        }
    }

    private func status(of set: ReplicaSet) async throws -> ReplicaSetStatus {
        let snapshot = try await set.snapshot()
        try snapshot.requireAuthenticated()
        return ReplicaSetStatus(snapshot)
    }
}
