import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitBackup

/// What backups that were never completed leave, in a real directory.
@Suite struct InterruptedPruningTests {
    private struct Place {
        let store: LocalBackupStore
        let directory: TemporaryDirectory

        var pruner: BackupPruner { BackupPruner(of: "rs", in: store) }
        var catalogue: BackupCatalogue { BackupCatalogue(store: store) }
        var lease: BackupLease { BackupLease(store: store, clock: ContinuousClock()) }

        /// Leaves what a backup of so many hours ago wrote before it was killed.
        func leave(hours: Int64, set: String = "rs") async throws -> BackupID {
            let begun = BSONDateTime(milliseconds: BSONDateTime.now.milliseconds - hours * 3_600_000)
            let id = BackupID(begun: begun)
            let progress = BackupProgress(
                id: id,
                set: set,
                begunAt: begun,
                compression: .zstd,
                mode: .snapshot,
                start: BackupManifest.Moment(OpTime(timestamp: .at(10), term: 1)),
                oplogNeededFrom: .at(10),
                finished: []
            )
            try await progress.write(to: store)
            try await store.put([1, 2, 3], as: "\(id.folder)/shop/orders.bson.zst")
            return id
        }

        func exists(_ id: BackupID) -> Bool {
            FileManager.default.fileExists(atPath: directory.path("store/\(id.folder).partial"))
        }
    }

    private func withPlace(_ body: (Place) async throws -> Void) async throws {
        try await TemporaryDirectory.with { directory in
            try await body(Place(store: LocalBackupStore(directory: directory.path("store")), directory: directory))
        }
    }

    @Test func whatWasLeftLongAgoGoes() async throws {
        try await withPlace { place in
            let old = try await place.leave(hours: 49)
            let young = try await place.leave(hours: 47)
            let other = try await place.leave(hours: 49, set: "other")
            // A file that was being written is no object, and may be most of what fills the disk.
            let unfinished = place.directory.path("store/\(old.folder).partial/big")
            try FileManager.default.createDirectory(atPath: unfinished, withIntermediateDirectories: true)
            try Data([1]).write(to: URL(filePath: unfinished + "/.replicakit-1.tmp"))
            let plan = try await place.pruner.plan(days: 30)
            #expect(plan.interrupted == [old] && plan.backups.isEmpty)
            #expect(try await place.pruner.run(plan).interrupted == [old])
            #expect(!place.exists(old) && place.exists(young) && place.exists(other))
            #expect(try await place.catalogue.interrupted() == [young, other].sorted())
            #expect(try await place.store.list("leases/").isEmpty)
        }
    }

    @Test func whatIsGoneOnWithStays() async throws {
        try await withPlace { place in
            let old = try await place.leave(hours: 99)
            let early = try await place.pruner.plan(days: 30)
            #expect(early.interrupted == [old])
            try await place.lease.making(old, { _ in }) {
                #expect(try await place.pruner.plan(days: 30).interrupted.isEmpty)
                // A plan of before.
                #expect(try await place.pruner.run(early).interrupted.isEmpty)
                let outcome = try await place.lease.removing(old) { true }
                #expect(outcome == nil)
            }
            #expect(place.exists(old))
            #expect(try await place.pruner.run(early).interrupted == [old])
        }
    }

    @Test func whatIsBeingRemovedIsNotGoneOnWith() async throws {
        try await withPlace { place in
            let old = try await place.leave(hours: 99)
            _ = try await place.lease.removing(old) {
                await #expect {
                    try await place.lease.making(old, { _ in }) { Issue.record("it was gone on with") }
                } throws: {
                    ($0 as? ReplicaKitError)?.code == .refused
                }
                return true
            }
        }
    }

    @Test func whatWasCompletedSinceStays() async throws {
        try await withPlace { place in
            let old = try await place.leave(hours: 99)
            let plan = try await place.pruner.plan(days: 30)
            let manifest = BackupManifest.stub(old, end: .at(10))
            let bytes = Array(try manifest.text().utf8)
            try await place.store.publish(old.folder, manifest: bytes, named: BackupManifest.fileName)
            #expect(try await place.pruner.run(plan).interrupted.isEmpty)
            #expect(try await place.catalogue.manifest(of: old) == manifest)
        }
    }
}
