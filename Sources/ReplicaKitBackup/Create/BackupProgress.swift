import ReplicaKit

/// What is known of a backup that is being made, kept beside its files so that it can be gone on with.
struct BackupProgress: Codable, Sendable {
    static let fileName = "resume.json"

    var id: BackupID
    /// The set's name.
    var set: String
    var begunAt: BSONDateTime
    var compression: BackupCompression
    var mode: BackupManifest.Mode
    /// The cut, or where the oplog's capture begins.
    var start: BackupManifest.Moment
    var oplogNeededFrom: BSONTimestamp
    /// Of a fuzzy backup: what was read is not behind this moment.
    var floor: BackupManifest.Moment?
    /// What is complete.
    var finished: [BackupManifest.Collection]

    static func read(_ id: BackupID, of set: ReplicaSetName, from store: any BackupStore) async throws -> BackupProgress
    {
        let name = "\(id.folder)/\(fileName)"
        do {
            let text = String(decoding: try await store.content(of: name), as: UTF8.self)
            let progress = try BSONDecoder().decode(Self.self, from: try BSONDocument(extendedJSON: text))
            guard progress.set == set.rawValue else {
                throw ReplicaKitError(
                    .refused,
                    "\(id) is a backup of \(progress.set), not of \(set)",
                    hint: "Use its spec."
                )
            }
            return progress
        } catch let error as ReplicaKitError where error.code == .backupObjectMissing {
            throw ReplicaKitError(
                .backupNotFound,
                "there is no interrupted backup \(id) in \(store.location)",
                hint: "Begin a new one: rkctl backup create."
            )
        }
    }

    func write(to store: any BackupStore) async throws {
        let text = try BSONEncoder().encode(self).extendedJSON(.relaxed)
        try await store.put(Array(text.utf8), as: "\(id.folder)/\(Self.fileName)")
    }
}
