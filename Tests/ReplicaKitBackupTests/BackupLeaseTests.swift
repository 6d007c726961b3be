import ReplicaKit
import Synchronization
import TestSupport
import Testing

@testable import ReplicaKitBackup

/// Reading and removing a backup at the same time, in a real directory.
@Suite struct BackupLeaseTests {
    private struct Shop {
        let store: LocalBackupStore
        let ids: [BackupID]

        var pruner: BackupPruner { BackupPruner(of: "rs0", in: store) }
        var lease: BackupLease { BackupLease(store: store, clock: ContinuousClock()) }

        func left() async throws -> [BackupID] { try await BackupCatalogue(store: store).list().map(\.id) }
        func leases() async throws -> [String] { try await store.list("leases/").map(\.name) }
    }

    /// A store with backups of 50, 40 and 30 days ago, of which the first two may go when nothing is promised.
    private func withShop(_ body: (Shop) async throws -> Void) async throws {
        let directory = try TemporaryDirectory(prefix: "leases")
        defer { directory.remove() }
        let store = LocalBackupStore(directory: directory.path("store"))
        var ids: [BackupID] = []
        for days in [50, 40, 30] as [Int64] {
            let begun = BSONDateTime(milliseconds: BSONDateTime.now.milliseconds - days * 86_400_000)
            let manifest = BackupManifest(empty: BackupID(begun: begun), at: begun)
            try await store.publish(
                manifest.id.folder,
                manifest: Array(try manifest.text().utf8),
                named: BackupManifest.fileName
            )
            ids.append(manifest.id)
        }
        try await body(Shop(store: store, ids: ids))
    }

    @Test func whatIsReadStaysAndGoesAfterwards() async throws {
        try await withShop { shop in
            let early = try await shop.pruner.plan(days: 1)
            #expect(early.backups == Array(shop.ids.prefix(2)))
            try await shop.lease.reading(shop.ids[0], { _ in }) {
                let plan = try await shop.pruner.plan(days: 1)
                #expect(plan.backups == [shop.ids[1]])
                #expect(plan.kept.contains { $0.id == shop.ids[0] && $0.reason.contains("restored") })
                #expect(plan.oplogNeededFrom == early.oplogNeededFrom(removing: [shop.ids[1]]))
                // A plan of before, and a reader that came since.
                let removed = try await shop.pruner.run(early)
                #expect(removed.backups == [shop.ids[1]] && removed.stayed.keys.elementsEqual([shop.ids[0]]))
                #expect(try await shop.left() == [shop.ids[0], shop.ids[2]])
            }
            #expect(try await shop.pruner.run(early).backups == [shop.ids[0]])
            #expect(try await shop.left() == [shop.ids[2]])
            #expect(try await shop.leases().isEmpty)
        }
    }

    @Test func aReaderThatWasKilledHoldsNothingForever() async throws {
        try await withShop { shop in
            for end in ["\(BSONDateTime.now.milliseconds - 1)", "nonsense"] {
                try await shop.store.put([], as: "leases/\(shop.ids[0])-reading-x-\(end)")
                #expect(try await !shop.lease.isHeld(shop.ids[0], .reading))
            }
            try await shop.store.put(
                [],
                as: "leases/\(shop.ids[0])-reading-x-\(BSONDateTime.now.milliseconds + 60_000)"
            )
            #expect(try await shop.lease.isHeld(shop.ids[0], .reading))
            #expect(try await !shop.lease.isHeld(shop.ids[1], .reading))
            try await shop.lease.sweep(shop.ids[0])
            #expect(try await shop.leases().count == 1)
        }
    }

    @Test func aReaderRenewsAndEndsWithItsWorkWhateverCameOfIt() async throws {
        struct Failed: Error {}
        try await withShop { shop in
            let lease = BackupLease(store: shop.store, clock: HastyClock())
            await #expect(throws: Failed.self) {
                try await lease.reading(shop.ids[0], { _ in }) {
                    let first = try await shop.leases()
                    let deadline = ContinuousClock.now + .seconds(30)
                    var now = first
                    while now == first || now.isEmpty, ContinuousClock.now < deadline { now = try await shop.leases() }
                    #expect(now != first && !now.isEmpty)
                    throw Failed()
                }
            }
            #expect(try await shop.leases().isEmpty)
            let reading = Task {
                try await lease.reading(shop.ids[0], { _ in }) { try await Task.sleep(for: .seconds(600)) }
            }
            let deadline = ContinuousClock.now + .seconds(30)
            while try await shop.leases().isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            #expect(try await !shop.leases().isEmpty)
            reading.cancel()
            await #expect(throws: CancellationError.self) { try await reading.value }
            #expect(try await shop.leases().isEmpty)
        }
    }

    @Test(arguments: [ReplicaKitError.Code.diskFull, .backupStoreFailed])
    func aPlaceThatTakesNothingIsStillReadAndAFullOnePruned(code: ReplicaKitError.Code) async throws {
        try await withShop { shop in
            let plan = try await shop.pruner.plan(days: 1)
            let store = UnwritableStore(store: shop.store, code: code)
            let notes = Mutex(0)
            let read = try await BackupLease(store: store, clock: ContinuousClock())
                .reading(shop.ids[0], { _ in notes.withLock { $0 += 1 } }) { true }
            #expect(read && notes.withLock { $0 } == 1)
            let pruner = BackupPruner(of: "rs0", in: store)
            if code == .diskFull {
                #expect(try await pruner.run(plan).backups == plan.backups)
            } else {
                await #expect(throws: ReplicaKitError.self) { try await pruner.run(plan) }
                #expect(try await shop.left() == shop.ids)
            }
        }
    }

    @Test func whatIsBeingRemovedIsNotReadAndATagOfNowKeeps() async throws {
        try await withShop { shop in
            let plan = try await shop.pruner.plan(days: 1)
            let done = try await shop.lease.removing(shop.ids[0]) {
                await #expect {
                    try await shop.lease.reading(shop.ids[0], { _ in }) { Issue.record("it was read") }
                } throws: {
                    ($0 as? ReplicaKitError)?.code == .refused
                }
                return true
            }
            #expect(done == true)
            try await BackupCatalogue(store: shop.store).note(shop.ids[0]) { $0.tags = ["keep"] }
            let removed = try await shop.pruner.run(plan)
            #expect(removed.backups == [shop.ids[1]] && removed.stayed[shop.ids[0]] == "it is tagged keep")
            await #expect { try await shop.lease.reading(shop.ids[1], { _ in }) { true } } throws: {
                ($0 as? ReplicaKitError)?.code == .backupNotFound
            }
            #expect(try await shop.leases().isEmpty)
        }
    }
}

extension BackupManifest {
    /// A backup of nothing.
    fileprivate init(empty id: BackupID, at date: BSONDateTime) {
        let timestamp = BSONTimestamp(seconds: UInt32(date.milliseconds / 1000), increment: 1)
        let moment = Moment(OpTime(timestamp: timestamp, term: 1))
        self.init(
            format: BackupManifest.currentFormat,
            id: id,
            set: "rs0",
            tool: "test",
            serverVersion: "6.0.5",
            featureCompatibilityVersion: "6.0",
            member: "127.0.0.1:1",
            mode: .snapshot,
            start: moment,
            end: moment,
            oplogNeededFrom: timestamp,
            begunAt: date,
            finishedAt: date,
            compression: .zstd,
            collections: []
        )
    }
}

/// A clock on which every pause is short.
private struct HastyClock: Clock {
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .milliseconds(1) }

    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try await Task.sleep(for: .milliseconds(2))
    }
}

/// A store in which nothing can be written.
private struct UnwritableStore: BackupStore {
    let store: LocalBackupStore
    let code: ReplicaKitError.Code

    var location: String { store.location }
    func list(_ prefix: String) async throws -> [StoredObject] { try await store.list(prefix) }
    func read(_ name: String, from offset: Int) async throws -> any StoredObjectReader {
        try await store.read(name, from: offset)
    }
    func write(_ name: String) async throws -> any StoredObjectWriter {
        throw ReplicaKitError(code, "nothing is taken")
    }
    func delete(_ names: [String]) async throws { try await store.delete(names) }
    func publish(_ folder: String, manifest: [UInt8], named name: String) async throws {
        throw ReplicaKitError(code, "nothing is taken")
    }
}
