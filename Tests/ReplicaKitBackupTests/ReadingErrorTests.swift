import ReplicaKit
import Testing

@testable import ReplicaKitBackup

/// What an error of a server means for the backup that it comes in.
@Suite struct ReadingErrorTests {
    private let source = Namespace(database: "shop", collection: "orders")

    private func judged(_ code: Int, in mode: BackupManifest.Mode) -> any Error {
        let error = ReplicaKitError(
            .commandFailed,
            "failed",
            member: MemberAddress(host: "a", port: 1),
            server: .init(code: code, codeName: "Name", message: "failed")
        )
        return CollectionReading.judged(error, of: source, in: mode)
    }

    @Test func aPastThatIsGoneMakesASnapshotImpossible() {
        let error = judged(239, in: .snapshot) as? SnapshotImpossible
        #expect(error?.reason == "a:1 no longer keeps the past that shop.orders is to be read at")
        #expect((judged(239, in: .fuzzy) as? ReplicaKitError)?.code == .backupOvertaken)
    }

    @Test(arguments: [175, 237, 43, 26, 246]) func aChangeBeginsAgain(code: Int) {
        for mode in BackupManifest.Mode.allCases {
            #expect((judged(code, in: mode) as? ReplicaKitError)?.code == .backupOvertaken)
        }
    }

    @Test func theRestIsAsItIs() {
        #expect((judged(13, in: .snapshot) as? ReplicaKitError)?.server?.code == 13)
        #expect(CollectionReading.judged(CancellationError(), of: source, in: .snapshot) is CancellationError)
    }
}
