extension HealthThreshold {
    /// The rule that judges figures by this limit.
    var healthRule: HealthRule {
        HealthRule(rule, looksFor: summary, in: source) { context in
            self == .oplogWindowHours ? judgeWindow(context) : judge(context)
        }
    }

    /// The figure, or both where there are two alike, and the limit's name in the spec.
    private var summary: String { gauges.map(\.summary.withoutPeriod).joined(separator: "; ") + " (\(rawValue))" }

    private func judge(_ context: HealthContext) -> [HealthRule.Judgment] {
        context.members.flatMap { member in
            gauges.compactMap { gauge in
                if let why = member.missing[gauge] {
                    return .unjudged(HealthReport.Unjudged(rule: rule, member: member.subject, why: why))
                }
                guard let value = member.values[gauge], let severity = context.spec.health.severity(of: value, by: self)
                else { return nil }
                if let doubt = doubt(member, context) {
                    return .unjudged(HealthReport.Unjudged(rule: rule, member: member.subject, why: doubt))
                }
                return .found(finding(severity, value, gauge, member, context))
            }
        }
    }

    /// All members' oplogs are as long as one another as a rule: only the shortest is told of.
    private func judgeWindow(_ context: HealthContext) -> [HealthRule.Judgment] {
        let shortest = context.members.filter { $0.values[.oplogProjectedSeconds] != nil }.min {
            ($0.values[.oplogProjectedSeconds] ?? 0) < ($1.values[.oplogProjectedSeconds] ?? 0)
        }
        let young = context.members.compactMap { member in
            member.missing[.oplogProjectedSeconds].map {
                HealthRule.Judgment.unjudged(HealthReport.Unjudged(rule: rule, member: member.subject, why: $0))
            }
        }
        guard let shortest, let value = shortest.values[.oplogProjectedSeconds],
            let severity = context.spec.health.severity(of: value, by: self)
        else { return young }
        return young + [.found(finding(severity, value, .oplogProjectedSeconds, shortest, context))]
    }

    /// Why a value beyond the limit says nothing yet.
    private func doubt(_ member: HealthContext.Member, _ context: HealthContext) -> String? {
        guard self == .lagSeconds, let lag = context.judged.lag(of: member.snapshot), lag.isEstimate else { return nil }
        return "only the difference of two optimes is known, which jumps by 10 s on an idle set"
    }

    private func finding(
        _ severity: Severity,
        _ value: Double,
        _ gauge: Gauge,
        _ member: HealthContext.Member,
        _ context: HealthContext
    ) -> Finding {
        let limits = context.spec.health.limits(of: self)
        let limit = severity == .critical ? limits.critical : limits.warning
        var evidence = [Finding.Evidence(gauge.rawValue, .double(value.roundedForPeople))]
        if let limit { evidence.append(Finding.Evidence("limit", .double(limit))) }
        evidence += details(member, context)
        return Finding(
            rule: rule,
            severity: severity,
            priority: priority(severity),
            member: member.subject,
            message: "\(what(gauge, member)) \(text(value)) (\(isFloor ? "below" : "limit") \(limit.map(text) ?? "–"))",
            evidence: evidence,
            remedy: remedy(
                for: member.subject.description,
                oplogMegabytes: wantedOplogMegabytes(member, context) ?? 990
            )
        )
    }

    /// A value in the unit of the limit.
    private func text(_ value: Double) -> String { (value / scale).forPeople + unit }

    private func what(_ gauge: Gauge, _ member: HealthContext.Member) -> String {
        switch self {
        case .lagSeconds: "it is behind the primary by"
        case .majorityLagSeconds: "a majority is behind it by"
        case .oplogWindowHours: "its oplog covers"
        case .connectionsPercent: "connections in use:"
        case .readLatencyMilliseconds: "95 of 100 reads are answered within"
        case .writeLatencyMilliseconds: "95 of 100 writes are answered within"
        case .commandLatencyMilliseconds: "95 of 100 commands are answered within"
        case .scannedPerReturned: "documents looked at for each one returned:"
        case .queuedOperations: "operations that wait for a lock:"
        case .ticketsLeft: gauge == .readTickets ? "read tickets left:" : "write tickets left:"
        case .cursors: "open cursors:"
        case .operationMinutes: "an operation has run for"
        case .cacheHitPercent: "pages found in the cache:"
        case .cacheDirtyPercent: "the cache is dirty by"
        case .cpuPercent: "its machine's processors are busy by"
        case .memoryPercent: "it holds of its memory"
        case .diskPercent: "the file system of its data is full by"
        case .diskLatencyMilliseconds: "a disk's reads and writes take"
        case .syncLatencyMilliseconds: "writing the journal takes"
        case .clockSkewSeconds: "its clock differs from this machine's by"
        case .restartsPerHour: "restarts of its process within the last hour:"
        case .certificateDays: "its certificate expires in"
        // Of the set, not of a member: the rules about backups have words of their own.
        case .backupAgeHours, .backupProofDays, .archiveLagSeconds: ""
        }
    }

    /// Further numbers that the reader needs.
    private func details(_ member: HealthContext.Member, _ context: HealthContext) -> [Finding.Evidence] {
        let values = member.values
        switch self {
        case .oplogWindowHours:
            return [
                values[.oplogWindowSeconds].map { .init("oplogWindowSeconds", .double($0)) },
                values[.oplogBytes].map { .init("oplogBytes", .double($0)) },
                wantedOplogMegabytes(member, context).map { .init("recommendedOplogMegabytes", .double($0)) },
            ].compactMap(\.self)
        case .connectionsPercent:
            let programs = (try? member.view?.figures?.clients.get())?.programs.prefix(3) ?? []
            return [
                .init("connections", .double(values[.connections] ?? 0)),
                .init("programs", .string(programs.map { "\($0.label): \($0.connections)" }.joined(separator: ", "))),
            ]
        case .operationMinutes, .queuedOperations:
            let operations = (try? member.view?.figures?.operations.get())?.operations.prefix(3) ?? []
            guard !operations.isEmpty else { return [] }
            return [.init("operations", .string(operations.map(\.description).joined(separator: "; ")))]
        case .diskPercent:
            return values[.diskAvailableBytes].map { [.init("diskAvailableBytes", .double($0))] } ?? []
        case .lagSeconds:
            return member.view?.syncSource.map { [.init("syncSource", .string(context.name($0)))] } ?? []
        default: return []
        }
    }

    /// How large the oplog must be to cover what the limit asks for, in MiB.
    private func wantedOplogMegabytes(_ member: HealthContext.Member, _ context: HealthContext) -> Double? {
        guard let bytes = member.values[.oplogBytes], let window = member.values[.oplogWindowSeconds], window > 0,
            let wanted = context.spec.health.limits(of: self).warning
        else { return nil }
        return max(990, (bytes / window * wanted / 1_048_576).rounded(.up))
    }

    /// What to do about a member that is beyond the limit.
    ///
    /// - Parameters:
    ///   - name: The member.
    ///   - oplogMegabytes: How large its oplog must be, in MiB; `nil` where nobody could look.
    package func remedy(for name: String, oplogMegabytes: Double?) -> String {
        switch self {
        case .lagSeconds:
            return "rkctl diagnose lag: the member's disk and processors, long operations, and its sync source."
        case .majorityLagSeconds:
            return "rkctl status: find the voter that is behind or away; `w: majority` waits for it."
        case .oplogWindowHours:
            guard let oplogMegabytes else { return "rkctl health: it says how large the oplog must be." }
            let size = Int(oplogMegabytes)
            return "On every data-bearing member: db.adminCommand({replSetResizeOplog: 1, size: Double(\(size))})"
        case .connectionsPercent: return "rkctl diagnose connections: which programs hold them; bound their pools."
        case .readLatencyMilliseconds, .writeLatencyMilliseconds, .commandLatencyMilliseconds, .scannedPerReturned:
            return "rkctl diagnose slow: the slowest shapes of queries, and which lack an index."
        case .queuedOperations, .ticketsLeft, .cursors, .operationMinutes:
            return "rkctl diagnose slow: what runs, for how long, and by whom."
        case .cacheHitPercent, .cacheDirtyPercent:
            return "Give the server a larger cache, or less to keep in it: rkctl diagnose slow shows what reads most."
        case .cpuPercent, .memoryPercent: return "rkctl diagnose slow: what uses it; else give the machine more."
        case .diskPercent: return "rkctl diagnose disk: what uses it, and what may be removed."
        case .diskLatencyMilliseconds, .syncLatencyMilliseconds:
            return "Look at the disk of \(name): other programs that use it, its health, its limits."
        case .clockSkewSeconds: return "Look at the time synchronisation of \(name) and of this machine: timedatectl"
        case .restartsPerHour:
            return
                "rkctl logs \(name): why it ends. While you restart it on purpose, silence server.restarts for a time."
        case .certificateDays: return "Renew the certificate of \(name), and restart it: rkctl restart \(name)"
        case .backupAgeHours: return "rkctl backup create; rkctl backup schedule prints what makes one each day"
        case .backupProofDays: return "rkctl backup verify ID --restore"
        case .archiveLagSeconds: return "Look whether rkctl oplog archive runs, and what it says"
        }
    }

    private var source: String {
        switch self {
        case .lagSeconds: "replSetGetStatus.optimes, local.oplog.rs"
        case .majorityLagSeconds: "replSetGetStatus.optimes.lastCommittedOpTime, local.oplog.rs"
        case .oplogWindowHours: "local.oplog.rs, collStats.size and .maxSize"
        case .connectionsPercent: "serverStatus.connections"
        case .readLatencyMilliseconds: "serverStatus.opLatencies.reads.histogram"
        case .writeLatencyMilliseconds: "serverStatus.opLatencies.writes.histogram"
        case .commandLatencyMilliseconds: "serverStatus.opLatencies.commands.histogram"
        case .scannedPerReturned: "serverStatus.metrics.queryExecutor.scannedObjects, .document.returned"
        case .queuedOperations: "serverStatus.globalLock.currentQueue.total"
        case .ticketsLeft: "serverStatus.wiredTiger.concurrentTransactions"
        case .cursors: "serverStatus.metrics.cursor.open.total"
        case .operationMinutes: "$currentOp"
        case .cacheHitPercent: "serverStatus.wiredTiger.cache: pages read into, pages requested from the cache"
        case .cacheDirtyPercent: "serverStatus.wiredTiger.cache: tracked dirty bytes, maximum bytes configured"
        case .cpuPercent: "getDiagnosticData.systemMetrics.cpu"
        case .memoryPercent: "serverStatus.mem.resident, hostInfo.system.memLimitMB"
        case .diskPercent: "getDiagnosticData.systemMetrics.mounts, or dbStats.fsUsedSize and .fsTotalSize"
        case .diskLatencyMilliseconds: "getDiagnosticData.systemMetrics.disks"
        case .syncLatencyMilliseconds: "serverStatus.wiredTiger.log: log sync time duration, log sync operations"
        case .clockSkewSeconds: "hello.localTime"
        case .restartsPerHour:
            "serverStatus.pid, .uptime and .localTime, and what the host sees, at all looks of an hour"
        case .certificateDays: "serverStatus.security.SSLServerCertificateExpirationDate"
        case .backupAgeHours, .backupProofDays, .archiveLagSeconds: "the store of the backups"
        }
    }
}

extension String {
    fileprivate var withoutPeriod: String { hasSuffix(".") ? String(dropLast()) : self }
}

extension ClientOperations.Program {
    /// Its name, or that it has none.
    var label: String { name.isEmpty ? "(without a name)" : name }
}

extension Double {
    /// Three digits that count.
    var roundedForPeople: Double {
        guard isFinite, self != 0 else { return self }
        var scale = 1.0
        while abs(self) * scale < 100, scale < 1e12 { scale *= 10 }
        return (self * scale).rounded() / scale
    }

    /// The number as people write it: no more digits than say something.
    var forPeople: String {
        let value = abs(self) >= 100 ? rounded() : roundedForPeople
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }
}
