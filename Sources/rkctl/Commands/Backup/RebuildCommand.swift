import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl rebuild`.
struct RebuildCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild",
        abstract: "Make the set anew from its spec, a backup and the archive of the oplog.",
        discussion: """
            For when all members are lost: it makes and starts them, restores, and looks at the set's health. A set that \
            holds data is refused. Interrupted, it is completed by running it again.

            It goes on from the backup as far as the archive of the oplog reaches without a gap, or to the moment that \
            --to names. With --to-backup, or where the archive has nothing after it, it ends at the backup's own \
            moment, and every document is compared with the backup.
            """
    )

    @Option(
        help: ArgumentHelp("The backup (default: the good one that fits best).", valueName: "id"),
        transform: BackupArgument.id
    )
    var from: BackupID?

    @Option(
        help: ArgumentHelp("Go on to this moment by the archive of the oplog (default: latest).", valueName: "time"),
        transform: RestoreTarget.init(argument:)
    )
    var to: RestoreTarget?

    @Flag(help: "Do not go on: end at the backup's own moment.")
    var toBackup = false

    @Flag(help: "Print the steps and change nothing.")
    var dryRun = false

    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard to == nil || !toBackup else {
            throw ValidationError("--to-backup ends at the backup's own moment: leave out --to")
        }
    }

    func run() async throws {
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let rebuilder = keeper.rebuilder
        let target: RestoreTarget? = toBackup ? nil : to ?? .latest
        if dryRun { return try session.showSteps(try await rebuilder.steps(from, to: target), of: "rebuild") }
        let start = ContinuousClock.now
        let steps = ProgressView(output: session.output, isLive: false)
        let progress = BackupProgressView(session.output, isLive: !session.options.verbose)
        let report = try await progress.during {
            try await rebuilder.run(from, to: target, planEvents: { steps.receive($0) }, progress.receive)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try session.output.result {
            report.lines(seconds) + ["the set is rebuilt: nothing critical was found"]
        } json: {
            report.json(seconds)
        }
        if !report.failedIndexes.isEmpty { throw ExitCode.failure }
    }
}

extension Session {
    /// Shows steps that are not plans of the journal's kind.
    func showSteps(_ steps: [String], of procedure: String) throws {
        try output.result {
            steps.enumerated().map { "\($0.offset + 1). \($0.element)" }
        } json: {
            let listed = steps.enumerated().map { index, text -> BSONValue in
                ["id": .integer(index + 1), "description": .string(text)]
            }
            return [
                "plan": ["procedure": .string(procedure), "steps": .array(BSONArray(listed)), "warnings": []]
            ]
        }
    }
}
