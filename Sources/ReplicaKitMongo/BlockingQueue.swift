import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The executor of one client: one job after the other, on a thread that may block.
///
/// libmongoc's calls block. On the cooperative pool two of them would stop every task of the process on a machine with
/// two cores; here they stop nobody but the callers of the same connection.
final class BlockingQueue: SerialExecutor {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        /// The thread that works on the jobs now.
        var thread: pthread_t?
        var isWorking = false
    }

    private let state = Mutex(State())

    /// Adds a job.
    func async(_ job: @escaping @Sendable () -> Void) {
        let mustStart = state.withLock { state in
            state.jobs.append(job)
            defer { state.isWorking = true }
            return !state.isWorking
        }
        if mustStart { BlockingThreads.shared.run { self.work() } }
    }

    private func work() {
        while true {
            let job: (@Sendable () -> Void)? = state.withLock { state in
                guard !state.jobs.isEmpty else {
                    state.isWorking = false
                    state.thread = nil
                    return nil
                }
                state.thread = pthread_self()
                return state.jobs.removeFirst()
            }
            guard let job else { return }
            job()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        async { job.runSynchronously(on: executor) }
    }

    func checkIsolated() {
        let isHere = state.withLock { $0.thread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
        precondition(isHere, "the client is used outside its queue")
    }
}
