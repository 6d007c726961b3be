import ReplicaKit
import Testing

@testable import ReplicaKitBackup

/// What can be restored with an archive and some backups, on values.
@Suite struct RecoverableWindowTests {
    private func backup(_ name: String, _ manifest: BackupManifest, isBad: Bool = false) throws -> CataloguedBackup {
        var manifest = manifest
        manifest.id = try #require(BackupID(rawValue: name))
        let verdict = BackupVerdict(
            at: BSONDateTime(milliseconds: 0),
            method: .files,
            problems: ["x"],
            documents: 0
        )
        return CataloguedBackup(
            id: manifest.id,
            manifest: .success(manifest),
            notes: BackupNotes(verdict: isBad ? verdict : nil)
        )
    }

    private func ranges(_ archive: OplogTimeline, _ backups: [CataloguedBackup]) -> [String] {
        archive.recoverable(with: backups).map { "\($0.from.seconds)-\($0.to.seconds) \($0.base)" }
    }

    @Test func theEarliestBackupWithinAWindowIsItsBase() throws {
        let archive = OplogTimeline.stub([[10, 20, 30]])
        let backups = try [
            backup("c", .stub(end: .at(25))), backup("a", .stub(end: .at(9))), backup("b", .stub(end: .at(15))),
        ]
        #expect(ranges(archive, backups) == ["15-30 b"])
        #expect(ranges(archive, try [backup("a", .stub(end: .at(10)))]) == ["10-30 a"])
    }

    @Test func aWindowThatNoBackupReachesIntoIsNotRecoverable() throws {
        let archive = OplogTimeline.stub([[10, 20], [30, 40]])
        #expect(ranges(archive, []) == [])
        #expect(ranges(archive, try [backup("a", .stub(end: .at(9))), backup("b", .stub(end: .at(41)))]) == [])
        #expect(ranges(archive, try [backup("a", .stub(end: .at(25)))]) == [])
        #expect(ranges(archive, try [backup("a", .stub(end: .at(12)))]) == ["12-20 a"])
        let both = try [backup("a", .stub(end: .at(12))), backup("b", .stub(end: .at(33)))]
        #expect(ranges(archive, both) == ["12-20 a", "33-40 b"])
    }

    @Test func whatABackupNeedsMustBeThere() throws {
        let archive = OplogTimeline.stub([[10, 20]])
        #expect(ranges(archive, try [backup("a", .stub(end: .at(12), neededFrom: .at(10)))]) == [])
        #expect(ranges(archive, try [backup("a", .stub(end: .at(12), neededFrom: .at(11)))]) == ["12-20 a"])
        let fuzzy = try backup("a", .stub(end: .at(12), mode: .fuzzy, neededFrom: .at(9)))
        #expect(ranges(archive, [fuzzy]) == ["12-20 a"])
    }

    @Test func badOnesAndThoseOfOtherSetsAreNoBase() throws {
        let archive = OplogTimeline.stub([[10, 20]])
        let unreadable = CataloguedBackup(
            id: BackupID(begun: BSONDateTime(milliseconds: 0)),
            manifest: .failure(ReplicaKitError(.backupDamaged, "x")),
            notes: BackupNotes()
        )
        let backups = try [
            unreadable, backup("a", .stub(end: .at(12)), isBad: true), backup("b", .stub(end: .at(13), set: "other")),
            backup("c", .stub(end: .at(14), setID: "other")),
        ]
        #expect(ranges(archive, backups) == [])
        #expect(ranges(archive, backups + [try backup("d", .stub(end: .at(15)))]) == ["15-20 d"])
    }
}
