import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl backup prune`.
struct BackupPruneCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove backups, and the archive of the oplog, that no promised moment needs.",
        discussion: """
            What a restore to any moment of the last backup.retentionDays needs stays, so do the newest good backup and \
            all that have a tag. What a backup left that was begun more than two days ago and not completed is removed.
            """
    )

    @Option(help: ArgumentHelp("Keep this many days restorable.", valueName: "days"))
    var days: Int?

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard days ?? 1 > 0 else { throw ValidationError("--days must be more than 0") }
    }

    func run() async throws {
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let pruning = try await keeper.planPruning(days: days ?? keeper.set.spec.backup.retentionDays)
        let count = pruning.backups.count + pruning.interrupted.count
        if !changes.dryRun, count > 0 {
            let consent = Consent(
                set: keeper.set.spec.name,
                danger: changes.yes ? nil : "\(count) backups will be removed",
                canAsk: !session.output.isJSON
            )
            guard try await consent.given() else { throw Consent.refusal }
        }
        var removed = BackupPruner.Removed()
        if changes.dryRun {
            (removed.backups, removed.interrupted) = (pruning.backups, pruning.interrupted)
        } else {
            removed = try await keeper.prune(pruning)
        }
        let kept = pruning.kept + removed.stayed.sorted { $0.key < $1.key }.map { (id: $0.key, reason: $0.value) }
        try session.output.result { [removed] in
            let verb = changes.dryRun ? "would remove" : "removed"
            return removed.interrupted.map { "\(verb) \($0), which was interrupted" }
                + removed.backups.map { "\(verb) \($0)" } + kept.map { "keeps \($0.id): \($0.reason)" }
                + (removed.slices > 0 ? ["removed \(removed.slices) slices of the oplog"] : [])
        } json: { [removed] in
            [
                "removed": .array(BSONArray(removed.backups.map { .string($0.rawValue) })),
                "removedInterrupted": .array(BSONArray(removed.interrupted.map { .string($0.rawValue) })),
                "kept": .array(
                    BSONArray(kept.map { ["id": .string($0.id.rawValue), "reason": .string($0.reason)] })
                ),
                "removedSlices": .integer(removed.slices), "dryRun": .bool(changes.dryRun),
            ]
        }
    }
}
