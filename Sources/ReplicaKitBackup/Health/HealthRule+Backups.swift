public import ReplicaKit

extension HealthRule {
    /// Rules about backups: that there is a new one, that one was proven, that the archive of the oplog keeps up.
    ///
    /// - Parameter figures: What there is, or why it cannot be read; `nil` to list the rules only.
    public static func backups(_ figures: Result<BackupFigures, ReplicaKitError>?) -> [HealthRule] {
        [age(figures), proof(figures), archive(figures)]
    }

    private static func age(_ figures: Result<BackupFigures, ReplicaKitError>?) -> HealthRule {
        let limit = HealthThreshold.backupAgeHours
        return HealthRule(
            limit.rule,
            looksFor: "a newest good backup that is older than a day, or none (\(limit.rawValue))",
            in: "the catalogue of the backups"
        ) { context in
            guard case .success(let figures) = figures else {
                guard case .failure(let error) = figures else { return [] }
                return [finding(limit, .critical, .p1, error.message, [], error.hint ?? "See `rkctl backup list`.")]
            }
            guard let newest = figures.newest else {
                let message = figures.count == 0 ? "there is no backup" : "no backup is good"
                return [finding(limit, .critical, .p1, message, [], "rkctl backup create")]
            }
            let seconds = seconds(from: newest, to: figures.takenAt)
            guard let severity = context.spec.health.severity(of: seconds, by: limit) else { return [] }
            return [
                finding(
                    limit,
                    severity,
                    limit.priority(severity),
                    "the newest good backup is \(Int(seconds / 3600)) h old",
                    [.init("ageSeconds", .double(seconds))]
                )
            ]
        }
    }

    private static func proof(_ figures: Result<BackupFigures, ReplicaKitError>?) -> HealthRule {
        let limit = HealthThreshold.backupProofDays
        return HealthRule(
            limit.rule,
            looksFor: "a newest backup that was found bad, or none that was restored and compared of late "
                + "(\(limit.rawValue))",
            in: "the verdicts in the catalogue of the backups"
        ) { context in
            guard case .success(let figures) = figures else { return unread(limit, figures) }
            guard figures.count > 0 else { return [] }
            if let bad = figures.bad {
                return [
                    .found(
                        finding(
                            limit,
                            .critical,
                            .p1,
                            "the newest backup, \(bad), was found bad",
                            [],
                            "rkctl backup create, and rkctl backup show \(bad)"
                        )
                    )
                ]
            }
            let health = context.spec.health
            guard let proven = figures.provenAt else {
                let limits = health.limits(of: limit)
                // Who switched the limit off does not want it either.
                guard limits.warning != nil || limits.critical != nil else { return [] }
                return [.found(finding(limit, .warning, .p3, "no backup was ever restored and compared", []))]
            }
            let seconds = seconds(from: proven, to: figures.takenAt)
            guard let severity = health.severity(of: seconds, by: limit) else { return [] }
            return [
                .found(
                    finding(
                        limit,
                        severity,
                        limit.priority(severity),
                        "no backup was restored and compared for \(Int(seconds / 86_400)) days",
                        [.init("ageSeconds", .double(seconds))]
                    )
                )
            ]
        }
    }

    private static func archive(_ figures: Result<BackupFigures, ReplicaKitError>?) -> HealthRule {
        let limit = HealthThreshold.archiveLagSeconds
        return HealthRule(
            limit.rule,
            looksFor: "an archive of the oplog that has a gap, that no backup reaches into, or that is behind "
                + "(\(limit.rawValue))",
            in: "the archive of the oplog"
        ) { context in
            guard case .success(let figures) = figures else { return unread(limit, figures) }
            guard let through = figures.archivedThrough else { return [] }
            if let end = figures.archiveEnd {
                return [
                    .found(
                        finding(
                            limit,
                            .critical,
                            .p1,
                            "the archive of the oplog has ended: \(end)",
                            [],
                            "rkctl oplog archive, and then rkctl backup create"
                        )
                    )
                ]
            }
            // It keeps up, and nothing can be restored from it: a gap is not over when a new timeline begins.
            if let since = figures.baselessSince {
                return [
                    .found(
                        finding(
                            limit,
                            .critical,
                            .p1,
                            "the archive of the oplog has no base to begin from since \(since.rfc3339): "
                                + "no moment since then can be restored",
                            [.init("baselessSeconds", .double(Self.seconds(from: since, to: figures.takenAt)))],
                            "rkctl backup create"
                        )
                    )
                ]
            }
            let seconds = seconds(from: through, to: figures.takenAt)
            // So much is meant to be missing.
            let behind = max(0, seconds - Double(context.spec.backup.oplogIntervalSeconds))
            guard let severity = context.spec.health.severity(of: behind, by: limit) else { return [] }
            return [
                .found(
                    finding(
                        limit,
                        severity,
                        limit.priority(severity),
                        "the archive of the oplog is \(Int(seconds)) s behind: what was written since would be lost with the set",
                        [.init("behindSeconds", .double(seconds))]
                    )
                )
            ]
        }
    }

    /// What cannot be read is told once, by the age; of the rest nobody can say anything.
    private static func unread(
        _ limit: HealthThreshold,
        _ figures: Result<BackupFigures, ReplicaKitError>?
    ) -> [Judgment] {
        guard case .failure(let error) = figures else { return [] }
        return [.unjudged(HealthReport.Unjudged(rule: limit.rule, why: error.message))]
    }

    private static func seconds(from earlier: BSONDateTime, to later: BSONDateTime) -> Double {
        Double(later.milliseconds - earlier.milliseconds) / 1000
    }

    /// A finding of the rule of a limit, with the limit's own remedy where there is no better one.
    private static func finding(
        _ limit: HealthThreshold,
        _ severity: Severity,
        _ priority: AlertPriority,
        _ message: String,
        _ evidence: [Finding.Evidence],
        _ remedy: String? = nil
    ) -> Finding {
        Finding(
            rule: limit.rule,
            severity: severity,
            priority: priority,
            member: nil,
            message: message,
            evidence: evidence,
            remedy: remedy ?? limit.remedy(for: "", oplogMegabytes: nil)
        )
    }
}
