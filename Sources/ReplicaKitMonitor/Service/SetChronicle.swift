import ReplicaKit

/// Tells what changed from look to look. A value: the same looks give the same events.
///
/// Two neighbouring looks would do for most of it. An election, however, and a restart often lie in a gap: nobody is
/// the primary at one look, or the member does not answer. So the last primary and the last process of each member
/// that were seen are remembered, and the findings that are open.
struct SetChronicle: Sendable {
    private var last: HealthExamination?
    private var lastClaim: PrimaryVerdict.Claim?
    private var lastServers: [MemberAddress: ServerStatusReply] = [:]
    private var openFindings: [Finding.Key: Finding] = [:]

    /// What changed since the look before; nothing at the first look.
    mutating func add(_ now: HealthExamination) -> [SetEvent] {
        defer { remember(now) }
        guard let last else { return [] }
        let change = Change(last, now)
        return change.ofConfig() + change.ofReachability() + primary(change) + change.ofStates() + restarts(change)
            + change.ofFindings(open: openFindings)
    }

    private mutating func remember(_ now: HealthExamination) {
        if let last {
            let change = Change(last, now)
            openFindings = openFindings.filter { change.isUnjudged($0.key) }
        }
        for finding in now.report.findings { openFindings[finding.key] = finding }
        last = now
        lastClaim = now.look.snapshot.primaryVerdict.leadingClaim ?? lastClaim
        let known = Set(now.look.snapshot.members.map(\.configAddress))
        // What left the set is forgotten, or a set whose members come and go would grow for ever.
        lastServers = lastServers.filter { known.contains($0.key) }
        for member in now.look.snapshot.members {
            if let server = try? member.view?.serverStatus.get() { lastServers[member.configAddress] = server }
        }
    }

    private func primary(_ change: Change) -> [SetEvent] {
        let status = change.now.report.status
        guard let claim = change.now.look.snapshot.primaryVerdict.leadingClaim else {
            guard let lost = change.before.look.snapshot.primaryVerdict.leadingClaim else { return [] }
            let subject = change.subject(lost.address)
            return [change.event(.primaryLost, subject, "nobody is the primary; \(subject) was")]
        }
        if let lastClaim, lastClaim.address == claim.address, (lastClaim.term ?? -1) >= (claim.term ?? -1) {
            guard change.before.look.snapshot.primaryVerdict.leadingClaim == nil else { return [] }
            let subject = change.subject(claim.address)
            return [change.event(.primaryBack, subject, "\(subject) is the primary again, without an election")]
        }
        let subject = change.subject(claim.address)
        let candidate = (try? change.now.look.snapshot.member(at: claim.address)?.view?.status.get())?
            .document["electionCandidateMetrics"]?.documentValue
        var details: [Finding.Evidence] = []
        if let term = claim.term ?? status.term { details.append(.init("term", .int64(term))) }
        if let lastClaim { details.append(.init("previous", .string(change.subject(lastClaim.address).description))) }
        if let reason = candidate?["lastElectionReason"]?.stringValue {
            details.append(.init("reason", .string(reason)))
        }
        for (key, field) in [
            ("electedAt", "lastElectionDate"), ("writableAt", "newTermStartDate"),
            ("majorityWritesAt", "wMajorityWriteAvailabilityDate"),
        ] {
            if let time = candidate?[field]?.dateTimeValue { details.append(.init(key, .string(time.rfc3339))) }
        }
        let texts = Dictionary(details.map { ($0.key, $0.value) }) { first, _ in first }
        let message =
            "\(subject) was elected the primary" + (texts["term"]?.int64Value.map { " of term \($0)" } ?? "")
            + (texts["reason"]?.stringValue.map { " (\($0))" } ?? "")
            + (lastClaim.map { $0.address == claim.address ? "" : ", after \(change.subject($0.address))" } ?? "")
        return [change.event(.primaryElected, subject, message, details)]
    }

    private func restarts(_ change: Change) -> [SetEvent] {
        change.now.look.snapshot.members.compactMap { member in
            guard let server = try? member.view?.serverStatus.get(), let before = lastServers[member.configAddress],
                !server.isSameProcess(as: before)
            else { return nil }
            let subject = change.subject(member.configAddress)
            return change.event(
                .restarted,
                subject,
                "\(subject) was restarted: its process is \(Int(server.uptimeSeconds)) s old",
                [.init("uptimeSeconds", .double(server.uptimeSeconds))]
            )
        }
    }
}
