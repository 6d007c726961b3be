import ReplicaKit
import ReplicaKitBackup
import Testing

/// Rules about backups, on values.
@Suite struct BackupHealthTests {
    private let now = BSONDateTime(milliseconds: 1_800_000_000_000)

    private func ago(hours: Double) -> BSONDateTime {
        BSONDateTime(milliseconds: now.milliseconds - Int64(hours * 3_600_000))
    }

    private func found(limits: [HealthThreshold: HealthLimits] = [:], _ change: (inout BackupFigures) -> Void)
        -> [String]
    {
        var figures = BackupFigures(takenAt: now)
        figures.count = 3
        figures.newest = ago(hours: 5)
        figures.provenAt = ago(hours: 30)
        figures.archivedThrough = ago(hours: 0.001)
        change(&figures)
        return report(.success(figures), limits).findings.map { "\($0.rule) \($0.severity) \($0.priority)" }
    }

    private func report(
        _ figures: Result<BackupFigures, ReplicaKitError>,
        _ limits: [HealthThreshold: HealthLimits] = [:]
    ) -> HealthReport {
        let spec = ReplicaSetSpec(name: "rs0", members: [], health: HealthSpec(limits: limits))
        let look = HealthLook(snapshot: ReplicaSetSnapshot(takenAt: now, setName: "rs0", members: []))
        return HealthExaminer(spec: spec, rules: HealthRule.backups(figures)).report(on: look, previous: nil)
    }

    @Test func nothingIsSaidOfGoodBackups() {
        #expect(found { _ in } == [])
    }

    @Test func ageIsJudged() {
        #expect(found { $0.newest = ago(hours: 27) } == ["backup.age warning p2"])
        #expect(found { $0.newest = ago(hours: 51) } == ["backup.age critical p1"])
        #expect(found { ($0.count, $0.newest, $0.provenAt) = (0, nil, nil) } == ["backup.age critical p1"])
    }

    @Test func proofIsWanted() {
        #expect(found { $0.provenAt = nil } == ["backup.proof warning p3"])
        #expect(found { $0.provenAt = ago(hours: 24 * 9) } == ["backup.proof warning p3"])
        #expect(found { $0.bad = BackupID(rawValue: "x") } == ["backup.proof critical p1"])
    }

    @Test func theArchiveMustKeepUp() {
        #expect(found { $0.archivedThrough = ago(hours: 2.0 / 60) } == ["backup.archive warning p2"])
        #expect(found { $0.archivedThrough = ago(hours: 6.0 / 60) } == ["backup.archive critical p1"])
        #expect(found { $0.archiveEnd = "it rolled over" } == ["backup.archive critical p1"])
        #expect(found { $0.archivedThrough = nil } == [])
        // The interval of 5 s and the limit of 60 s.
        #expect(found { $0.archivedThrough = ago(hours: 64.0 / 3600) } == [])
    }

    @Test func anArchiveNeedsABase() {
        #expect(found { $0.baselessSince = ago(hours: 1) } == ["backup.archive critical p1"])
        var figures = BackupFigures(takenAt: now)
        (figures.count, figures.newest, figures.provenAt) = (1, ago(hours: 5), ago(hours: 30))
        (figures.archivedThrough, figures.baselessSince) = (now, ago(hours: 1))
        let findings = report(.success(figures)).findings
        #expect(findings.map(\.remedy) == ["rkctl backup create"])
        #expect(findings.allSatisfy { $0.message.contains("no base to begin from since \(ago(hours: 1).rfc3339)") })
        // An end is said first, as its remedy makes a base too.
        figures.archiveEnd = "it rolled over"
        #expect(report(.success(figures)).findings.map { $0.message.contains("it rolled over") } == [true])
    }

    @Test func theLimitsAreThoseOfTheSpec() {
        let limits: [HealthThreshold: HealthLimits] = [
            .backupAgeHours: .init(warning: 2, critical: 4), .backupProofDays: .init(warning: 1, critical: nil),
            .archiveLagSeconds: .init(warning: 1000, critical: 2000),
        ]
        #expect(found(limits: limits) { _ in } == ["backup.age critical p1", "backup.proof warning p3"])
        #expect(found(limits: limits) { ($0.newest, $0.provenAt) = (ago(hours: 3), now) } == ["backup.age warning p2"])
        let far = found(limits: limits) {
            ($0.newest, $0.provenAt, $0.archivedThrough) = (now, now, ago(hours: 1006.0 / 3600))
        }
        #expect(far == ["backup.archive warning p2"])
    }

    @Test func aPlaceThatCannotBeReadIsFoundOnceAndTheRestIsUnjudged() {
        let report = report(.failure(ReplicaKitError(.backupStoreFailed, "the disk is gone")))
        #expect(report.findings.map(\.message) == ["the disk is gone"])
        #expect(report.unjudged.map(\.rule) == ["backup.proof", "backup.archive"])
    }
}
