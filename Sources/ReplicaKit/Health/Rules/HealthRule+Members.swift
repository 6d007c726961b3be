extension HealthRule {
    static let memberAnswers = HealthRule(
        "member.answers",
        looksFor: "members that do not answer, or answer as something else",
        in: "hello with a deadline, and what the host sees of the process"
    ) { context in
        context.members.compactMap { member in
            switch member.snapshot.outcome {
            case .reachable: return nil
            case .unreachable(let error) where error.code.family == .authentication: return nil
            case .unreachable(let error): return unreachable(member, error, context)
            case .foreign(let error, _):
                return Finding(
                    rule: "member.answers",
                    severity: .critical,
                    priority: .p1,
                    member: member.subject,
                    message: error.message,
                    evidence: [.init("error", .string(error.code.rawValue))],
                    remedy: error.hint ?? "Look at what listens at \(member.snapshot.address)."
                )
            }
        }
    }

    private static func unreachable(
        _ member: HealthContext.Member,
        _ error: ReplicaKitError,
        _ context: HealthContext
    ) -> Finding {
        var evidence: [Finding.Evidence] = [.init("error", .string(error.code.rawValue))]
        if let state = context.state(of: member) { evidence.append(.init("othersSay", .string(state.description))) }
        let name = member.subject.description
        let (message, remedy): (String, String) =
            switch member.process {
            case .stopped(let exit):
                ("it is down: its process \(exit.past)", "rkctl start; its last words: rkctl logs \(name)")
            case .absent: ("it was never made", "rkctl up")
            case .running(let process) where error.code == .connectionTimedOut:
                (
                    "its process (\(process.shortIdentity)) runs and does not answer: it hangs, or its machine does",
                    "rkctl logs \(name); if it stays so: rkctl restart \(name)"
                )
            case .running(let process):
                (
                    "its process (\(process.shortIdentity)) runs and cannot be reached: \(error.message)",
                    "rkctl logs \(name); look at its network, its address in the spec, and whether it is still starting"
                )
            case .unknown, nil:
                (
                    error.code == .connectionTimedOut
                        ? "it does not answer: it hangs, its machine is down, or the network drops its traffic"
                        : "it cannot be reached: \(error.message)",
                    error.hint ?? "Look at its machine, its process and its log."
                )
            }
        return Finding(
            rule: "member.answers",
            severity: .critical,
            priority: .p1,
            member: member.subject,
            message: message,
            evidence: evidence,
            remedy: remedy
        )
    }

    static let memberLogin = HealthRule(
        "member.login",
        looksFor: "members that do not let the administrator in",
        in: "the login, replSetGetStatus"
    ) { context in
        context.members.compactMap { member in
            let refusal: ReplicaKitError? =
                switch member.snapshot.outcome {
                case .reachable(let view) where view.hello.isArbiter || view.membership == .uninitiated: nil
                case .reachable(let view):
                    view.authenticationError
                        ?? view.status.failure.flatMap { $0.code.family == .authentication ? $0 : nil }
                case .unreachable(let error): error.code.family == .authentication ? error : nil
                case .foreign: nil
                }
            // A member that copies the data has no users yet, and its state tells what it does.
            guard let refusal, context.state(of: member) != .startup2 else { return nil }
            return Finding(
                rule: "member.login",
                severity: .unknown,
                priority: .p2,
                member: member.subject,
                message: "it answers and does not let us in, so its health is unknown: \(refusal.message)",
                evidence: [
                    .init("error", .string(refusal.code.rawValue)),
                    .init("serverCode", refusal.server.map { .integer($0.code) } ?? .null),
                ],
                remedy: refusal.hint ?? "rkctl diagnose authentication"
            )
        }
    }

    static let memberReadable = HealthRule(
        "member.readable",
        looksFor: "members that answer in part only",
        in: "replSetGetStatus, replSetGetConfig, serverStatus, local.oplog.rs"
    ) { context in
        context.members.compactMap { member in
            guard let view = member.view, view.membership == .active, view.authenticationError == nil,
                let error = view.error, error.code.family != .authentication
            else { return nil }
            return Finding(
                rule: "member.readable",
                severity: .unknown,
                priority: .p2,
                member: member.subject,
                message: "it did not answer everything: \(error.message)",
                evidence: [.init("error", .string(error.code.rawValue))],
                remedy: error.hint ?? "rkctl logs \(member.subject)"
            )
        }
    }

    static let memberState = HealthRule(
        "member.state",
        looksFor: "members that are neither primary, secondary nor arbiter",
        in: "replSetGetStatus.myState, .initialSyncStatus, .members[].infoMessage"
    ) { context in
        context.members.compactMap { member in
            guard let view = member.view, let state = context.state(of: member) else { return nil }
            return MemberStateFinding(member: member, view: view, state: state, context: context).finding
        }
    }

    static let memberSeen = HealthRule(
        "member.seen",
        looksFor: "members that answer us and that the others do not see",
        in: "replSetGetStatus.members[].health of the others"
    ) { context in
        // Heartbeats take some seconds to find a member that has just started.
        let settled = context.members.filter { member in
            guard let view = member.view, view.membership == .active, view.authenticationError == nil else {
                return false
            }
            return member.status != nil && member.values[.uptimeSeconds] ?? 0 > 15
        }
        let views = Dictionary(
            settled.map { ($0.subject.host, $0.status?.members.filter { !$0.isSelf } ?? []) },
            uniquingKeysWith: { first, _ in first }
        )
        // Who sees nobody is the one that is cut off: its word says nothing about the others.
        let blind = Set(views.filter { !$0.value.isEmpty && $0.value.allSatisfy { !$0.isHealthy } }.keys)
        return settled.compactMap { member in
            let host = member.subject.host
            let entries = views.filter { $0.key != host && (blind.contains(host) || !blind.contains($0.key)) }
                .compactMap { by, entries in entries.first { $0.address == host }.map { (by: by, entry: $0) } }
            let against = entries.filter { !$0.entry.isHealthy }
            guard !against.isEmpty else { return nil }
            let why = against.map(\.entry.heartbeatMessage).first { !$0.isEmpty }
            let isAlone = against.count == entries.count
            return Finding(
                rule: "member.seen",
                severity: isAlone ? .critical : .warning,
                priority: .p1,
                member: member.subject,
                message: "it answers us, and \(context.names(against.map(\.by).sorted())) "
                    + "\(against.count == 1 ? "says" : "say") it is down"
                    + (why.map { ": \($0)" } ?? ": no heartbeat comes through, as with a wrong keyfile"),
                evidence: [
                    .init("seenAsDownBy", .integer(against.count)),
                    .init("seesNobody", .bool(blind.contains(host))),
                    .init("ownState", .string(member.view?.ownState?.description ?? "")),
                ],
                remedy: "rkctl diagnose member: its keyfile, its address in the config, the network between the members"
            )
        }
    }
}

/// What is said of a member in an unusual state.
private struct MemberStateFinding {
    let member: HealthContext.Member
    let view: MemberView
    let state: MemberState
    let context: HealthContext

    private var name: String { member.subject.description }

    var finding: Finding? {
        switch state {
        case .primary, .secondary, .arbiter: nil
        case .startup2: initialSync
        case .recovering: recovering
        case .rollback:
            make(
                .critical,
                .p1,
                "it takes back writes that the rest of the set does not have, and keeps them in its directory rollback",
                "rkctl logs \(name); then look at the files in its data directory's rollback"
            )
        case .removed: removed
        case .startup:
            // Of a set that was never initiated another rule tells.
            view.membership == .uninitiated && !context.members.contains { $0.view?.membership == .active }
                ? nil
                : make(.warning, .p2, "it waits for a config: the set does not know it", "rkctl apply, or rkctl up")
        default: make(.warning, .p2, "its state is \(state)", "rkctl logs \(name)")
        }
    }

    private func make(
        _ severity: Severity,
        _ priority: AlertPriority,
        _ message: String,
        _ remedy: String,
        _ evidence: [Finding.Evidence] = []
    ) -> Finding {
        Finding(
            rule: "member.state",
            severity: severity,
            priority: priority,
            member: member.subject,
            message: message,
            evidence: [.init("state", .string(state.description))] + evidence,
            remedy: remedy
        )
    }

    /// Copying data is no trouble unless it fails or stands still.
    private var initialSync: Finding {
        let sync = member.status?.initialSync
        let evidence: [Finding.Evidence] = [
            .init("copiedBytes", sync?.copiedBytes.map(BSONValue.int64) ?? .null),
            .init("totalBytes", sync?.totalBytes.map(BSONValue.int64) ?? .null),
            .init("failedAttempts", .integer(sync?.failedAttempts ?? 0)),
        ]
        if let failed = sync?.failedAttempts, failed > 0 {
            return make(
                .warning,
                .p1,
                "its initial sync has failed \(failed) times",
                "rkctl logs \(name): why it failed; after ten failures it ends itself",
                evidence
            )
        }
        if let before = try? member.previous?.status.get(), let earlier = before.initialSync?.copiedBytes,
            let now = member.status, earlier == sync?.copiedBytes, let total = sync?.totalBytes, earlier < total,
            now.date.seconds(since: before.date) >= 30
        {
            return make(
                .warning,
                .p1,
                "its initial sync stands still: \(sync?.description ?? "")",
                "rkctl logs \(name), and of the member that it copies from",
                evidence
            )
        }
        return make(
            .info,
            .p3,
            "it is in its initial sync: \(sync?.description ?? "")",
            "rkctl status --watch",
            evidence
        )
    }

    private var recovering: Finding? {
        if let headroom = member.values[.oplogHeadroomSeconds], headroom < 0 {
            return make(
                .critical,
                .p1,
                "it is too stale to catch up: the others' oplogs begin \(Int(-headroom)) s after its last write",
                "rkctl member replace \(name): it copies everything again",
                [.init("oplogHeadroomSeconds", .double(headroom))]
            )
        }
        // Every start passes through it.
        if let uptime = member.values[.uptimeSeconds], uptime < 10 { return nil }
        let said = member.status?.ownEntry?.infoMessage ?? ""
        return make(
            .warning,
            .p1,
            "it is RECOVERING and serves no reads: "
                + (said.isEmpty ? "it is in maintenance, catches up, or cannot reach the others" : said),
            "If nobody maintains it: rkctl logs \(name)"
        )
    }

    private var removed: Finding {
        make(
            .warning,
            .p2,
            "it is not in the config that it has: it was removed from the set",
            "rkctl apply, or rkctl member remove \(name)"
        )
    }
}

extension MemberExit {
    /// How a process ended, after "its process".
    var past: String {
        switch self {
        case .clean: "was shut down"
        case .code(let code): "ended with exit code \(code)"
        case .signal(let number): "was killed by signal \(number)"
        case .unseen: "does not run, and nobody saw how it ended"
        }
    }
}

extension MemberProcess {
    /// A container's id as its engine shortens it; a process number as it is.
    var shortIdentity: String { String(identity.prefix(12)) }
}
