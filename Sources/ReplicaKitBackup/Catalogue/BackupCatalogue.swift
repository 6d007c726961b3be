public import ReplicaKit

/// The backups of a store.
public struct BackupCatalogue: Sendable {
    let store: any BackupStore

    /// Creates a catalogue.
    public init(store: any BackupStore) {
        self.store = store
    }

    /// What a store holds.
    public struct Contents: Sendable {
        /// Complete backups, the oldest first.
        public var backups: [CataloguedBackup]
        /// Backups that were begun and not completed.
        public var interrupted: [BackupID]
    }

    /// All that the store holds.
    public func contents() async throws -> Contents {
        Contents(backups: try await list(), interrupted: try await interrupted())
    }

    /// All complete backups, the oldest first.
    ///
    /// One whose manifest cannot be read is listed with the error: it is not silently left out.
    public func list() async throws -> [CataloguedBackup] {
        var backups: [CataloguedBackup] = []
        for object in try await store.list("backups/") {
            let parts = object.name.split(separator: "/")
            guard parts.count == 3, parts[2] == BackupManifest.fileName, let id = BackupID(rawValue: String(parts[1]))
            else { continue }
            do {
                backups.append(
                    CataloguedBackup(
                        id: id,
                        manifest: .success(try await manifest(of: id)),
                        notes: try await notes(of: id)
                    )
                )
            } catch let error as ReplicaKitError where error.code == .backupNotFound {
                // It was pruned since it was listed.
            } catch let error as ReplicaKitError where error.code == .backupDamaged {
                backups.append(CataloguedBackup(id: id, manifest: .failure(error), notes: BackupNotes()))
            }
        }
        return backups.sorted { $0.id < $1.id }
    }

    /// Backups that were begun and not completed.
    public func interrupted() async throws -> [BackupID] {
        let names = try await store.list("backups/").map { $0.name.split(separator: "/") }
        let complete = names.filter { $0.count == 3 && $0[2] == BackupManifest.fileName }.map { String($0[1]) }
        let begun = names.filter { $0.count == 3 && $0[2] == BackupProgress.fileName }.map { String($0[1]) }
        return Set(begun).subtracting(complete).compactMap(BackupID.init).sorted()
    }

    /// One backup.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupNotFound`` where there is none, ``ReplicaKitError/Code/backupDamaged``.
    public func manifest(of id: BackupID) async throws -> BackupManifest {
        do {
            let text = try await store.content(of: "\(id.folder)/\(BackupManifest.fileName)")
            return try BackupManifest(text: text, of: id)
        } catch let error as ReplicaKitError where error.code == .backupObjectMissing {
            throw ReplicaKitError(
                .backupNotFound,
                "there is no complete backup \(id) in \(store.location)",
                hint: "See `rkctl backup list`."
            )
        }
    }

    /// What was noted about a backup since it was made.
    public func notes(of id: BackupID) async throws -> BackupNotes {
        do {
            let text = String(decoding: try await store.content(of: Self.notesName(id)), as: UTF8.self)
            do {
                return try BSONDecoder().decode(BackupNotes.self, from: try BSONDocument(extendedJSON: text))
            } catch {
                throw ReplicaKitError(.backupDamaged, "\(Self.notesName(id)): \(error)", hint: "Remove that file.")
            }
        } catch let error as ReplicaKitError where error.code == .backupObjectMissing {
            return BackupNotes()
        }
    }

    /// Notes something about a backup.
    public func note(_ id: BackupID, _ change: (inout BackupNotes) -> Void) async throws {
        _ = try await manifest(of: id)
        try await edit(notesOf: id, change)
    }

    /// Tags a backup that is not there yet.
    func tag(_ id: BackupID, _ tags: [String]) async throws {
        try await edit(notesOf: id) { $0.tags = Set($0.tags + tags).sorted() }
    }

    private func edit(notesOf id: BackupID, _ change: (inout BackupNotes) -> Void) async throws {
        var notes = try await notes(of: id)
        change(&notes)
        let text = try BSONEncoder().encode(notes).extendedJSON(.relaxed, pretty: true) + "\n"
        try await store.put(Array(text.utf8), as: Self.notesName(id))
    }

    /// Removes a backup. Its manifest goes first: what is left if this is interrupted is no backup.
    func remove(_ id: BackupID) async throws {
        try await store.delete(["\(id.folder)/\(BackupManifest.fileName)"])
        try await store.delete(try await store.list("\(id.folder)/").map(\.name))
        try await store.delete([Self.notesName(id)])
    }

    /// Removes what a backup that was never completed left. What it is known by goes last: what is left if this is
    /// interrupted is found again.
    ///
    /// - Returns: Whether it was there, and not complete.
    func removeInterrupted(_ id: BackupID) async throws -> Bool {
        guard try await interrupted().contains(id) else { return false }
        let progress = "\(id.folder)/\(BackupProgress.fileName)"
        try await store.delete(try await store.list("\(id.folder)/").map(\.name).filter { $0 != progress })
        try await store.delete([progress])
        return true
    }

    private static func notesName(_ id: BackupID) -> String { "notes/\(id).json" }
}

/// A backup in a catalogue.
public struct CataloguedBackup: Sendable {
    /// Its id.
    public var id: BackupID
    /// What it holds, or why that cannot be read.
    public var manifest: Result<BackupManifest, ReplicaKitError>
    /// What was noted since.
    public var notes: BackupNotes
}

/// What is noted about a backup after it was made.
public struct BackupNotes: Sendable, Hashable, Codable {
    /// Words that people gave it, such as `before-release-42`. One that has any is never pruned.
    public var tags: [String]
    /// How it was verified last.
    public var verdict: BackupVerdict?

    /// Creates notes.
    public init(tags: [String] = [], verdict: BackupVerdict? = nil) {
        self.tags = tags
        self.verdict = verdict
    }
}

/// What came of verifying a backup.
public struct BackupVerdict: Sendable, Hashable, Codable {
    /// When.
    public var at: BSONDateTime
    /// How.
    public var method: Method
    /// What is wrong; empty where nothing is.
    public var problems: [String]
    /// How many documents were looked at.
    public var documents: Int

    /// Whether all is well.
    public var isGood: Bool { problems.isEmpty }

    /// How a backup can be verified.
    public enum Method: String, Sendable, Hashable, Codable {
        /// Every file's hash and every document's frame.
        case files
        /// Restored to a server of its own, and compared.
        case restored
    }
}
