import ReplicaKit
import Testing

@testable import ReplicaKitBackup

/// What may go and what must stay, on values.
@Suite struct BackupPruningTests {
    private let now: Int64 = 1_800_000_000

    /// A backup of so many days ago.
    private func backup(
        _ name: String,
        days: Int64,
        set: String = "rs0",
        tags: [String] = [],
        isBad: Bool = false
    ) throws -> CataloguedBackup {
        let id = try #require(BackupID(rawValue: name))
        let timestamp = BSONTimestamp(seconds: UInt32(now - days * 86_400), increment: 1)
        let moment = BackupManifest.Moment(OpTime(timestamp: timestamp, term: 1))
        let manifest = BackupManifest(
            format: 1,
            id: id,
            set: set,
            tool: "test",
            serverVersion: "6.0.5",
            featureCompatibilityVersion: "6.0",
            member: "m1",
            mode: .snapshot,
            start: moment,
            end: moment,
            oplogNeededFrom: timestamp,
            begunAt: BSONDateTime(milliseconds: 0),
            finishedAt: BSONDateTime(milliseconds: 0),
            compression: .zstd,
            collections: []
        )
        let verdict = BackupVerdict(
            at: BSONDateTime(milliseconds: 0),
            method: .files,
            problems: isBad ? ["x"] : [],
            documents: 0
        )
        return CataloguedBackup(
            id: id,
            manifest: .success(manifest),
            notes: BackupNotes(tags: tags, verdict: isBad ? verdict : nil)
        )
    }

    private func pruned(_ backups: [CataloguedBackup], days: Int64 = 30) -> (gone: [String], needed: BSONTimestamp?) {
        let promised = BSONDateTime(milliseconds: (now - days * 86_400) * 1000)
        let pruning = BackupPruning(backups, of: "rs0", promised: promised)
        return (pruning.backups.map(\.rawValue), pruning.oplogNeededFrom)
    }

    @Test func theBaseOfTheOldestPromisedMomentStays() throws {
        let backups = try [
            backup("a", days: 90), backup("b", days: 40), backup("c", days: 20), backup("d", days: 1),
        ]
        #expect(pruned(backups).gone == ["a"])
        #expect(pruned(backups).needed == BSONTimestamp(seconds: UInt32(now - 40 * 86_400), increment: 1))
    }

    @Test func theNewestGoodOneStaysHoweverOldItIs() throws {
        #expect(pruned(try [backup("a", days: 900), backup("b", days: 800)]).gone == ["a"])
        #expect(pruned(try [backup("a", days: 900), backup("b", days: 800, isBad: true)]).gone == ["b"])
    }

    @Test func aBadOneIsNoBase() throws {
        let backups = try [
            backup("a", days: 90), backup("b", days: 40, isBad: true), backup("c", days: 1),
        ]
        #expect(pruned(backups).gone == ["b"])
    }

    @Test func taggedOnesAndThoseOfOtherSetsStay() throws {
        let backups = try [
            backup("a", days: 90, tags: ["release"]), backup("b", days: 80, set: "other"), backup("c", days: 70),
            backup("d", days: 60), backup("e", days: 1),
        ]
        #expect(pruned(backups).gone == ["c"])
        #expect(pruned(backups).needed == BSONTimestamp(seconds: UInt32(now - 90 * 86_400), increment: 1))
    }

    @Test func ofNothingNothingGoes() {
        #expect(pruned([]).gone.isEmpty && pruned([]).needed == nil)
    }
}
