internal import CPidfd
import Glibc

/// One process, held so that a signal can reach it and no later process with its number.
///
/// The order is: open the handle, then judge what `/proc` says of the number, then signal through the handle. If the
/// process ended in between, the signal goes nowhere. Before Linux 5.3 there is no such handle: there the number is
/// signalled right after it was judged, which leaves a window of microseconds.
final class ProcessHandle: Sendable {
    let pid: Int32
    /// The pidfd, or -1 where the kernel has none.
    private let descriptor: Int32

    /// Opens a process; `nil` when there is none.
    init?(_ pid: Int32) {
        guard pid > 0 else { return nil }
        let descriptor = rk_pidfd_open(pid)
        if descriptor < 0 && errno == ESRCH { return nil }
        (self.pid, self.descriptor) = (pid, descriptor)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Whether the process has ended; a zombie has.
    var hasEnded: Bool {
        if descriptor >= 0 {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            return poll(&request, 1, 0) > 0
        }
        return ProcessFacts(of: pid)?.isZombie ?? true
    }

    /// Signals the process; does nothing when it has ended.
    ///
    /// - Throws: ``SystemError`` when this user may not.
    func signal(_ number: Int32) throws {
        let result = descriptor >= 0 ? rk_pidfd_send_signal(descriptor, number) : kill(pid, number)
        guard result == 0 || errno == ESRCH else { throw SystemError("kill", "process \(pid)") }
    }
}
