import ReplicaKit

/// Holds reading back: to a rate, and while the member that is read falls behind; and tells how far it is.
protocol Throttling: Actor {
    /// Counts what was read, and returns when reading may go on.
    func pass(_ bytes: Int) async throws
    /// What was read is dropped, and will be read again.
    func takeBack(_ bytes: Int) async
    /// Holds reading, or lets it go on.
    func hold(_ isHeld: Bool, because reason: String)
}

/// The throttle of one clock.
actor Throttle<C: Clock<Duration>>: Throttling {
    private let clock: C
    private let bytesPerSecond: Int?
    private let report: @Sendable (BackupEvent) -> Void
    private let progress: ByteProgress
    /// When the rate allows the next bytes.
    private var next: C.Instant
    private var isHeld = false

    init(clock: C, bytesPerSecond: Int?, total: Int, report: @escaping @Sendable (BackupEvent) -> Void) {
        self.clock = clock
        self.bytesPerSecond = bytesPerSecond
        self.report = report
        progress = ByteProgress(total: total, report: report)
        next = clock.now
    }

    func pass(_ bytes: Int) async throws {
        await progress.add(bytes)
        if let bytesPerSecond {
            next = max(next, clock.now).advanced(by: .seconds(Double(bytes) / Double(bytesPerSecond)))
            try await clock.sleep(until: next, tolerance: nil)
        }
        // Until the member has caught up, which is looked at each second elsewhere.
        while isHeld { try await clock.sleep(for: .milliseconds(100)) }
    }

    func takeBack(_ bytes: Int) async { await progress.add(-bytes) }

    func hold(_ isHeld: Bool, because reason: String) {
        if isHeld != self.isHeld { report(.note(isHeld ? "reading pauses: \(reason)" : "reading goes on")) }
        self.isHeld = isHeld
    }
}

extension Clock<Duration> {
    /// A throttle of this clock.
    func throttle(
        bytesPerSecond: Int?,
        total: Int,
        report: @escaping @Sendable (BackupEvent) -> Void
    ) -> any Throttling {
        Throttle(clock: self, bytesPerSecond: bytesPerSecond, total: total, report: report)
    }
}
