public import ReplicaKit
internal import Synchronization

/// Saves a set's oplog as it is written, so that a backup can be restored to any moment since it was made.
///
/// It follows a secondary where it can, and goes on with another member when that one fails. Only entries that a majority
/// has are saved, so that no election takes back what is in the archive. At each start it is proven that nothing is
/// missing: the member's first entry from the last saved one on must be exactly that one. Where it is not, the timeline
/// ends, and only a new backup makes later moments restorable.
public struct OplogArchiver: Sendable {
    /// How the oplog is followed.
    public struct Settings: Sendable, Hashable {
        /// How often a slice is saved: what is lost with the whole set is at most about this much.
        public var interval: Duration
        /// A slice is saved sooner when it would be larger than this, in bytes.
        public var sliceBytes: Int
        /// How long one answer of a member may take.
        public var timeout: Duration
        /// When a majority has nothing new for so long, another member is looked for: healthy sets write at least a no-op
        /// every 10 seconds.
        public var stall: Duration
        /// The first pause after a failure; it doubles up to ``longestPause``.
        public var firstPause: Duration
        /// The longest pause between two tries.
        public var longestPause: Duration

        /// Creates settings.
        public init(
            interval: Duration = .seconds(5),
            sliceBytes: Int = 16 << 20,
            timeout: Duration = .seconds(10),
            stall: Duration = .seconds(30),
            firstPause: Duration = .milliseconds(500),
            longestPause: Duration = .seconds(15)
        ) {
            self.interval = interval
            self.sliceBytes = sliceBytes
            self.timeout = timeout
            self.stall = stall
            self.firstPause = firstPause
            self.longestPause = longestPause
        }
    }

    let set: ReplicaSet
    let store: any BackupStore
    let settings: Settings

    /// Creates an archiver. It does nothing before ``run(untilCaughtUp:_:)``.
    public init(set: ReplicaSet, store: any BackupStore, settings: Settings = Settings()) {
        self.set = set
        self.store = store
        self.settings = settings
    }

    /// Saves the oplog until the task is cancelled, or until all is saved that a majority had when it began.
    ///
    /// - Parameters:
    ///   - untilCaughtUp: Stop then.
    ///   - report: Told what happens, in order.
    /// - Throws: ``ReplicaKitError/Code/oplogGap`` when the timeline ended: the next run begins a new one;
    ///   ``ReplicaKitError/Code/locked`` when another run archives the set's oplog, on this machine or into the same store; what trying again would
    ///   not mend, such as a wrong password or a damaged archive; `CancellationError`.
    public func run(
        untilCaughtUp: Bool = false,
        _ report: @escaping @Sendable (OplogArchiveEvent) -> Void = { _ in }
    ) async throws {
        try await set.alone(.oplogArchive) { try await run(on: set.toolbox.clock, untilCaughtUp, report) }
    }

    private func run(
        on clock: some Clock<Duration>,
        _ untilCaughtUp: Bool,
        _ report: @escaping @Sendable (OplogArchiveEvent) -> Void
    ) async throws {
        let lease = ArchiveLease(store: store, clock: clock, directory: set.stateDirectory)
        let pause = Pause(settings)
        while true {
            do {
                try await lease.holding {
                    try await follow(on: clock, untilCaughtUp) { event in
                        if case .saved = event { pause.reset() }
                        report(event)
                    }
                }
                return
            } catch let error as ReplicaKitError where error.mayEnd {
                try Task.checkCancellation()
                let next = pause.take()
                report(.interrupted(error, retryingIn: next))
                try await clock.sleep(for: next)
            }
        }
    }

    /// Follows the best member that has the last saved entry.
    private func follow(
        on clock: some Clock<Duration>,
        _ untilCaughtUp: Bool,
        _ report: (OplogArchiveEvent) -> Void
    ) async throws {
        let snapshot = try await set.snapshot(timeout: settings.timeout)
        let candidates = try candidates(in: snapshot)
        guard let config = snapshot.currentConfig else {
            throw ReplicaKitError(.noMemberReachable, "no member tells the config of \(set.spec.name)")
        }
        let setID = config.settings.replicaSetID?.description
        let writer = OplogArchiveWriter(store: store)
        let chain = try await writer.open()
        if let chain, chain.begin.setID != setID || chain.begin.set != set.spec.name.rawValue {
            let message =
                "the archive is of another set: \(chain.begin.set), \(chain.begin.setID ?? "without a number")"
            throw try await ended(chain, LostTrack(reason: .otherSet, message: message), writer, report)
        }
        var lost: LostTrack?
        var behind: ReplicaKitError?
        for member in candidates {
            var session = OplogFollowing(
                archiver: self,
                clock: clock,
                writer: writer,
                // Afresh: the member before may have saved something.
                chain: try await writer.open(),
                setID: setID,
                untilCaughtUp: untilCaughtUp
            )
            do {
                return try await session.run(on: member, report)
            } catch let error as LostTrack {
                lost = lost ?? error
            } catch let error as ReplicaKitError where error.code == .overtaken {
                behind = error
            }
        }
        // One that is behind may still come to hold what the others have not.
        if let behind { throw behind }
        guard let lost, let chain = try await writer.open() else { return }
        throw try await ended(chain, lost, writer, report)
    }

    /// The members to follow, best first. One that is far behind may be cut off from the others, and is taken only where
    /// all are.
    private func candidates(in snapshot: ReplicaSetSnapshot) throws -> [MemberSpec] {
        do {
            return try BackupSource.candidates(in: snapshot, from: nil, maximumLag: settings.stall)
        } catch let error where error.code == .refused {
            return try BackupSource.candidates(in: snapshot, from: nil, maximumLag: .seconds(86_400))
        }
    }

    private func ended(
        _ chain: OplogArchiveWriter.Chain,
        _ lost: LostTrack,
        _ writer: OplogArchiveWriter,
        _ report: (OplogArchiveEvent) -> Void
    ) async throws -> ReplicaKitError {
        let end = try await writer.end(chain, lost.reason, lost.message)
        report(.ended(timeline: chain.begin.timeline, end))
        return ReplicaKitError(
            .oplogGap,
            "the archive of the oplog of \(set.spec.name) ends at \(chain.last): \(lost.message)",
            hint:
                "Run rkctl oplog archive again, which begins a new timeline, and make a new backup: rkctl backup create."
        )
    }
}

/// The member's oplog does not go on where the archive ends.
struct LostTrack: Error {
    var reason: OplogTimeline.Reason
    var message: String
}

extension ReplicaKitError {
    /// Whether trying again may help: members and networks come back, disks are emptied.
    fileprivate var mayEnd: Bool {
        switch code {
        case .oplogGap, .backupDamaged, .backupKeyWrong, .backupStoreRefused, .wrongReplicaSet, .notReplicaSetMember,
            .locked:
            false
        default: ![.authentication, .tls, .input].contains(code.family)
        }
    }
}

/// The pause before the next try: each is twice as long as the one before, until something was saved.
private final class Pause: Sendable {
    private let settings: OplogArchiver.Settings
    private let next: Mutex<Duration>

    init(_ settings: OplogArchiver.Settings) {
        self.settings = settings
        next = Mutex(settings.firstPause)
    }

    func reset() { next.withLock { $0 = settings.firstPause } }

    func take() -> Duration {
        next.withLock { next in
            defer { next = min(next + next, settings.longestPause) }
            return next
        }
    }
}
