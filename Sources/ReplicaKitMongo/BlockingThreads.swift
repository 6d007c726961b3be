import Dispatch
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Threads for calls that block: as many as there are calls in progress, kept a while for the next ones.
///
/// Dispatch has no more than 255 threads for blocked work in a process, and everything else that uses it waits for one:
/// that many hanging members would stop the rest of the program.
final class BlockingThreads: Sendable {
    static let shared = BlockingThreads()

    private struct State {
        var jobs: [@Sendable () -> Void] = []
        /// Threads that wait for a job.
        var idle = 0
    }

    private let state = Mutex(State())
    /// Counts the jobs that were handed in, so that as many threads wake up.
    private let handedIn = DispatchSemaphore(value: 0)
    /// How long a thread waits for its next job before it ends.
    private let patience: DispatchTimeInterval

    init(patience: Duration = .seconds(10)) {
        self.patience = DispatchTimeInterval(patience)
    }

    /// Runs a job on a thread that nobody else needs.
    func run(_ job: @escaping @Sendable () -> Void) {
        let isShort = state.withLock { state in
            state.jobs.append(job)
            return state.jobs.count > state.idle
        }
        handedIn.signal()
        if isShort { startThread() }
    }

    private func startThread() {
        #if canImport(Darwin)
            var thread: pthread_t?
        #else
            var thread = pthread_t()
        #endif
        let context = Unmanaged.passRetained(self)
        let failed = pthread_create(&thread, nil, threadMain, context.toOpaque())
        if failed != 0 {
            // Out of threads: the job must not be lost, so Dispatch has to lend one.
            context.release()
            DispatchQueue.global().async { self.work() }
            return
        }
        #if canImport(Darwin)
            if let thread { pthread_detach(thread) }
        #else
            pthread_detach(thread)
        #endif
    }

    /// What every thread does: job after job, until none comes for a while.
    fileprivate func work() {
        while true {
            state.withLock { $0.idle += 1 }
            let hasWaited = handedIn.wait(timeout: .now() + patience) == .timedOut
            let job = state.withLock { state in
                state.idle -= 1
                return state.jobs.isEmpty ? nil : state.jobs.removeFirst()
            }
            if let job {
                job()
            } else if hasWaited {
                return
            }
        }
    }
}

#if canImport(Darwin)
    private func threadMain(_ context: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        Unmanaged<BlockingThreads>.fromOpaque(context).takeRetainedValue().work()
        return nil
    }
#else
    private func threadMain(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
        if let context { Unmanaged<BlockingThreads>.fromOpaque(context).takeRetainedValue().work() }
        return nil
    }
#endif

extension DispatchTimeInterval {
    /// A duration in whole milliseconds.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .milliseconds(Int(clamping: seconds) * 1000 + Int(attoseconds / 1_000_000_000_000_000))
    }
}
