import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl restore`.
struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore a backup, whole or in parts, to its own moment or any later one.",
        discussion: """
            Every file is checked before anything is written. A collection that holds data is not touched unless \
            --mirror says that the target becomes equal to the backup. A restore that was interrupted is completed by \
            running it again.

            --to takes a time with its zone (2026-11-24T14:02:00Z: everything that happened before it), an entry of the \
            oplog as SECONDS,INCREMENT (that entry included), or latest: as far as the archive of the oplog goes on \
            from a backup without a gap.
            """
    )

    @Argument(
        help: ArgumentHelp("The backup's id; without it the newest good one that fits.", valueName: "id"),
        transform: BackupArgument.id
    )
    var backup: BackupID?

    @Option(
        help: ArgumentHelp(
            "Restore what mongodump wrote instead: its directory, or the file of its archive.",
            valueName: "path"
        ),
        completion: .file()
    )
    var dump: String?

    @Option(help: ArgumentHelp("Restore this database or collection only; may be repeated.", valueName: "db[.coll]"))
    var include: [String] = []

    @Option(help: ArgumentHelp("Leave this database or collection out; may be repeated.", valueName: "db[.coll]"))
    var exclude: [String] = []

    @Option(
        help: ArgumentHelp("Restore under another name; may be repeated.", valueName: "from=to")
    )
    var toNamespace: [String] = []

    @Option(
        help: ArgumentHelp("Go on to this moment by the archive of the oplog.", valueName: "time"),
        transform: RestoreTarget.init(argument:)
    )
    var to: RestoreTarget?

    @Flag(help: "Make the target equal to the backup: replace and remove what it holds.")
    var mirror = false

    @Flag(inversion: .prefixedNo, help: "Restore users and roles with a whole backup.")
    var users = true

    @Flag(help: "Begin although members of the set are down or do not serve.")
    var allowUnhealthy = false

    @Option(help: ArgumentHelp("Over how many connections documents are inserted.", valueName: "count"))
    var parallel = 2

    @OptionGroup var changes: ChangeOptions
    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard dump == nil || (backup == nil && to == nil) else {
            throw ValidationError("--dump is restored to its own moment: leave out the id and --to")
        }
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel must be 1 to 64") }
    }

    func run() async throws {
        if let dump { return try await global.perform { try await restore(dump: dump, $0) } }
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let plan = try await keeper.planRestore(backup, try options())
        try await run(plan, in: keeper.set, session) { try await keeper.restore(plan, $0) }
    }

    private func restore(dump: String, _ session: Session) async throws {
        let set = try session.replicaSet()
        let restorer = try await DumpRestorer(SecretStore(baseDirectory: ".").resolve(dump), to: set)
        for file in restorer.others { session.output.warning("\(file) is no part of the dump, and was not read") }
        let plan = try await restorer.plan(try options())
        try await run(plan, in: set, session) { try await restorer.run(plan, $0) }
    }

    private func run(
        _ plan: RestorePlan,
        in set: ReplicaSet,
        _ session: Session,
        _ restore: (@escaping @Sendable (BackupEvent) -> Void) async throws -> RestoreReport
    ) async throws {
        if changes.dryRun { return try session.showSteps(plan.steps, of: "restore") }
        let lost = plan.replaced.count + plan.removed.count
        let consent = Consent(
            set: set.spec.name,
            danger: changes.yes || lost == 0
                ? nil : "\(lost) collections of the target will be replaced or removed",
            canAsk: !session.output.isJSON
        )
        guard try await consent.given() else { throw Consent.refusal }
        let start = ContinuousClock.now
        let progress = BackupProgressView(session.output, isLive: !session.options.verbose)
        let report = try await progress.during { try await restore(progress.receive) }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try session.output.result {
            report.lines(seconds)
        } json: {
            BSONDocument([("id", .string(plan.manifest.id.rawValue))] + Array(report.json(seconds)))
        }
        if !report.failedIndexes.isEmpty { throw ExitCode.failure }
    }

    private func options() throws -> RestoreOptions {
        RestoreOptions(
            selection: NamespaceSelection(
                includes: try include.map(NamespaceSelection.Pattern.init),
                excludes: try exclude.map(NamespaceSelection.Pattern.init),
                renames: try toNamespace.map { text in
                    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                    guard parts.count == 2 else {
                        throw ReplicaKitError(
                            .invalidArgument,
                            "\"\(text)\" is not FROM=TO",
                            hint: "Such as shop=shop_old."
                        )
                    }
                    return try NamespaceSelection.Rename(
                        from: NamespaceSelection.Pattern(parts[0]),
                        to: NamespaceSelection.Pattern(parts[1])
                    )
                }
            ),
            target: to,
            mirrors: mirror,
            includesUsers: users,
            parallelism: parallel,
            allowsUnhealthySet: allowUnhealthy
        )
    }
}

extension RestoreTarget {
    /// Reads what is typed.
    init(argument text: String) throws {
        if text == "latest" {
            self = .latest
            return
        }
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
        if numbers.count == 2, let seconds = UInt32(numbers[0]), let increment = UInt32(numbers[1]) {
            self = .entry(BSONTimestamp(seconds: seconds, increment: increment))
        } else if let time = BSONDateTime(rfc3339: text) {
            self = .time(time)
        } else {
            throw ValidationError(
                "\(text) is no time with a zone, such as 2026-11-24T14:02:00Z, no SECONDS,INCREMENT, and not latest"
            )
        }
    }
}
