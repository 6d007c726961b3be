import ArgumentParser
import ReplicaKit

/// `rkctl resume`.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Complete the last run, if it failed, was interrupted or died.",
        discussion: """
            The set is looked at afresh, and what is left of what was wanted is planned anew: steps that came about are \
            not done again. `rkctl history` shows the run.
            """
    )

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            guard let intent = try set.requireUnfinishedRun().plan.intent else {
                throw ReplicaKitError(
                    .invalidArgument,
                    "the journal does not say what the last run was for: an older version wrote it",
                    hint: "Run the same command again."
                )
            }
            try await session.change(intent, of: set, changes)
        }
    }
}

/// `rkctl abandon`.
struct AbandonCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "abandon",
        abstract: "Write down that the last run will not be completed.",
        discussion: "Changes the journal only: the set stays as the run left it. `rkctl status` shows it."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let set = try session.replicaSet()
            let record = try set.requireUnfinishedRun()
            try set.abandon(record)
            try Self.show(record, on: session.output)
        }
    }

    // Not within the closure above: with both in one function, Swift 6.3.1 fails to compile the release build.
    private static func show(_ record: JournalRecord, on output: Output) throws {
        let step = record.openStep.map { "; it stopped in step \($0.id): \($0.action.description)" } ?? ""
        try output.result {
            ["abandoned \(record.plan.procedure) \(record.plan.id)\(step)"]
        } json: {
            [
                "id": .string(record.plan.id.rawValue), "procedure": .string(record.plan.procedure),
                "openStep": record.openStep.map { .integer($0.id) } ?? .null,
            ]
        }
    }
}

extension ReplicaSet {
    /// The run that is to be completed or abandoned.
    fileprivate func requireUnfinishedRun() throws -> JournalRecord {
        if let record = try unfinishedRun() { return record }
        throw ReplicaKitError(
            .refused,
            "there is no unfinished run of \(spec.name): the last one came to its end, or there was none",
            hint: "See `rkctl history`."
        )
    }
}
