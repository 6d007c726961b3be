import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

/// `rkctl backup create`.
struct BackupCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a backup, consistent to one moment.",
        discussion: """
            It reads the healthiest secondary, a hidden one first. Where the server allows it, everything is read as it \
            was at one cluster time; else the oplog of the meantime is captured beside it. A backup is there whole or not \
            at all; one that was interrupted is gone on with by --resume.
            """
    )

    @Option(help: ArgumentHelp("Read from this member.", valueName: "member"), transform: MemberName.init(rawValue:))
    var from: MemberName?

    @Option(
        help: ArgumentHelp(
            "How files are compressed: none, gzip, zstd (default: backup.compression of the spec).",
            valueName: "name"
        ),
        transform: oneOf
    )
    var compression: BackupCompression?

    @Option(help: ArgumentHelp("How hard to compress, in the format's own levels.", valueName: "level"))
    var level: Int?

    @Option(
        help: ArgumentHelp("snapshot or fuzzy (default: snapshot where it is possible).", valueName: "mode"),
        transform: oneOf
    )
    var mode: BackupManifest.Mode?

    @Option(help: ArgumentHelp("How many collections are read at a time.", valueName: "count"))
    var parallel = 3

    @Option(help: ArgumentHelp("Read no more than this a second, in MiB.", valueName: "MiB"))
    var rate: Int?

    @Option(help: ArgumentHelp("Pause while the member is further behind.", valueName: "seconds"))
    var maxLag = 30.0

    @Option(
        help: ArgumentHelp("Go on with a backup that was interrupted.", valueName: "id"),
        transform: BackupArgument.id
    )
    var resume: BackupID?

    @Option(help: ArgumentHelp("Give it a tag, so that it is never pruned; may be repeated.", valueName: "tag"))
    var tag: [String] = []

    @OptionGroup var place: BackupStoreOptions
    @OptionGroup var global: GlobalOptions

    func validate() throws {
        guard (1...64).contains(parallel) else { throw ValidationError("--parallel must be 1 to 64") }
        guard rate ?? 1 > 0 else { throw ValidationError("--rate must be more than 0") }
    }

    func run() async throws {
        try await global.perform(on: place, as: ClientOperations.backupProgram) { try await work($0, $1) }
    }

    // Swift 6.3.1 crashes while it optimises this.
    @_optimize(none)
    private func work(_ keeper: BackupKeeper, _ session: Session) async throws {
        let spec = keeper.set.spec
        if let from { _ = try spec.member(from) }
        let start = ContinuousClock.now
        let manifest = try await make(keeper, options(spec.backup), session)
        try show(manifest, in: keeper.store.location, (ContinuousClock.now - start) / .seconds(1), session.output)
    }

    private func make(
        _ keeper: BackupKeeper,
        _ options: BackupOptions,
        _ session: Session
    ) async throws -> BackupManifest {
        let progress = BackupProgressView(session.output, isLive: !session.options.verbose)
        return try await progress.during { try await keeper.create(options, progress.receive) }
    }

    private func options(_ spec: BackupSpec) -> BackupOptions {
        BackupOptions(
            compression: compression ?? BackupCompression(spec.compression),
            level: level,
            parallelism: parallel,
            from: from,
            mode: mode,
            bytesPerSecond: rate.map { $0 << 20 },
            maximumLag: .seconds(maxLag),
            resuming: resume,
            tags: tag
        )
    }

    private func show(_ manifest: BackupManifest, in location: String, _ seconds: Double, _ output: Output) throws {
        try output.result {
            [
                "\(manifest.id): \(manifest.collections.count) collections, \(manifest.documents) documents, "
                    + "\(Format.bytes(manifest.documentBytes)) in \(Format.bytes(manifest.bytes)) of files, "
                    + "\(manifest.mode.rawValue) at \(manifest.end.timestamp), in \(Format.seconds(seconds))"
            ]
        } json: {
            [
                "id": .string(manifest.id.rawValue),
                // A bucket's location ends in a slash.
                "directory": .string("\(location)\(location.hasSuffix("/") ? "" : "/")backups/\(manifest.id)"),
                "mode": .string(manifest.mode.rawValue), "clusterTime": .timestamp(manifest.end.timestamp),
                "collections": .integer(manifest.collections.count), "documents": .integer(manifest.documents),
                "bytes": .integer(manifest.bytes), "documentBytes": .integer(manifest.documentBytes),
                "tookSeconds": .double(seconds),
            ]
        }
    }
}

extension BackupCompression {
    init(_ spec: BackupSpec.Compression) {
        switch spec {
        case .none: self = .none
        case .gzip: self = .gzip
        case .zstd: self = .zstd
        }
    }
}
