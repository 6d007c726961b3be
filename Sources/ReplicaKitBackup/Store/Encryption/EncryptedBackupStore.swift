internal import ReplicaKit

/// Encrypts what another store keeps, with AES-256-GCM.
///
/// The names and the sizes of objects are not hidden. What was changed, cut off, moved or put under another name is
/// found when it is read: an object is bound to its name, but not to the time of its writing, so that an older object
/// of the same name passes. Each key of a store is good for any number of objects.
public struct EncryptedBackupStore: BackupStore {
    private let store: any BackupStore
    private let key: BackupKey

    /// Wraps a store.
    public init(_ store: any BackupStore, key: BackupKey) {
        self.store = store
        self.key = key
    }

    /// Where the wrapped store is.
    public var location: String { store.location }

    /// The objects of the wrapped store, with the sizes of their content.
    public func list(_ prefix: String) async throws -> [StoredObject] {
        try await store.list(prefix).map {
            StoredObject(name: $0.name, bytes: EncryptedFormat.contentBytes(ofObject: $0.bytes))
        }
    }

    /// Reads an object. Nothing is given out before it is known to be as it was written.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupKeyWrong`` at once, and what the wrapped store throws. The reader throws
    ///   ``ReplicaKitError/Code/backupDamaged``.
    public func read(_ name: String, from offset: Int) async throws -> any StoredObjectReader {
        let reader = try await store.read(name, from: 0)
        var head: [UInt8] = []
        do {
            while head.count < EncryptedFormat.headerBytes, let piece = try await reader.next() { head += piece }
            let header = Array(head.prefix(EncryptedFormat.headerBytes))
            let cipher = try ChunkCipher(header: header, of: name, key: key)
            // The chunk with the byte before it, so that the end is checked even of a read that begins there.
            let chunk = max(offset - 1, 0) / EncryptedFormat.chunkBytes
            let skipped = offset - chunk * EncryptedFormat.chunkBytes
            guard chunk > 0 else {
                let rest = Array(head.dropFirst(EncryptedFormat.headerBytes))
                return EncryptedObjectReader(reader, cipher, chunk: 0, skipping: skipped, begunWith: rest)
            }
            await reader.close()
            let start = EncryptedFormat.headerBytes + chunk * EncryptedFormat.sealedChunkBytes
            let seeking = try await store.read(name, from: start)
            return EncryptedObjectReader(seeking, cipher, chunk: chunk, skipping: skipped, begunWith: [])
        } catch {
            await reader.close()
            throw error
        }
    }

    /// Begins an object.
    public func write(_ name: String) async throws -> any StoredObjectWriter {
        let cipher = ChunkCipher(newObject: name, key: key)
        return EncryptedObjectWriter(try await store.write(name), cipher)
    }

    /// Removes objects.
    public func delete(_ names: [String]) async throws {
        try await store.delete(names)
    }

    /// Encrypts the manifest, and publishes.
    public func publish(_ folder: String, manifest: [UInt8], named name: String) async throws {
        var sealer = ChunkSealer(ChunkCipher(newObject: "\(folder)/\(name)", key: key))
        let sealed = try sealer.seal(manifest) + sealer.finish()
        try await store.publish(folder, manifest: sealed, named: name)
    }
}
