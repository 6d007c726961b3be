#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps two runs from changing one set at the same time, on one machine.
///
/// It is the kernel's lock on an open file (`flock`): it ends with the process, however that ends, so there is never a
/// stale one. Two operators on two machines are told apart by the servers, which refuse conflicting configs.
package struct SetLock: ~Copyable {
    private let descriptor: Int32

    /// Takes the lock, or fails at once.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - set: The set.
    ///   - does: What whoever has it does with the set.
    /// - Throws: ``ReplicaKitError/Code/locked`` with the process that has it.
    package init(path: String, set: ReplicaSetName, whichNow does: String = "changes") throws(ReplicaKitError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw ReplicaKitError(.journalFailed, "cannot open \(path): \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var text = [UInt8](repeating: 0, count: 32)
            let count = text.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
            close(descriptor)
            let holder = String(decoding: text.prefix(max(0, count)), as: UTF8.self)
            throw ReplicaKitError(
                .locked,
                "another run \(does) \(set) now" + (holder.isEmpty ? "" : " (process \(holder))"),
                hint: "Wait until it is done. Nothing was changed."
            )
        }
        // For the message above only; the lock itself does not depend on it.
        let holder = Array(String(getpid()).utf8)
        _ = ftruncate(descriptor, 0)
        _ = holder.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Whether some run has the lock now.
    static func isHeld(path: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        // Shared, and given back at once: two that look do not see each other.
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0
    }
}
