import Crypto
import ReplicaKit

/// Reads files of a backup whole: hashes, frames and counts must be those of the manifest.
struct BackupCheck: Sendable {
    let manifest: BackupManifest
    let store: any BackupStore

    /// Reads some of the collections, several at a time.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` or ``ReplicaKitError/Code/backupObjectMissing`` for the first that is
    ///   not as it should be.
    func run(
        _ collections: [BackupManifest.Collection],
        withOplog: Bool,
        parallelism: Int = 2,
        report: @escaping @Sendable (BackupEvent) -> Void
    ) async throws {
        let data = collections.compactMap(\.data) + (withOplog ? manifest.oplog.map { [$0] } ?? [] : [])
        let progress = ByteProgress(total: data.reduce(0) { $0 + $1.documentBytes }, report: report)
        for collection in collections { _ = try await metadata(of: collection) }
        let work = WorkList(data.sorted { $0.bytes > $1.bytes })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, parallelism) {
                group.addTask {
                    while let file = await work.next() {
                        let reader = try await BackupFileReader(file, of: manifest, in: store)
                        while let batch = try await reader.next() { await progress.add(batch.bytes.count) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// A collection's metadata, once its file's hash was checked.
    func metadata(of collection: BackupManifest.Collection) async throws -> CollectionMetadata {
        let file = collection.metadata
        let name = "\(manifest.id.folder)/\(file.name)"
        let stored = try await store.content(of: name)
        func damaged(_ what: String) -> ReplicaKitError {
            ReplicaKitError(.backupDamaged, "\(name): \(what)", hint: "Use another backup: rkctl backup list.")
        }
        guard Hexadecimal.text(of: SHA256.hash(data: stored)) == file.sha256 else {
            throw damaged("its hash is another")
        }
        var text: [UInt8] = []
        let decompressor = try FrameDecompressor(file.name.hasSuffix(".gz") ? .gzip : .none, file: name)
        decompressor.push(stored)
        while let part = try decompressor.next() {
            text += part
            guard text.count <= 64 << 20 else { throw damaged("it is too large") }
        }
        try decompressor.finish()
        do {
            let metadata = CollectionMetadata(try BSONDocument(extendedJSON: text))
            guard metadata.collectionName == collection.name else {
                throw damaged("it is of \(metadata.collectionName)")
            }
            return metadata
        } catch let error as BSONError {
            throw damaged("\(error)")
        }
    }
}
