internal import Foundation
internal import ReplicaKit

/// Keeps backups in a directory of this machine.
///
/// An object is a file of mode 0600 under its name. It is written under a temporary name, and renamed when it is on the
/// disk. While a backup is being made its directory is called `backups/ID.partial`; publishing renames it to
/// `backups/ID`. What killed processes leave under temporary names is removed by the next ``publish(_:manifest:named:)``
/// or ``delete(_:)`` that comes along; what a living process writes is locked, and stays.
public struct LocalBackupStore {
    /// The directory.
    public let location: String

    static let backups = "backups"
    static let partialSuffix = ".partial"

    /// Names a directory. It is made, for its owner alone, when the first object is written.
    public init(directory: String) {
        location = directory
    }
}

extension LocalBackupStore: BackupStore {
    /// The files below the directory whose names begin with `prefix`; none when the directory is not there.
    public func list(_ prefix: String) async throws -> [StoredObject] {
        try ObjectName.checkPrefix(prefix)
        let parts = prefix.split(separator: "/", omittingEmptySubsequences: false).dropLast().map(String.init)
        return try await onBackgroundThread {
            var found: [String: Int] = [:]
            for place in try places(of: parts) {
                guard let directory = try directory(place) else { continue }
                try Self.collect(directory, named: parts, prefix, into: &found)
            }
            return found.map { StoredObject(name: $0.key, bytes: $0.value) }.sorted { $0.name < $1.name }
        }
    }

    /// Reads a file.
    public func read(_ name: String, from offset: Int) async throws -> any StoredObjectReader {
        let parts = try Self.object(name).parts
        guard offset >= 0 else { throw ReplicaKitError(.invalidArgument, "\(name) cannot be read from byte \(offset)") }
        return try await onBackgroundThread {
            for place in try places(of: parts.dropLast()) {
                guard let directory = try directory(place) else { continue }
                guard let file = try directory.openFile(parts[parts.count - 1], O_RDONLY) else { continue }
                return LocalObjectReader(file, path: directory.path(parts[parts.count - 1]), from: offset)
            }
            throw ReplicaKitError(.backupObjectMissing, "there is no \(name) in \(location)")
        }
    }

    /// Begins a file.
    ///
    /// - Throws: Besides ``ReplicaKitError/Code/backupStoreFailed``, as the writer does,
    ///   ``ReplicaKitError/Code/diskFull``.
    public func write(_ name: String) async throws -> any StoredObjectWriter {
        let parts = try Self.object(name).parts
        return try await onBackgroundThread { try writer(parts) }
    }

    /// Removes files, and the directories that become empty.
    public func delete(_ names: [String]) async throws {
        let names = try names.map { try Self.object($0).parts }
        let folders = Dictionary(grouping: names) { Array($0.dropLast()) }
        try await onBackgroundThread {
            for (folder, names) in folders {
                for place in try places(of: folder) {
                    guard let directory = try directory(place) else { continue }
                    for name in names { try directory.removeFile(name[name.count - 1]) }
                    let isPartial = place.count == 2 && place[1].hasSuffix(Self.partialSuffix)
                    if isPartial { try Self.clear(directory) } else { try LocalObjectWriter.sweep(directory) }
                    try directory.synchronize()
                    try removeEmpty(place)
                }
            }
        }
    }

    /// Writes the manifest, and renames the backup's directory once all of it is on the disk.
    public func publish(_ folder: String, manifest: [UInt8], named name: String) async throws {
        let parts = try Self.object("\(folder)/\(name)").parts
        guard parts.count == 3, parts[0] == Self.backups else {
            throw ReplicaKitError(.invalidArgument, "'\(folder)' is not the folder of a backup")
        }
        try await onBackgroundThread {
            guard try directory([Self.backups, parts[1]]) == nil else {
                throw ReplicaKitError(.backupStoreFailed, "\(location)/\(folder) is there already")
            }
            let writer = try writer(parts)
            try writer.append(manifest)
            try writer.finish()
            let partial = parts[1] + Self.partialSuffix
            guard let backups = try directory([Self.backups]), let directory = try backups.directory(partial) else {
                throw ReplicaKitError(.backupStoreFailed, "\(location)/\(folder)\(Self.partialSuffix) has gone")
            }
            try Self.synchronizeAll(directory)
            try backups.rename(partial, to: parts[1])
            try backups.synchronize()
            // Of other backups, whose processes are gone. It matters to nobody whether this succeeds now.
            try? sweepPartial(backups)
        }
    }
}

// Everything here blocks, and runs on a background thread.
extension LocalBackupStore {
    /// A name that can be an object of this store.
    private static func object(_ name: String) throws(ReplicaKitError) -> ObjectName {
        let object = try ObjectName(name)
        if let id = object.parts.dropFirst().first, object.parts[0] == backups, id.hasSuffix(partialSuffix) {
            throw ReplicaKitError(.invalidArgument, "'\(id)' is no name of a backup: it ends with '\(partialSuffix)'")
        }
        guard !object.parts.contains(where: LocalObjectWriter.isTemporary) else {
            throw ReplicaKitError(.invalidArgument, "'\(name)' has the form of the names of unfinished files")
        }
        return object
    }

    /// Where the objects of a folder can be, in the order to look: publishing renames the first to the second, so
    /// whoever looks in this order cannot miss them.
    private func places(of folder: [String]) throws -> [[String]] {
        guard folder.count >= 2, folder[0] == Self.backups else { return [folder] }
        guard !folder[1].hasSuffix(Self.partialSuffix) else { return [] }
        return [[Self.backups, folder[1] + Self.partialSuffix] + folder.dropFirst(2), folder]
    }

    /// Opens a directory; `nil` when it is not there.
    private func directory(_ parts: [String]) throws -> LocalDirectory? {
        guard var directory = try LocalDirectory(root: location) else { return nil }
        for part in parts {
            guard let next = try directory.directory(part) else { return nil }
            directory = next
        }
        return directory
    }

    /// Begins a file, in the directories that it needs.
    private func writer(_ parts: [String]) throws -> LocalObjectWriter {
        try FileManager.default.createDirectory(
            atPath: location,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let folder = Array(parts.dropLast())
        var place = folder
        if folder.count >= 2, folder[0] == Self.backups {
            let partial = [Self.backups, folder[1] + Self.partialSuffix]
            let isPublished = try directory(partial) == nil && directory([Self.backups, folder[1]]) != nil
            if !isPublished { place = partial + folder.dropFirst(2) }
        }
        guard var directory = try LocalDirectory(root: location) else {
            throw ReplicaKitError(.backupStoreFailed, "\(location) has gone")
        }
        for part in place {
            try directory.makeDirectory(part)
            guard let next = try directory.directory(part) else {
                throw ReplicaKitError(.backupStoreFailed, "\(directory.path(part)) has gone")
            }
            directory = next
        }
        return try LocalObjectWriter(in: directory, name: parts[parts.count - 1])
    }

    /// Collects the objects in a directory and below it whose names begin with a prefix.
    private static func collect(
        _ directory: borrowing LocalDirectory,
        named parts: [String],
        _ prefix: String,
        into found: inout [String: Int]
    ) throws {
        for entry in try directory.entries() {
            switch entry {
            case .file(let name, let bytes):
                let full = (parts + [name]).joined(separator: "/")
                guard full.hasPrefix(prefix), !LocalObjectWriter.isTemporary(name) else { continue }
                found[full] = found[full] ?? bytes
            case .directory(let name):
                let isPartial = parts == [backups] && name.hasSuffix(partialSuffix)
                let below = parts + [isPartial ? String(name.dropLast(partialSuffix.count)) : name]
                let full = below.joined(separator: "/") + "/"
                guard full.hasPrefix(prefix) else { continue }
                guard let next = try directory.directory(name) else { continue }
                try collect(next, named: below, prefix, into: &found)
            case .other: continue
            }
        }
    }

    /// Makes a directory and all below it survive a loss of power, without what killed processes left in them.
    private static func synchronizeAll(_ directory: borrowing LocalDirectory) throws {
        try LocalObjectWriter.sweep(directory)
        for case .directory(let name) in try directory.entries() {
            guard let next = try directory.directory(name) else { continue }
            try synchronizeAll(next)
        }
        try directory.synchronize()
    }

    /// Removes a directory that is empty, and those above it that become so, but none at the top.
    private func removeEmpty(_ place: [String]) throws {
        var place = place
        while place.count >= 2, let name = place.popLast() {
            guard let parent = try directory(place), try parent.removeDirectory(name) else { return }
            try parent.synchronize()
        }
    }

    /// Removes what killed processes left of backups that have not come to an end.
    private func sweepPartial(_ backups: borrowing LocalDirectory) throws {
        for case .directory(let name) in try backups.entries() where name.hasSuffix(Self.partialSuffix) {
            guard let directory = try backups.directory(name) else { continue }
            try Self.sweepAll(directory)
        }
    }

    /// Removes what killed processes left in a backup's directory and below it, and the directories that are empty
    /// then: one that holds an unfinished file alone has no object to be found by.
    private static func clear(_ directory: borrowing LocalDirectory) throws {
        try LocalObjectWriter.sweep(directory)
        for case .directory(let name) in try directory.entries() {
            guard let next = try directory.directory(name) else { continue }
            try clear(next)
            _ = try directory.removeDirectory(name)
        }
    }

    private static func sweepAll(_ directory: borrowing LocalDirectory) throws {
        try LocalObjectWriter.sweep(directory)
        for case .directory(let name) in try directory.entries() {
            guard let next = try directory.directory(name) else { continue }
            try sweepAll(next)
        }
    }
}
