import ReplicaKit
import Testing

@testable import ReplicaKitBackup

/// Whether a restore of a backup can go on with the archive, on values.
@Suite struct OplogBaseTests {
    private let archive = OplogTimeline.stub([[10, 20, 30]], after: 10)

    @Test func aBackupWithinTheArchiveIsABase() {
        #expect(archive.baselessSince(for: .stub(end: .at(20))) == nil)
        #expect(archive.baselessSince(for: .stub(end: .at(30))) == nil)
        // The first entry that it needs is the first one that there is.
        #expect(archive.baselessSince(for: .stub(end: .at(10))) == nil)
    }

    @Test func aBackupThatIsNewerThanAllSlicesIsABase() {
        #expect(archive.baselessSince(for: .stub(end: .at(33))) == nil)
        #expect(archive.baselessSince(for: .stub(end: .at(33), neededFrom: .at(25))) == nil)
    }

    @Test func aBackupOfBeforeTheTimelineIsNone() {
        #expect(archive.baselessSince(for: .stub(end: .at(9))) == .at(10))
    }

    @Test func whatWasOpenAtASnapshotIsNeededToo() {
        #expect(archive.baselessSince(for: .stub(end: .at(20), neededFrom: .at(10))) == .at(10))
        #expect(archive.baselessSince(for: .stub(end: .at(20), mode: .fuzzy, neededFrom: .at(10))) == nil)
    }

    @Test func missingSlicesAreAGap() {
        let archive = OplogTimeline.stub([[10, 20], [30, 40]], after: 10)
        #expect(archive.baselessSince(for: .stub(end: .at(15))) == .at(30))
        #expect(archive.baselessSince(for: .stub(end: .at(25))) == .at(30))
        #expect(archive.baselessSince(for: .stub(end: .at(35))) == nil)
    }

    @Test func nothingIsSaidWhileNothingIsSaved() {
        #expect(OplogTimeline.stub([], after: 10).baselessSince(for: .stub(end: .at(5))) == nil)
    }

    @Test func anotherSetsBackupIsNone() {
        #expect(archive.baselessSince(for: .stub(end: .at(20), setID: "other")) == .at(10))
        #expect(archive.baselessSince(for: .stub(end: .at(20), set: "other")) == .at(10))
        // One that does not know its set's number is taken, as a restore does.
        #expect(archive.baselessSince(for: .stub(end: .at(20), setID: nil)) == nil)
    }
}
