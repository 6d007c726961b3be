import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitBackup

/// Two that would archive into one place, in a real directory.
@Suite struct ArchiveLeaseTests {
    private func with(
        _ body: (_ store: LocalBackupStore, _ lease: @escaping @Sendable (String) -> ArchiveLease) async throws -> Void
    ) async throws {
        let directory = try TemporaryDirectory(prefix: "archiving")
        defer { directory.remove() }
        let store = LocalBackupStore(directory: directory.path("store"))
        try await body(store) { ArchiveLease(store: store, clock: ContinuousClock(), directory: $0) }
    }

    @Test func theSecondIsRefusedUntilTheFirstHasEnded() async throws {
        try await with { store, lease in
            try await lease("/one").holding {
                let error = await #expect(throws: ReplicaKitError.self) {
                    try await lease("/two").holding { Issue.record("both archive") }
                }
                #expect(error?.code == .locked)
                #expect(error?.hint?.contains("its word ends by itself in ") == true, "\(String(describing: error))")
            }
            try await lease("/two").holding {}
            #expect(try await store.list("leases/").isEmpty)
        }
    }

    @Test func whoWasKilledGoesOnAtOnceAndOthersWhenItsWordHasEnded() async throws {
        try await with { store, lease in
            func leave(_ holder: String, seconds: Int64) async throws -> String {
                let end = BSONDateTime.now.milliseconds + seconds * 1000
                let name = "leases/oplog-archive-\(lease(holder).holder)-7D444840-9DC0-11D1-B245-5FFDCE74FAD2-\(end)"
                try await store.put([], as: name)
                return name
            }
            let name = try await leave("/one", seconds: 60)
            await #expect(throws: ReplicaKitError.self) { try await lease("/two").holding {} }
            #expect(try await store.list("leases/").map(\.name) == [name])
            try await lease("/one").holding {}
            #expect(try await store.list("leases/").isEmpty)
            _ = try await leave("/one", seconds: -1)
            try await lease("/two").holding {}
            #expect(try await store.list("leases/").isEmpty)
        }
    }

    @Test func anErrorOfTheWorkEndsIt() async throws {
        try await with { store, lease in
            struct Failure: Error {}
            do {
                try await lease("/one").holding { throw Failure() }
            } catch is Failure {}
            #expect(try await store.list("leases/").isEmpty)
        }
    }
}
