extension HealthRule {
    /// Whether the members follow the primary, and can go on doing so. Lag and window are limits
    /// (``HealthThreshold``).
    static let replication: [HealthRule] = [headroom, flowControl, syncSource, rolledBack]

    private static let headroom = HealthRule(
        "replication.headroom",
        looksFor: "members that fall out of the others' oplogs",
        in: "replSetGetStatus.optimes, the first entry of local.oplog.rs of the others"
    ) { context in
        context.members.compactMap { member in
            guard let headroom = member.values[.oplogHeadroomSeconds], let lag = member.values[.lagSeconds],
                let window = context.members.compactMap({ $0.values[.oplogWindowSeconds] }).max(), window > 0,
                // A member that keeps up is at the end of the oplog, however short that is.
                lag >= 10, headroom < 0.25 * window
            else { return nil }
            let isLast = headroom < 0.05 * window
            return Finding(
                rule: "replication.headroom",
                severity: isLast ? .critical : .warning,
                priority: .p1,
                member: member.subject,
                message: headroom <= 0
                    ? "the others' oplogs begin after its last write: it cannot catch up any more"
                    : "it is \(Int(headroom)) s from falling out of the others' oplogs, and \(Int(lag)) s behind",
                evidence: [
                    .init("oplogHeadroomSeconds", .double(headroom)), .init("lagSeconds", .double(lag)),
                    .init("oplogWindowSeconds", .double(window)),
                ],
                remedy: headroom <= 0
                    ? "rkctl member replace \(member.subject): it copies everything again"
                    : "Enlarge the oplogs now: db.adminCommand({replSetResizeOplog: 1, size: Double(…)}) on the others; "
                        + "then rkctl diagnose lag"
            )
        }
    }

    private static let flowControl = HealthRule(
        "replication.flow-control",
        looksFor: "a primary that holds writes back because the majority lags",
        in: "serverStatus.flowControl"
    ) { context in
        guard let primary = context.primary, let status = primary.serverStatus,
            let control = status.document["flowControl"]?.documentValue, status.isFlowControlLagged == true
        else { return [] }
        let rate = control["targetRateLimit"]?.doubleValue ?? 0
        let isTight = rate > 0 && rate <= 100
        return [
            Finding(
                rule: "replication.flow-control",
                severity: isTight ? .critical : .warning,
                priority: isTight ? .p1 : .p2,
                member: primary.subject,
                message: "it holds writes back because the majority is behind"
                    + (isTight ? ": about \(Int(rate)) writes a second are let through" : ""),
                evidence: [.init("targetRateLimit", .double(rate))],
                remedy: "rkctl diagnose lag: which voter is behind or away"
            )
        ]
    }

    private static let syncSource = HealthRule(
        "replication.sync-source",
        looksFor: "secondaries that replicate from nobody, or from a delayed member",
        in: "replSetGetStatus.syncSourceHost, at two looks"
    ) { context in
        guard let primary = context.primary else { return [] }
        return context.members.compactMap { member in
            guard let view = member.view, view.ownState == .secondary, member.subject != primary.subject,
                let status = member.status
            else { return nil }
            if let source = status.syncSource, let delay = context.member(at: source)?.config?.delaySeconds, delay > 0,
                (member.config?.delaySeconds ?? 0) < delay
            {
                return Finding(
                    rule: "replication.sync-source",
                    severity: .warning,
                    priority: .p2,
                    member: member.subject,
                    message: "it replicates from \(context.name(source)), which is \(delay) s behind on purpose",
                    evidence: [.init("syncSource", .string(source.description))],
                    remedy: "db.adminCommand({replSetSyncFrom: \"\(primary.subject.host)\"}) on it"
                )
            }
            // Looking for a source for a moment is usual; being behind without one at two looks is not.
            guard status.syncSource == nil, let before = member.previous, before.ownState == .secondary,
                before.syncSource == nil, let lag = member.values[.lagSeconds], lag >= 2
            else { return nil }
            return Finding(
                rule: "replication.sync-source",
                severity: .warning,
                priority: .p1,
                member: member.subject,
                message: "it replicates from nobody and is \(Int(lag)) s behind",
                evidence: [.init("lagSeconds", .double(lag))],
                remedy: "rkctl logs \(member.subject): why it takes no sync source"
            )
        }
    }

    private static let rolledBack = HealthRule(
        "replication.rollback",
        looksFor: "members that took writes back since they answered last",
        in: "serverStatus.repl.rbid at two looks; of a process that began lately, its log (getLog)"
    ) { context in
        context.members.compactMap { member in
            guard member.hasRolledBack else { return nil }
            return Finding(
                rule: "replication.rollback",
                severity: .critical,
                priority: .p1,
                member: member.subject,
                message: "it has taken back writes that the rest of the set did not have",
                evidence: [.init("rollbackID", member.serverStatus?.rollbackID.map(BSONValue.integer) ?? .null)],
                remedy: "The writes are in its data directory's rollback, as BSON files: decide what to put back"
            )
        }
    }
}

extension HealthContext.Member {
    /// Whether it took writes back since it answered last, or, where that is not known, since its process began lately.
    ///
    /// A member that was cut off answered nobody meanwhile, us neither: what it said before that counts. Its counter of
    /// rollbacks also grows by one at each start and by an initial sync, so of another process only the log tells.
    fileprivate var hasRolledBack: Bool {
        guard let now = serverStatus, let before = try? lastAnswer?.serverStatus.get(), now.isSameProcess(as: before)
        else { return view?.figures?.rollbacksInLog ?? 0 > 0 }
        func copied(_ status: ServerStatusReply) -> Int {
            status.document[path: "metrics", "repl", "initialSync", "completed"]?.intValue ?? 0
        }
        // A look at a process that had just begun can have come before its log told.
        if view?.figures?.rollbacksInLog ?? 0 > lastAnswer?.figures?.rollbacksInLog ?? 0 { return true }
        guard let id = now.rollbackID, let earlier = before.rollbackID else { return false }
        return id > earlier && copied(now) == copied(before) && lastAnswer?.ownState != .startup2
            && view?.ownState != .startup2
    }
}
