import ReplicaKit

/// Counts bytes, and tells in steps of half a percent.
actor ByteProgress {
    private let total: Int
    private let report: @Sendable (BackupEvent) -> Void
    private var done = 0
    private var lastReported = -1

    init(total: Int, report: @escaping @Sendable (BackupEvent) -> Void) {
        self.total = total
        self.report = report
    }

    func add(_ bytes: Int) {
        done += bytes
        let part = total > 0 ? done * 200 / total : 0
        guard part != lastReported else { return }
        lastReported = part
        report(.progress(done: done, total: max(done, total)))
    }
}
