import ArgumentParser
import ReplicaKit

/// `rkctl history`.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "List the plans that were run, the newest last.",
        discussion: """
            A plan that is neither done nor failed runs now, or its process died: then run the same command again, \
            and it completes what is left.
            """
    )

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("How many of the last plans.", valueName: "n"))
    var last = 20

    @OptionGroup var global: GlobalOptions

    func validate() throws {
        if last < 1 { throw ValidationError("--last must be at least 1") }
    }

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            let views = try set.journal.records().suffix(last).map(HistoryView.init)
            try session.output.result {
                views.isEmpty
                    ? ["no plan was run for \(set.spec.name)"]
                    : HistoryView.lines(views, session.output.paint, width: session.output.width)
            } json: {
                ["plans": .array(BSONArray(views.map { .document($0.json) }))]
            }
        }
    }
}
