public import ReplicaKit

extension HealthRule {
    /// Rules about backups: that there is a new one, that one was proven, that the archive of the oplog keeps up.
    ///
    /// - Parameter figures: What there is, or why it cannot be read; `nil` to list the rules only.
    public static func backups(_ figures: Result<BackupFigures, ReplicaKitError>?) -> [HealthRule] {
        [age(figures), proof(figures), archive(figures)]
    }

    private static func age(_ figures: Result<BackupFigures, ReplicaKitError>?) -> HealthRule {
        HealthRule(
            "backup.age",
            looksFor: "a newest good backup that is older than a day, or none",
            in: "the catalogue of the backups"
        ) { _ in
            guard case .success(let figures) = figures else {
                guard case .failure(let error) = figures else { return [] }
                return [finding("backup.age", .critical, .p1, error.message, [], "See `rkctl backup list`.")]
            }
            guard let newest = figures.newest else {
                let message = figures.count == 0 ? "there is no backup" : "no backup is good"
                return [finding("backup.age", .critical, .p1, message, [], "rkctl backup create")]
            }
            let hours = hours(from: newest, to: figures.takenAt)
            guard hours > 26 else { return [] }
            return [
                finding(
                    "backup.age",
                    hours > 50 ? .critical : .warning,
                    hours > 50 ? .p1 : .p2,
                    "the newest good backup is \(Int(hours)) h old",
                    [.init("ageSeconds", .double(hours * 3600))],
                    "rkctl backup create; rkctl backup schedule prints what makes one each day"
                )
            ]
        }
    }

    private static func proof(_ figures: Result<BackupFigures, ReplicaKitError>?) -> HealthRule {
        HealthRule(
            "backup.proof",
            looksFor: "a newest backup that was found bad, or none that was restored and compared within 8 days",
            in: "the verdicts in the catalogue of the backups"
        ) { _ in
            guard case .success(let figures) = figures, figures.count > 0 else { return [] }
            if let bad = figures.bad {
                return [
                    finding(
                        "backup.proof",
                        .critical,
                        .p1,
                        "the newest backup, \(bad), was found bad",
                        [],
                        "rkctl backup create, and rkctl backup show \(bad)"
                    )
                ]
            }
            let days = figures.provenAt.map { hours(from: $0, to: figures.takenAt) / 24 }
            if let days, days <= 8 { return [] }
            return [
                finding(
                    "backup.proof",
                    .warning,
                    .p3,
                    days.map { "no backup was restored and compared for \(Int($0)) days" }
                        ?? "no backup was ever restored and compared",
                    days.map { [.init("ageSeconds", .double($0 * 86_400))] } ?? [],
                    "rkctl backup verify ID --restore"
                )
            ]
        }
    }

    private static func archive(_ figures: Result<BackupFigures, ReplicaKitError>?) -> HealthRule {
        HealthRule(
            "backup.archive",
            looksFor: "an archive of the oplog that has a gap, or is more than 5 minutes behind",
            in: "the archive of the oplog"
        ) { _ in
            guard case .success(let figures) = figures, let through = figures.archivedThrough else { return [] }
            if let end = figures.archiveEnd {
                return [
                    finding(
                        "backup.archive",
                        .critical,
                        .p1,
                        "the archive of the oplog has ended: \(end)",
                        [],
                        "rkctl oplog archive, and then rkctl backup create"
                    )
                ]
            }
            let seconds = hours(from: through, to: figures.takenAt) * 3600
            guard seconds > 60 else { return [] }
            return [
                finding(
                    "backup.archive",
                    seconds > 300 ? .critical : .warning,
                    seconds > 300 ? .p1 : .p2,
                    "the archive of the oplog is \(Int(seconds)) s behind: what was written since would be lost with the set",
                    [.init("behindSeconds", .double(seconds))],
                    "Look whether rkctl oplog archive runs, and what it says"
                )
            ]
        }
    }

    private static func hours(from earlier: BSONDateTime, to later: BSONDateTime) -> Double {
        Double(later.milliseconds - earlier.milliseconds) / 3_600_000
    }

    private static func finding(
        _ rule: HealthRuleID,
        _ severity: Severity,
        _ priority: AlertPriority,
        _ message: String,
        _ evidence: [Finding.Evidence],
        _ remedy: String
    ) -> Finding {
        Finding(
            rule: rule,
            severity: severity,
            priority: priority,
            member: nil,
            message: message,
            evidence: evidence,
            remedy: remedy
        )
    }
}
