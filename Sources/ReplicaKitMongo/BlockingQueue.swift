import Dispatch

/// The executor of one client: a serial queue with a thread of its own while it works.
///
/// libmongoc's calls block. On the cooperative pool two of them would stop every task of the process on a machine with
/// two cores; here they stop nobody but the callers of the same connection.
final class BlockingQueue: SerialExecutor {
    let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedSerialExecutor()
        queue.async { job.runSynchronously(on: executor) }
    }

    func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }
}
