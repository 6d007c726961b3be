internal import ReplicaKit
internal import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Writes a file under a temporary name, and gives it its own when it is on the disk.
///
/// The file is locked for as long as it has the temporary name, so that one whose process was killed can be told from
/// one that is being written.
final class LocalObjectWriter: StoredObjectWriter {
    private struct State: ~Copyable {
        let directory: LocalDirectory
        /// `nil` when the file has its own name or is removed.
        var file: OpenFile?
        let temporary: String
        var bytes = 0
        /// Up to where the kernel was asked to write to the disk.
        var flushed = 0

        /// Removes the file, unless it has its own name.
        mutating func discard() {
            guard file != nil else { return }
            file = nil
            // Should this fail, a later sweep removes it.
            try? directory.removeFile(temporary)
        }
    }

    private let name: String
    private let state: Mutex<State>

    /// How much is written before the disk is set to work on it: with all of it left to the end, the disk would idle
    /// until then.
    private static let flushBytes = 8 << 20

    /// Begins a file in a directory.
    init(in directory: consuming LocalDirectory, name: String) throws(ReplicaKitError) {
        self.name = name
        while true {
            let temporary = Self.temporaryName()
            guard let file = try directory.openFile(temporary, O_WRONLY | O_CREAT | O_EXCL) else {
                throw ReplicaKitError(.backupStoreFailed, "the directory \(directory.path) has gone")
            }
            guard flock(file.descriptor, LOCK_EX) == 0 else {
                throw LocalFailure.error("lock", directory.path(temporary))
            }
            var information = stat()
            guard fstat(file.descriptor, &information) == 0 else {
                throw LocalFailure.error("look at", directory.path(temporary))
            }
            // Between its making and its lock it looked like a killed process's: then a sweep may have taken it.
            guard information.st_nlink > 0 else { continue }
            state = Mutex(State(directory: directory, file: file, temporary: temporary))
            return
        }
    }

    deinit { state.withLock { $0.discard() } }

    func write(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        try await onBackgroundThread { try self.append(bytes) }
    }

    func commit() async throws {
        try Task.checkCancellation()
        try await onBackgroundThread { try self.finish() }
    }

    func cancel() async {
        // Cannot fail, but for the thread.
        try? await onBackgroundThread { self.state.withLock { $0.discard() } }
    }

    /// Adds bytes; blocks.
    func append(_ bytes: [UInt8]) throws(ReplicaKitError) {
        try state.withLock { state throws(ReplicaKitError) in
            let path = state.directory.path(name)
            guard let descriptor = state.file?.descriptor else {
                throw ReplicaKitError(.backupStoreFailed, "\(path) is not being written any more")
            }
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Self.writeBytes(descriptor, $0) }
                guard count > 0 else {
                    if errno == EINTR { continue }
                    throw LocalFailure.error("write", path)
                }
                rest = rest.dropFirst(count)
            }
            state.bytes += bytes.count
            guard state.bytes - state.flushed >= Self.flushBytes else { return }
            #if os(Linux)
                // Of pages that are not on the disk yet this drops none: it starts writing them.
                posix_fadvise(
                    descriptor,
                    state.flushed,
                    state.bytes - state.flushed,
                    POSIX_FADV_DONTNEED
                )
            #endif
            state.flushed = state.bytes
        }
    }

    /// Makes the file durable and visible; blocks.
    func finish() throws(ReplicaKitError) {
        try state.withLock { state throws(ReplicaKitError) in
            let path = state.directory.path(name)
            guard let descriptor = state.file?.descriptor else {
                throw ReplicaKitError(.backupStoreFailed, "\(path) is not being written any more")
            }
            guard fsync(descriptor) == 0 else { throw LocalFailure.error("write", path) }
            try state.directory.rename(state.temporary, to: name)
            state.file = nil
            try state.directory.synchronize()
        }
    }

    private static func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #else
            Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }
}

extension LocalObjectWriter {
    private static func temporaryName() -> String { ".replicakit-\(UInt64.random(in: .min ... .max)).tmp" }

    /// Whether a file with this name is unfinished.
    static func isTemporary(_ name: String) -> Bool { name.hasPrefix(".replicakit-") && name.hasSuffix(".tmp") }

    /// Removes the unfinished files of a directory that no living process writes.
    static func sweep(_ directory: borrowing LocalDirectory) throws(ReplicaKitError) {
        for case .file(let name, _) in try directory.entries() where isTemporary(name) {
            guard let file = try directory.openFile(name, O_RDONLY) else { continue }
            if flock(file.descriptor, LOCK_EX | LOCK_NB) == 0 { try directory.removeFile(name) }
        }
    }
}
