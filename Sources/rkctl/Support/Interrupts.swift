import ArgumentParser
import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Turns Ctrl-C (SIGINT) and SIGTERM into the cancellation of what runs; a second one ends the process at once.
///
/// A handler is installed rather than the signals ignored or blocked: children inherit the latter.
enum Interrupts {
    /// Runs `body` in a task that a signal cancels.
    static func cancelling(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let task = Task { try await body() }
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { return try await task.value }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let source = DispatchSource.makeReadSource(fileDescriptor: ends[0], queue: .global())
        source.setEventHandler { task.cancel() }
        source.resume()
        writeEnd.store(ends[1], ordering: .sequentiallyConsistent)
        seen.store(0, ordering: .sequentiallyConsistent)
        for signal in [SIGINT, SIGTERM] { install(signal) }
        defer { source.cancel() }
        try await task.value
    }

    private static func install(_ number: CInt) {
        // Only what is safe in a signal handler: an atomic, write and _exit.
        signal(number) { _ in
            let saved = errno
            if seen.add(1, ordering: .sequentiallyConsistent).newValue > 1 { _exit(130) }
            var byte: UInt8 = 0
            _ = write(writeEnd.load(ordering: .sequentiallyConsistent), &byte, 1)
            errno = saved
        }
    }
}

private let writeEnd = Atomic<CInt>(-1)
private let seen = Atomic<Int>(0)
