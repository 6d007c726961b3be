internal import Foundation
internal import ReplicaKit
import Synchronization

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// A file that has no name and that nobody else can open; it is gone when this is. Blocks.
final class SpoolFile: Sendable {
    static let description = "the file of a large transaction"

    private let descriptor: Int32
    private let length = Mutex(0)

    /// Makes it in the directory for temporary files (`TMPDIR`).
    init() throws(ReplicaKitError) {
        let directory = FileManager.default.temporaryDirectory.path
        var template = Array("\(directory)/rk-replay-XXXXXX".utf8CString)
        // The template's file is readable by this user alone.
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw Self.failure("made in \(directory)") }
        unlink(template)
        // Not for programs that are started meanwhile.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Adds bytes at its end.
    func append(_ bytes: [UInt8]) throws(ReplicaKitError) {
        try length.withLock { length throws(ReplicaKitError) in
            var written = 0
            while written < bytes.count {
                let result = bytes[written...].withUnsafeBytes {
                    pwrite(descriptor, $0.baseAddress, $0.count, off_t(length + written))
                }
                guard result > 0 else {
                    if result < 0, errno == EINTR { continue }
                    throw Self.failure("written")
                }
                written += result
            }
            length += written
        }
    }

    /// Bytes from a place on, fewer at the end, none behind it.
    func read(at offset: Int, count: Int) throws(ReplicaKitError) -> [UInt8] {
        var result = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            repeat {
                result = pread(descriptor, buffer.baseAddress, count, off_t(offset))
            } while result < 0 && errno == EINTR
            initialized = max(0, result)
        }
        guard result >= 0 else { throw Self.failure("read") }
        return bytes
    }

    private static func failure(_ verb: String) -> ReplicaKitError {
        let number = errno
        return ReplicaKitError(
            number == ENOSPC ? .diskFull : .backupStoreFailed,
            "\(description) could not be \(verb): \(String(cString: strerror(number)))",
            hint: number == EMFILE || number == ENFILE
                ? "Too many large transactions were open at once: allow this process more open files (ulimit -n)."
                : "Large transactions wait for their end in a file in TMPDIR: make room there, or set it."
        )
    }
}
