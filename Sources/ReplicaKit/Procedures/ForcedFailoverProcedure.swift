/// `failover --force`: a set that has lost its majority for good goes on with the members that survive.
///
/// A forced reconfig against members that are merely cut off destroys data: there are two primaries then, and when they
/// meet, writes that a majority had acknowledged are gone. So every missing voter must be proven dead, by its host, or
/// by the operator where the host cannot tell; and no survivor may have heard of it of late.
struct ForcedFailoverProcedure {
    let view: SetView

    func propose(presumedDead: [MemberName]) throws -> Proposal {
        for name in presumedDead { _ = try view.spec.member(name) }
        guard let config = view.config else {
            throw Refusal(
                code: .noMemberReachable,
                message: "no member of \(view.spec.name) gave its config, so nobody survives that could go on",
                hint: "Start what is left: rkctl start. Else restore a backup."
            )
        }
        let healthy = Set(view.healthyVoters.map(\.host))
        if let primary = view.primary {
            return .nothingToDo("\(primary) is the primary, and a majority follows it")
        }
        guard healthy.count < config.majorityVoteCount else {
            // As after a run that was cut short between the two steps. What is left is an ordinary election.
            let plan = Plan(
                procedure: "failover --force",
                set: view.spec.name,
                actions: [.electPrimary],
                warnings: [
                    "\(healthy.count) of \(config.voters.count) voting members answer: that is a majority, so nothing is "
                        + "done by force"
                ]
            )
            return .plan(plan)
        }
        let missing = config.voters.filter { !healthy.contains($0.host) }
        for member in missing { try requireDeath(of: member, presumedDead) }
        try requireSilence(of: missing, config)
        let survivor = try survivor(config)
        let edits = missing.flatMap { member -> [ConfigEdit] in
            // An arbiter without a vote is no config that a server takes; it holds nothing that could be lost.
            member.isArbiter
                ? [.removeMember(member.host)]
                : [.setPriority(of: member.host, to: 0), .setVotes(of: member.host, to: 0)]
        }
        let actions: [StepAction] = [
            .forceConfig(on: survivor, edits, dead: missing.compactMap { view.name(of: $0.host) }), .electPrimary,
        ]
        return .plan(
            Plan(
                procedure: "failover --force",
                set: view.spec.name,
                actions: actions,
                warnings: try warnings(survivor, missing)
            )
        )
    }

    /// Demands proof that a missing voter cannot be accepting writes somewhere.
    private func requireDeath(of member: ReplicaSetConfig.Member, _ presumedDead: [MemberName]) throws(Refusal) {
        guard let name = view.name(of: member.host) else {
            throw Refusal(
                message: "\(member.host) is missing, and is not in the spec: nobody can tell whether it is dead",
                hint: "Add it to the spec, so that it can be named with --presume-dead."
            )
        }
        switch view.processes[name] {
        case .stopped, .absent: return
        case .running:
            throw Refusal(
                message: "the process of \(name) runs; it does not take part, but it may be accepting writes",
                hint: "End it first: rkctl stop \(name) --emergency. Or find out what is wrong: rkctl logs \(name)."
            )
        case .unknown, nil:
            guard presumedDead.contains(name) else {
                throw Refusal(
                    message:
                        "\(name) does not answer, and nobody here can tell whether it is dead or merely cut off; if "
                        + "it lives, its writes and the survivors' part ways for good",
                    hint: "Make sure that it is off and stays off, and say so: --presume-dead \(name)."
                )
            }
        }
    }

    /// Demands that no member which answers sees a missing voter healthy, whatever the host and the operator say: those
    /// two may be cut off from here only, and elect a primary between them.
    private func requireSilence(of missing: [ReplicaSetConfig.Member], _ config: ReplicaSetConfig) throws(Refusal) {
        guard let sighting = Sighting.ofLife(of: missing.map(\.host), among: view.sightings, in: config) else { return }
        throw Refusal(message: "\(sighting): it is not dead", hint: Sighting.hint)
    }

    /// The electable survivor with the newest history.
    private func survivor(_ config: ReplicaSetConfig) throws(Refusal) -> MemberName {
        let able = config.electableMembers.filter { view.standings[$0.host]?.state == .secondary }
        let newest = able.max { left, right in
            let null = OpTime(timestamp: BSONTimestamp(seconds: 0, increment: 0), term: -1)
            let (old, new) = (view.standings[left.host]?.applied ?? null, view.standings[right.host]?.applied ?? null)
            return (old, left.priority) < (new, right.priority)
        }
        guard let newest, let name = view.name(of: newest.host) else {
            throw Refusal(
                message: "no surviving member of the spec is a healthy secondary with a priority above 0",
                hint: "Look at `rkctl status`; start what is stopped (rkctl start), or restore a backup."
            )
        }
        return name
    }

    private func warnings(_ survivor: MemberName, _ missing: [ReplicaSetConfig.Member]) throws -> [String] {
        let host = try view.spec.member(survivor).host
        guard let applied = view.standings[host]?.applied else { return [] }
        var warnings = ["\(survivor) goes on; its last write is \(applied)"]
        if let committed = view.lastCommitted {
            warnings.append(
                applied >= committed
                    ? "it has the last write that is known to have been acknowledged by a majority, \(committed)"
                    : "WRITES ACKNOWLEDGED BY A MAJORITY ARE LOST: the last that is known is \(committed)"
            )
        }
        for member in missing where !member.isArbiter {
            guard let heard = view.heard[member.host] else {
                warnings.append("how far \(member.host) was is not known: what only it had is lost")
                continue
            }
            warnings.append(
                heard > applied
                    ? "\(member.host) had writes up to \(heard), and those after \(applied) are lost"
                    : "\(member.host) was last heard of at \(heard); what it wrote after that is lost"
            )
        }
        warnings.append(
            "the lost members stay in the config without votes: start them one at a time (rkctl start MEMBER), so that "
                + "they never are a majority among themselves; when they serve, `rkctl apply` gives them their votes again"
        )
        return warnings
    }
}
