import ArgumentParser
import Logging
import ReplicaKit
import ReplicaKitBackup
import ReplicaKitS3

/// `rkctl backup`.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Make, list, verify and prune backups.",
        subcommands: [
            BackupCreateCommand.self, BackupListCommand.self, BackupShowCommand.self, BackupVerifyCommand.self,
            BackupTagCommand.self, BackupPruneCommand.self, BackupScheduleCommand.self,
        ]
    )
}

/// Where backups are.
struct BackupStoreOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A directory of this machine with the backups (default: the directory or the bucket of the spec).",
            valueName: "directory"
        ),
        completion: .directory
    )
    var directory: String?
}

extension Session {
    /// Lends the keeper of the set's backups.
    // Neither inlined nor optimised: Swift 6.3.1 crashes while it optimises such functions and their callers.
    @inline(never)
    @_optimize(none)
    func withBackups(
        _ options: BackupStoreOptions,
        _ body: (BackupKeeper) async throws -> Void
    ) async throws {
        let directory = options.directory.map { SecretStore(baseDirectory: ".").resolve($0) }
        let logger = Logger(label: "rkctl")
        try await BackupKeeper.with(of: try replicaSet(), directory: directory, logger: logger, body)
    }
}

extension GlobalOptions {
    /// As ``perform(_:)``, with the keeper of the set's backups.
    func perform(
        on place: BackupStoreOptions,
        as applicationName: String = "rkctl",
        _ body: @escaping @Sendable (BackupKeeper, Session) async throws -> Void
    ) async throws {
        try await perform(as: applicationName) { session in
            try await session.withBackups(place) { try await body($0, session) }
        }
    }
}

/// A backup's id as an argument.
struct BackupArgument: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The backup's id, as `rkctl backup list` shows it.", valueName: "id"),
        transform: BackupArgument.id
    )
    var backup: BackupID

    static func id(_ text: String) throws -> BackupID {
        guard let id = BackupID(rawValue: text) else {
            throw ValidationError("\"\(text)\" is not the id of a backup: see rkctl backup list")
        }
        return id
    }
}

/// Reads the name of one of a few things.
func oneOf<Value: RawRepresentable & CaseIterable>(_ text: String) throws -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
        let names = Value.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("\"\(text)\" is none of: \(names)")
    }
    return value
}
