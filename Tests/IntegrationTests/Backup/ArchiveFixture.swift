import ReplicaKit
import ReplicaKitBackup
import Synchronization
import TestSupport

/// A set whose oplog is archived into a directory.
struct ArchiveFixture: Sendable {
    let source: LifecycleFixture
    let store: LocalBackupStore

    var archive: OplogArchive { OplogArchive(store: store) }

    static func with(
        members: Int = 1,
        version: String = RealServers.defaultVersion,
        editing edit: (inout ReplicaSetSpec) throws -> Void = { _ in },
        _ body: (ArchiveFixture) async throws -> Void
    ) async throws {
        try await LifecycleFixture.with(
            members: members,
            version: version,
            editing: { spec in
                spec.settings.electionTimeoutMillis = 1000
                spec.settings.heartbeatIntervalMillis = 200
                try edit(&spec)
            }
        ) { source in
            _ = try await source.set.apply(.up)
            let store = LocalBackupStore(directory: source.members.directory.path("store"))
            try await body(ArchiveFixture(source: source, store: store))
        }
    }

    func archiver(_ settings: OplogArchiver.Settings = .quick) -> OplogArchiver {
        OplogArchiver(set: source.set, store: store, settings: settings)
    }

    /// Archives until all is saved, and gives what happened.
    @discardableResult
    func catchUp() async throws -> [OplogArchiveEvent] {
        let events = ArchiveEvents()
        try await archiver().run(untilCaughtUp: true) { events.add($0) }
        return events.all
    }

    /// Archives while `body` does something.
    func whileArchiving(_ body: (ArchiveEvents) async throws -> Void) async throws {
        let events = ArchiveEvents()
        let archiver = archiver()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await archiver.run { events.add($0) } }
            try await body(events)
            group.cancelAll()
            do { try await group.waitForAll() } catch is CancellationError {}
        }
    }

    /// The entries of the first member's own oplog after a timestamp, through another.
    func oplog(after first: BSONTimestamp, through last: BSONTimestamp) async throws -> [BSONDocument] {
        try await source.set.toolbox.driver.withConnection(
            to: source.members.addresses[0],
            as: .keyFile(try source.set.secrets.readKeyFile(source.set.spec.security.keyFile)),
            timeout: .seconds(20)
        ) { connection in
            try await connection.documents(
                ["find": "oplog.rs", "filter": ["ts": ["$gt": .timestamp(first), "$lte": .timestamp(last)]]],
                on: "local"
            )
        }
    }

    /// The entries of the archive's last window.
    func archived() async throws -> (window: OplogArchiveWindow, entries: [BSONDocument]) {
        guard let window = try await archive.windows().last else { throw TestFailure("nothing is archived") }
        var reader = try await archive.entries(
            from: BSONTimestamp(rawValue: window.after.rawValue + 1),
            through: window.last
        )
        var entries: [BSONDocument] = []
        while let batch = try await reader.next() { entries += try batch.documents() }
        return (window, entries)
    }

    /// Inserts documents, acknowledged by a majority, and gives the optime of the last.
    func insert(_ numbers: ClosedRange<Int>) async throws -> BSONTimestamp {
        let time: [UInt32] = try await source.judge(
            """
            import time
            end = time.time() + 60
            for n in range(\(numbers.lowerBound), \(numbers.upperBound + 1)):
                while True:
                    try:
                        p = next(c for c in m if c.admin.command("hello")["isWritablePrimary"])
                        with p.start_session() as s:
                            p.shop.get_collection("orders", write_concern=pymongo.WriteConcern("majority", wtimeout=5000)
                                ).update_one({"_id": n}, {"$setOnInsert": {"n": n}}, upsert=True, session=s)
                            at = s.operation_time
                        # A server that has just begun may not say it yet.
                        if at is None and time.time() < end: continue
                        break
                    except (pymongo.errors.PyMongoError, StopIteration):
                        if time.time() > end: raise
                        time.sleep(0.1)
            result = [at.time, at.inc]
            """
        )
        return BSONTimestamp(seconds: time[0], increment: time[1])
    }
}

extension OplogArchiver.Settings {
    static let quick = OplogArchiver.Settings(
        interval: .milliseconds(200),
        timeout: .seconds(5),
        stall: .seconds(15),
        firstPause: .milliseconds(200),
        longestPause: .seconds(1)
    )
}

/// What an archiver told.
final class ArchiveEvents: Sendable {
    private let events = Mutex<[OplogArchiveEvent]>([])

    var all: [OplogArchiveEvent] { events.withLock { $0 } }

    func add(_ event: OplogArchiveEvent) { events.withLock { $0.append(event) } }

    /// Looks until something has been told.
    @discardableResult
    func wait<Found>(for what: String, _ look: ([OplogArchiveEvent]) -> Found?) async throws -> Found {
        let clock = ContinuousClock()
        let end = clock.now + .seconds(90)
        while clock.now < end {
            if let found = look(all) { return found }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestFailure("waited for \(what): \(all.suffix(20))")
    }

    func waitUntilSaved(_ timestamp: BSONTimestamp) async throws {
        try await wait(for: "\(timestamp) to be saved") { events in
            events.contains { if case .saved(let slice, _, _) = $0 { slice.last >= timestamp } else { false } }
                ? true : nil
        }
    }

    /// The member that is followed now.
    func followed(after count: Int = 0) async throws -> MemberAddress {
        try await wait(for: "a member to be followed") { events in
            events.dropFirst(count).compactMap { event -> MemberAddress? in
                if case .following(_, _, let member) = event { member } else { nil }
            }.last
        }
    }
}
