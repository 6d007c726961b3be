extension HealthRule {
    /// Whether the set serves: its primary, its majority, and each member.
    static let availability: [HealthRule] = [
        setInitiated, primaryAvailable, primaryClaims, primaryElection, writeMajority, quorumMargin, memberAnswers,
        memberLogin, memberReadable, memberState, memberSeen,
    ]

    private static let setInitiated = HealthRule(
        "set.initiated",
        looksFor: "a set that was started and never initiated",
        in: "hello, replSetGetStatus (code 94)"
    ) { context in
        let views = context.members.compactMap(\.view)
        guard !views.isEmpty, views.allSatisfy({ $0.membership == .uninitiated }) else { return [] }
        return [
            Finding(
                rule: "set.initiated",
                severity: .critical,
                priority: .p0,
                message: "the set was never initiated: its members wait for a config",
                evidence: [.init("members", .integer(views.count))],
                remedy: "rkctl up"
            )
        ]
    }

    private static let primaryAvailable = HealthRule(
        "primary.available",
        looksFor: "a set without a primary that a majority supports",
        in: "hello.isWritablePrimary of every member, replSetGetStatus.term"
    ) { context in
        // Somebody must have answered and be part of the set: else nothing is known, and other rules say so.
        let active = context.members.compactMap(\.view).filter { $0.membership == .active }
        guard !active.isEmpty || context.look.snapshot.reachableMembers.isEmpty else { return [] }
        guard context.verdict.primary == nil else { return [] }
        let majority = context.majority
        let evidence: [Finding.Evidence] = [
            .init("votersAnswering", .integer(majority.healthy.count)),
            .init("votersNeeded", .integer(majority.needed)), .init("voters", .integer(majority.voters.count)),
        ]
        func finding(_ message: String, _ remedy: String) -> [Finding] {
            [
                Finding(
                    rule: "primary.available",
                    severity: .critical,
                    priority: .p0,
                    message: message,
                    evidence: evidence,
                    remedy: remedy
                )
            ]
        }
        if case .unconfirmed(let claim) = context.verdict.outcome {
            return finding(
                "\(context.name(claim.address)) says that it is the primary, and too few voters answer to confirm it: "
                    + "it may be cut off from the others, or only we are",
                "rkctl diagnose primary"
            )
        }
        if !majority.isReachable {
            let missing = context.names(majority.missing)
            return finding(
                majority.voters.isEmpty
                    ? "no member answers: nothing can be said of a primary"
                    : "there is no primary, and no majority to elect one: \(majority.healthy.count) of "
                        + "\(majority.voters.count) voters answer, \(majority.needed) are needed; missing: \(missing)",
                "rkctl start, or look at the missing members: rkctl diagnose member"
            )
        }
        return finding(
            "there is no primary although a majority answers: an election is under way, or none can win one",
            "rkctl status --watch; if it lasts longer than the election timeout: rkctl diagnose primary"
        )
    }

    private static let primaryClaims = HealthRule(
        "primary.claims",
        looksFor: "members that say they are the primary and are not, or that do not get to step down",
        in: "hello.isWritablePrimary, replSetGetStatus.myState and .term of every member"
    ) { context in
        let before = context.previous.map { staleClaims(in: JudgedSnapshot($0.snapshot)).map(\.address) } ?? []
        return staleClaims(in: context.judged).map { claim in
            // An old primary that has not heard of its successor yet says so for some seconds after every failover.
            let lasts = before.contains(claim.address)
            let successor = context.verdict.leadingClaim.map { "\(context.name($0.address)) is, " } ?? ""
            return Finding(
                rule: "primary.claims",
                severity: lasts ? .critical : .warning,
                priority: lasts ? .p0 : .p1,
                member: context.member(at: claim.address)?.subject,
                message: "it still takes writes as a primary of an older term; \(successor)and what it takes will be "
                    + "rolled back",
                evidence: [
                    .init("term", claim.term.map(BSONValue.int64) ?? .null),
                    .init("newestTerm", context.verdict.leadingClaim?.term.map(BSONValue.int64) ?? .null),
                ],
                remedy:
                    "It steps down within the election timeout once it is cut off, and at once when it hears of its "
                    + "successor. If it does not: rkctl stop \(context.name(claim.address))"
            )
        }
    }

    /// Members that take writes as a primary of an older term, with that term: by their own claim, or, while they step
    /// down, by their state. What they were connected to before can still write then, and a step-down can hang.
    private static func staleClaims(in judged: JudgedSnapshot) -> [PrimaryVerdict.Claim] {
        let claims = judged.verdict.staleClaims
        guard let newest = judged.verdict.leadingClaim?.term else { return claims }
        return claims
            + judged.snapshot.members.compactMap { member in
                let address = judged.config?.member(of: member)?.host ?? member.address
                guard case .success(let status)? = member.view?.status, status.myState == .primary,
                    let term = status.term, term < newest, !claims.contains(where: { $0.address == address })
                else { return nil }
                return PrimaryVerdict.Claim(address: address, name: member.name, term: term, supporters: [])
            }
    }

    private static let primaryElection = HealthRule(
        "primary.election",
        looksFor: "an election in the last ten minutes of a set that has run for longer",
        in: "replSetGetStatus.electionCandidateMetrics"
    ) { context in
        guard let primary = context.primary, let status = primary.status, let elected = status.lastElectionDate,
            let uptime = context.members.compactMap({ $0.values[.uptimeSeconds] }).max()
        else { return [] }
        let age = status.date.seconds(since: elected)
        guard age < 600, uptime - age > 60 else { return [] }
        return [
            Finding(
                rule: "primary.election",
                severity: .info,
                priority: .p3,
                member: primary.subject,
                message: "it was elected \(Int(age)) s ago (\(status.lastElectionReason ?? "no reason is told"))",
                evidence: [
                    .init("electionAgeSeconds", .double(age)), .init("term", status.term.map(BSONValue.int64) ?? .null),
                ],
                remedy: "If nobody asked for it: rkctl logs, of the member that was the primary before"
            )
        ]
    }

    private static let writeMajority = HealthRule(
        "write.majority",
        looksFor: "too few data-bearing members for `w: majority`, though there is a primary",
        in: "replSetGetStatus.writeMajorityCount and every member's own state"
    ) { context in
        guard let config = context.config, context.verdict.primary != nil else { return [] }
        let bearing = config.dataBearingVoters
        let healthy = bearing.filter { voter in
            guard let state = context.member(at: voter.host)?.view?.ownState else { return false }
            return state == .primary || state == .secondary
        }
        let needed = config.writeMajority
        guard healthy.count < needed else { return [] }
        let missing = bearing.filter { voter in !healthy.contains { $0.id == voter.id } }.map(\.host)
        let hasArbiter = config.voters.contains(where: \.isArbiter)
        return [
            Finding(
                rule: "write.majority",
                severity: .critical,
                priority: .p0,
                message: "writes with `w: majority` cannot be acknowledged: \(healthy.count) data-bearing voters serve "
                    + "and \(needed) are needed; missing: \(context.names(missing))",
                evidence: [
                    .init("dataBearingVoters", .integer(healthy.count)), .init("needed", .integer(needed)),
                ],
                remedy: hasArbiter
                    ? "rkctl start; until it is back, `rkctl member set \(context.names(missing.prefix(1))) --votes 0 "
                        + "--priority 0` lets majority writes through, with one copy of the data"
                    : "rkctl start, or rkctl diagnose member"
            )
        ]
    }

    private static let quorumMargin = HealthRule(
        "quorum.margin",
        looksFor: "a set that no further loss would leave with a majority",
        in: "every voter's own answer"
    ) { context in
        let majority = context.majority
        guard majority.margin == 0, !majority.missing.isEmpty, context.verdict.primary != nil else { return [] }
        return [
            Finding(
                rule: "quorum.margin",
                severity: .warning,
                priority: .p1,
                message: "the loss of one more voter ends writes: \(majority.healthy.count) of "
                    + "\(majority.voters.count) answer, \(majority.needed) are needed; missing: "
                    + context.names(majority.missing),
                evidence: [
                    .init("votersAnswering", .integer(majority.healthy.count)),
                    .init("votersNeeded", .integer(majority.needed)),
                ],
                remedy: "rkctl start, or rkctl diagnose member"
            )
        ]
    }
}
