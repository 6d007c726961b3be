import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl backup verify`.
struct BackupVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Find out whether a backup is good, and note the verdict.",
        discussion: """
            Without --restore every file is read and checked against its hash. With it the backup is restored to a server \
            of its own on this machine; every document, option, index, user and role is compared, and the server is \
            removed.
            """
    )

    @Argument(
        help: ArgumentHelp("The backup's id; without it the newest.", valueName: "id"),
        transform: BackupArgument.id
    )
    var backup: BackupID?

    @Flag(help: "Restore it to a scratch server and compare.")
    var restore = false

    @Option(
        help: ArgumentHelp(
            "The mongod of the scratch server (default: the spec's, where it runs processes, else that on PATH).",
            valueName: "path"
        ),
        completion: .file()
    )
    var mongod: String?

    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform(on: place) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let id = try await id(in: keeper)
        let progress = BackupProgressView(session.output, isLive: !session.options.verbose)
        let verdict = try await progress.during {
            if restore {
                try await ScratchSet.with(likeThatOf: keeper.set, mongod: mongod, session) { scratch in
                    try await keeper.verify(id, on: scratch, progress.receive)
                }
            } else {
                try await keeper.checkFiles(of: id, progress.receive)
            }
        }
        try session.output.result {
            verdict.isGood
                ? ["\(id) is good: \(verdict.documents) documents (\(verdict.method.rawValue))"]
                : ["\(id) is BAD:"] + verdict.problems.map { "  \($0)" }
        } json: {
            var document = try BSONEncoder().encode(verdict)
            document.append("id", .string(id.rawValue))
            document.append("good", .bool(verdict.isGood))
            return document
        }
        if !verdict.isGood { throw ExitCode.failure }
    }

    private func id(in keeper: BackupKeeper) async throws -> BackupID {
        if let backup { return backup }
        guard let newest = try await keeper.contents().backups.last else {
            throw ReplicaKitError(.backupNotFound, "there are no backups", hint: "rkctl backup create")
        }
        return newest.id
    }
}
