import ReplicaKit

/// The port to where backups are kept: objects with names such as `backups/ID/shop/orders.bson.zst`.
///
/// An object is there whole or not at all: what a writer was given becomes visible when it commits, and survives a
/// loss of power from then on. Names are relative, with `/` between parts; no part is empty, `.` or `..`.
///
/// Objects under `backups/ID/` belong together. They can be read and listed while the backup is being made, but to
/// people and other tools the backup appears only when it is published: its manifest is the last object that is written.
public protocol BackupStore: Sendable {
    /// Where this is, for people: a path or an address, without secrets.
    var location: String { get }

    /// The objects whose names begin with `prefix`, in the order of their names. Unfinished ones are not among them.
    func list(_ prefix: String) async throws -> [StoredObject]

    /// Reads an object from a byte on.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupObjectMissing`` when there is none of this name.
    func read(_ name: String, from offset: Int) async throws -> any StoredObjectReader

    /// Begins an object. One of this name is replaced when the writer commits.
    func write(_ name: String) async throws -> any StoredObjectWriter

    /// Removes objects. Those that are not there are no error.
    func delete(_ names: [String]) async throws

    /// Writes the manifest of a backup and makes the backup appear, in one step that happens or does not.
    ///
    /// - Parameters:
    ///   - folder: The backup's folder, such as `backups/ID`.
    ///   - manifest: The content of the last object.
    ///   - name: Its name within the folder.
    func publish(_ folder: String, manifest: [UInt8], named name: String) async throws
}

/// An object of a store, as a listing shows it.
public struct StoredObject: Sendable, Hashable {
    /// Its full name.
    public var name: String
    /// Its size in bytes.
    public var bytes: Int

    /// Creates a description.
    public init(name: String, bytes: Int) {
        self.name = name
        self.bytes = bytes
    }
}

/// Reads an object in pieces.
public protocol StoredObjectReader: Sendable {
    /// The next piece, of at most about 4 MiB; `nil` at the end.
    func next() async throws -> [UInt8]?
    /// Ends reading before the end. Harmless afterwards.
    func close() async
}

/// Writes an object in pieces, one caller at a time.
public protocol StoredObjectWriter: Sendable {
    /// Adds bytes.
    func write(_ bytes: [UInt8]) async throws
    /// Makes the object durable and visible, in the place of one that was there.
    func commit() async throws
    /// Drops what was written. Harmless after ``commit()``, and what a writer that is forgotten comes to in the end.
    func cancel() async
}

extension ReplicaKitError {
    /// Whether the store could not be read or written, which says nothing of what is in it.
    var isOfStore: Bool { code == .backupStoreFailed || code == .backupStoreRefused }
}

extension BackupStore {
    /// Reads a small object whole.
    ///
    /// - Throws: ``ReplicaKitError/Code/backupDamaged`` when it is larger than `limit` bytes.
    public func content(of name: String, limit: Int = 64 << 20) async throws -> [UInt8] {
        let reader = try await read(name, from: 0)
        var bytes: [UInt8] = []
        do {
            while let piece = try await reader.next() {
                guard bytes.count + piece.count <= limit else {
                    throw ReplicaKitError(
                        .backupDamaged,
                        "\(name) is larger than \(limit) bytes",
                        hint: "It is not ours."
                    )
                }
                bytes += piece
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        return bytes
    }

    /// Writes a small object whole.
    public func put(_ bytes: [UInt8], as name: String) async throws {
        let writer = try await write(name)
        do {
            try await writer.write(bytes)
            try await writer.commit()
        } catch {
            await writer.cancel()
            throw error
        }
    }
}
