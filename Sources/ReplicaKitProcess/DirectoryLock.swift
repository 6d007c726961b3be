import Glibc
import ReplicaKit

/// The lock of a member's directory: who creates, starts or removes the member holds it meanwhile, in whatever
/// process. The kernel gives it up with the process, so a crash leaves nothing behind; `mongod` does not inherit it.
final class DirectoryLock: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Takes the lock if nobody has it; `nil` when somebody does.
    ///
    /// - Throws: ``SystemError``, with `ENOENT` when there is no directory.
    static func attempt(_ path: String) throws -> DirectoryLock? {
        let raw = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard raw >= 0 else { throw SystemError("open", path) }
        let lock = DirectoryLock(raw)
        guard flock(raw, LOCK_EX | LOCK_NB) == 0 else {
            if errno == EWOULDBLOCK || errno == EINTR { return nil }
            throw SystemError("flock", path)
        }
        // The directory may have been removed, and another made, between the two calls.
        var held = stat()
        guard fstat(raw, &held) == 0, let present = FileStatus(of: path), present.inode == UInt64(held.st_ino) else {
            return nil
        }
        return lock
    }
}
