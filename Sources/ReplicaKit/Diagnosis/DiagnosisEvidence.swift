/// What is gathered for a diagnosis besides the two looks that health is judged by.
struct DiagnosisEvidence: Sendable {
    let context: HealthContext
    /// The last lines of each answering member's log.
    var logs: [MemberAddress: [MongodLogLine]] = [:]
    /// The last lines that matter of the log of each member that does not answer, from its host.
    var lastWords: [MemberAddress: [String]] = [:]
    /// The sizes of the databases of each member.
    var databases: [MemberAddress: [(name: String, bytes: Double)]] = [:]

    init(context: HealthContext) { self.context = context }

    /// What there is to say about a symptom.
    func observations(_ symptom: Symptom) -> [Diagnosis.Observation] {
        switch symptom {
        case .member: context.members.flatMap(member)
        case .primary: primary
        case .lag: context.members.compactMap(lag)
        case .disk: context.members.flatMap(disk)
        case .connections: context.members.flatMap(connections)
        case .authentication: context.members.flatMap(logins)
        case .slow: context.members.flatMap(slow)
        }
    }

    private func member(_ member: HealthContext.Member) -> [Diagnosis.Observation] {
        var lines: [String] = []
        if member.view == nil {
            if case .running(let process) = member.process {
                lines.append("its process runs: \(process.shortIdentity)")
            }
            lines += (lastWords[member.subject.host] ?? []).map { "its log: \($0)" }
        }
        let strangers = logins(of: member).filter(\.isMember)
        lines += strangers.map { "its log: \($0)" }
        return lines.map { Diagnosis.Observation(member.subject, $0) }
    }

    private var primary: [Diagnosis.Observation] {
        let majority = context.majority
        var lines = [
            Diagnosis.Observation(
                nil,
                "\(majority.healthy.count) of \(majority.voters.count) voters answer; \(majority.needed) are needed"
            )
        ]
        if let primary = context.primary, let status = primary.status, let elected = status.lastElectionDate {
            let reason = status.lastElectionReason ?? "no reason is told"
            lines.append(
                Diagnosis.Observation(
                    primary.subject,
                    "is the primary since \(elected.rfc3339), term \(status.term.map(String.init) ?? "–") (\(reason))"
                )
            )
        }
        lines += context.members.compactMap { member in
            guard let config = member.config, !config.isElectable else { return nil }
            let why = config.isArbiter ? "an arbiter" : "priority \(config.priority.forPeople)"
            return Diagnosis.Observation(member.subject, "cannot be elected: \(why)")
        }
        return lines
    }

    private func lag(_ member: HealthContext.Member) -> Diagnosis.Observation? {
        guard let lag = member.values[.lagSeconds], member.view?.ownState != .primary else { return nil }
        var text = "\(lag.forPeople) s behind"
        if let delay = member.config?.delaySeconds, delay > 0 { text += " its delay of \(delay) s" }
        if let source = member.view?.syncSource { text += ", replicates from \(context.name(source))" }
        if let headroom = member.values[.oplogHeadroomSeconds] {
            text += "; the others' oplogs reach \(Int(headroom)) s further back than its last write"
        }
        return Diagnosis.Observation(member.subject, text)
    }

    private func disk(_ member: HealthContext.Member) -> [Diagnosis.Observation] {
        guard let space = member.view?.figures?.dataSpace else { return [] }
        var lines = ["\(megabytes(space.available)) free of \(megabytes(space.capacity)) where its data are"]
        let sizes = databases[member.subject.host] ?? []
        if !sizes.isEmpty {
            let text = sizes.prefix(5).map { "\($0.name) \(megabytes($0.bytes))" }.joined(separator: ", ")
            lines.append("on the disk: \(text)")
        }
        if let size = member.values[.oplogBytes], let limit = member.values[.oplogMaximumBytes] {
            lines.append("of local, the oplog is \(megabytes(size)) and may be \(megabytes(limit)), uncompressed")
        }
        return lines.map { Diagnosis.Observation(member.subject, $0) }
    }

    private func connections(_ member: HealthContext.Member) -> [Diagnosis.Observation] {
        guard let status = member.serverStatus, let current = status.currentConnections,
            let available = status.availableConnections
        else { return [] }
        var lines = ["\(current) connections of \(current + available)"]
        let programs = (try? member.view?.figures?.clients.get())?.programs ?? []
        if !programs.isEmpty {
            lines.append(
                "by program: " + programs.prefix(6).map { "\($0.label) \($0.connections)" }.joined(separator: ", ")
            )
        }
        return lines.map { Diagnosis.Observation(member.subject, $0) }
    }

    private func logins(of member: HealthContext.Member) -> [FailedLogins.Entry] {
        FailedLogins(logs[member.subject.host] ?? []).entries
    }

    private func logins(_ member: HealthContext.Member) -> [Diagnosis.Observation] {
        logins(of: member).prefix(5).map { Diagnosis.Observation(member.subject, "\($0)") }
    }

    private func slow(_ member: HealthContext.Member) -> [Diagnosis.Observation] {
        let operations = (try? member.view?.figures?.operations.get())?.operations ?? []
        let shapes = SlowOperations(logs[member.subject.host] ?? []).shapes
        let lines =
            operations.prefix(5).map { "runs now: \($0)" }
            + shapes.prefix(5).map { "slow: \($0)" + ($0.scansCollection ? "; it lacks an index" : "") }
        return lines.map { Diagnosis.Observation(member.subject, $0) }
    }

    private func megabytes(_ bytes: Double) -> String {
        bytes >= 10_737_418_240 ? "\((bytes / 1_073_741_824).forPeople) GiB" : "\((bytes / 1_048_576).forPeople) MiB"
    }
}

extension Symptom {
    /// What people do about such findings that makes it worse.
    func warning(about findings: [Finding]) -> String? {
        guard findings.contains(where: { $0.severity > .info || $0.rule == "server.index-build" }) else { return nil }
        return switch self {
        case .member:
            "Never run mongod --repair on a member of a set: it may remove data. `rkctl member replace` copies them anew."
        case .disk:
            "Never remove files of the data directory, the journal's least of all: that loses acknowledged writes and "
                + "frees nothing. Nor run compact on the primary."
        case .slow:
            findings.contains { $0.rule == "server.index-build" }
                ? "Never kill an index build: on a secondary that ends the server." : nil
        case .authentication: "Do not drop and make a user again: change the password, and open sessions go on."
        case .primary, .lag, .connections: nil
        }
    }
}
