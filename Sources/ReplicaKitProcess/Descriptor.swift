import Glibc

/// An open file that closes itself.
struct Descriptor: ~Copyable {
    let raw: Int32

    init(adopting raw: Int32) { self.raw = raw }

    /// Opens a file; never inherited by a process that is started meanwhile.
    init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws {
        raw = open(path, flags | O_CLOEXEC, mode)
        if raw < 0 { throw SystemError("open", path) }
    }

    deinit { close(raw) }
}
