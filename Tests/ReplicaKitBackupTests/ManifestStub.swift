import ReplicaKit

@testable import ReplicaKitBackup

extension BackupManifest {
    /// A backup of nothing, consistent at a moment.
    static func stub(
        _ id: BackupID = BackupID(begun: BSONDateTime(milliseconds: 0)),
        end: BSONTimestamp,
        mode: Mode = .snapshot,
        neededFrom: BSONTimestamp? = nil,
        set: String = "rs",
        setID: String? = "id"
    ) -> BackupManifest {
        let moment = Moment(OpTime(timestamp: end, term: 1))
        return BackupManifest(
            format: BackupManifest.currentFormat,
            id: id,
            set: set,
            setID: setID,
            tool: "test",
            serverVersion: "6.0.5",
            featureCompatibilityVersion: "6.0",
            member: "m1",
            mode: mode,
            start: moment,
            end: moment,
            oplogNeededFrom: neededFrom ?? end,
            begunAt: BSONDateTime(milliseconds: 0),
            finishedAt: BSONDateTime(milliseconds: 0),
            compression: .zstd,
            collections: []
        )
    }
}

extension OplogTimeline {
    /// A timeline with slices between moments: `[[1, 5, 9], [20, 30]]` is three slices, and a gap before the last.
    static func stub(
        _ runs: [[UInt32]],
        after: UInt32 = 1,
        id: String = "t",
        set: String = "rs",
        setID: String? = "id",
        end: End? = nil
    ) -> OplogTimeline {
        let slices = runs.flatMap { run in
            zip(run, run.dropFirst()).map { OplogSlice(timeline: id, after: .at($0), last: .at($1)) }
        }
        let begin = Begin(
            format: 1,
            timeline: id,
            set: set,
            setID: setID,
            after: OpTime(timestamp: .at(after), term: 1),
            created: BSONDateTime(milliseconds: 0)
        )
        return OplogTimeline(begin: begin, end: end, slices: slices)
    }
}

extension BSONTimestamp {
    /// The first entry of a second.
    static func at(_ seconds: UInt32) -> BSONTimestamp { BSONTimestamp(seconds: seconds, increment: 1) }
}
