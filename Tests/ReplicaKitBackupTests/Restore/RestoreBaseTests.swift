import ReplicaKit
import Testing

@testable import ReplicaKitBackup

/// From which backup a restore to the latest moment comes furthest, on values.
@Suite struct RestoreBaseTests {
    private static func timestamp(_ seconds: UInt32) -> BSONTimestamp { BSONTimestamp(seconds: seconds, increment: 1) }

    /// A backup that needs the oplog from a moment on; by default from its own.
    private func backup(_ seconds: UInt32, from first: UInt32? = nil) throws -> BackupManifest {
        let moment = BackupManifest.Moment(OpTime(timestamp: Self.timestamp(seconds), term: 1))
        return BackupManifest(
            format: 1,
            id: try #require(BackupID(rawValue: "at\(seconds)")),
            set: "rs0",
            setID: "id",
            tool: "test",
            serverVersion: "6.0.5",
            featureCompatibilityVersion: "6.0",
            member: "m1",
            mode: .snapshot,
            start: moment,
            end: moment,
            oplogNeededFrom: Self.timestamp(first ?? seconds),
            begunAt: BSONDateTime(milliseconds: 0),
            finishedAt: BSONDateTime(milliseconds: 0),
            compression: .zstd,
            collections: []
        )
    }

    /// A timeline of slices from one moment to the next.
    private func timeline(_ id: String, _ moments: [(UInt32, UInt32)], of setID: String = "id") -> OplogTimeline {
        let after = OpTime(timestamp: Self.timestamp(moments.first?.0 ?? 0), term: 1)
        let begin = OplogTimeline.Begin(
            format: 1,
            timeline: id,
            set: "rs0",
            setID: setID,
            after: after,
            created: BSONDateTime(milliseconds: 0)
        )
        let slices = moments.map {
            OplogSlice(timeline: id, after: Self.timestamp($0.0), last: Self.timestamp($0.1))
        }
        return OplogTimeline(begin: begin, end: nil, slices: slices)
    }

    private func latest(_ backups: [BackupManifest], _ timelines: [OplogTimeline]) -> String? {
        RestoreBase(latestOf: backups, in: timelines).map { base in
            base.manifest.id.rawValue + (base.through.map { " through \($0.seconds)" } ?? "")
        }
    }

    @Test func theNewestIsTakenAsFarAsTheArchiveGoes() throws {
        let backups = try [backup(10), backup(20), backup(30)]
        #expect(latest(backups, [timeline("a", [(5, 25), (25, 50)])]) == "at30 through 50")
        #expect(latest([], [timeline("a", [(5, 25)])]) == nil)
    }

    @Test func withoutAnythingAfterItItIsTheBackupsOwnMoment() throws {
        let backups = try [backup(10), backup(20), backup(30)]
        #expect(latest(backups, []) == "at30")
        #expect(latest(backups, [timeline("a", [(5, 30)])]) == "at30")
        #expect(latest(backups, [timeline("a", [(5, 50)], of: "other")]) == "at30")
    }

    @Test func aGapIsNotGoneOver() throws {
        let backups = try [backup(10), backup(20)]
        #expect(latest(backups, [timeline("a", [(5, 15), (22, 50)])]) == "at20")
        #expect(latest(backups, [timeline("a", [(5, 21), (22, 50)])]) == "at20 through 21")
        let open = try [backup(10), backup(20, from: 12)]
        #expect(latest(open, [timeline("a", [(5, 30)]), timeline("b", [(15, 30)])]) == "at20 through 30")
        #expect(latest(try [backup(20, from: 12)], [timeline("b", [(15, 30)])]) == "at20")
    }

    @Test func anOlderOneThatComesFurtherIsTaken() throws {
        let backups = try [backup(10), backup(20, from: 4)]
        #expect(latest(backups, [timeline("a", [(5, 30)])]) == "at10 through 30")
    }
}
