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
            of its own on this machine, every document, option and index is compared, and the server is removed.
            """
    )

    @OptionGroup var argument: BackupArgument

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
        try await global.perform { session in
            let set = try session.replicaSet()
            let verifier = BackupVerifier(store: try session.backupStore(place, of: set))
            let progress = BackupProgressView(session.output, isLive: !session.options.verbose)
            let verdict = try await progress.during {
                if restore {
                    try await ScratchSet.with(likeThatOf: set, mongod: mongod, session) { scratch in
                        try await verifier.restore(argument.backup, to: scratch, progress.receive)
                    }
                } else {
                    try await verifier.checkFiles(of: argument.backup, progress.receive)
                }
            }
            try session.output.result {
                verdict.isGood
                    ? ["\(argument.backup) is good: \(verdict.documents) documents (\(verdict.method.rawValue))"]
                    : ["\(argument.backup) is BAD:"] + verdict.problems.map { "  \($0)" }
            } json: {
                var document = try BSONEncoder().encode(verdict)
                document.append("id", .string(argument.backup.rawValue))
                document.append("good", .bool(verdict.isGood))
                return document
            }
            if !verdict.isGood { throw ExitCode.failure }
        }
    }
}
