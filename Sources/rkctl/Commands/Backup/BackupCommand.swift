import ArgumentParser
import ReplicaKit
import ReplicaKitBackup

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
        help: ArgumentHelp("Where the backups are (default: backup.directory of the spec).", valueName: "directory"),
        completion: .directory
    )
    var directory: String?
}

extension Session {
    /// The store of the set's backups.
    func backupStore(_ options: BackupStoreOptions, of set: ReplicaSet) throws -> any BackupStore {
        let path = options.directory.map { SecretStore(baseDirectory: ".").resolve($0) }
        let store = LocalBackupStore(directory: path ?? set.secrets.resolve(set.spec.backup.directory))
        guard let keyFile = set.spec.backup.encryptionKeyFile else { return store }
        return EncryptedBackupStore(store, key: try BackupKey(set.secrets.read(.file(keyFile))))
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
