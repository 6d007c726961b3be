/// Follows members that a forced failover left behind, until they serve again.
///
/// A member that comes back may be dangerous for a while (it may still take itself for the primary), and costly: what
/// only it had is rolled back. Both are told as they happen, with where the server keeps what it took back. Nothing is
/// changed: who starts the members, and gives them their votes again, decides that for themselves.
public struct LostMemberWatch: Sendable {
    let set: ReplicaSet
    let members: [MemberName]

    /// Creates a watch of members.
    public init(set: ReplicaSet, members: [MemberName]) {
        self.set = set
        self.members = members
    }

    /// The members that have lost their vote, or their place, in the config and have one in the spec: what a forced
    /// failover leaves.
    ///
    /// - Throws: ``ReplicaKitError`` when the host cannot be asked, or no member gave its config.
    public static func lost(in set: ReplicaSet) async throws -> [MemberName] {
        guard let config = try await set.view().config else {
            throw ReplicaKitError(
                .noMemberReachable,
                "no member of \(set.spec.name) gave its config, so nobody knows who lost a vote",
                hint: "Look at `rkctl status`."
            )
        }
        return set.spec.members.filter { $0.votes > 0 && config.member($0.host)?.votes ?? 0 == 0 }.map(\.name)
    }

    /// Looks again and again until all are back.
    ///
    /// - Parameters:
    ///   - limit: How long.
    ///   - report: Told what is seen, in order.
    /// - Throws: ``ReplicaKitError/Code/stepTimedOut`` with what is still missing, when the time is up;
    ///   `CancellationError`.
    public func run(within limit: Duration, _ report: (LostMemberEvent) -> Void) async throws {
        for name in members { _ = try set.spec.member(name) }
        var trails = members.map(LostMemberTrail.init)
        let done: Bool? = try await set.toolbox.clock.poll(for: limit, every: .milliseconds(500)) {
            try Task.checkCancellation()
            let primary = await primary()
            for index in trails.indices where !trails[index].isBack {
                let sighting = await sighting(of: trails[index].member, beside: primary)
                for event in trails[index].take(sighting) { report(event) }
            }
            return trails.allSatisfy(\.isBack) ? true : nil
        }
        guard done == nil else { return }
        throw ReplicaKitError(
            .stepTimedOut,
            "not all lost members are back after \(Int(limit.seconds)) s: "
                + trails.filter { !$0.isBack }.map(\.missing).joined(separator: "; "),
            hint: "Start what does not run: rkctl start. What stays RECOVERING is too far behind: rkctl member replace."
        )
    }

    // MARK: Looking

    private struct Primary {
        var address: MemberAddress
        var applied: OpTime?
    }

    /// The primary that a majority follows. It is asked among the members that were not lost.
    private func primary() async -> Primary? {
        let performer = set.performer
        let lost = Swift.Set(members.compactMap { try? set.spec.member($0).host })
        let leader = performer.leader(of: await performer.ballots(without: lost))
        return leader.flatMap {
            performer.isSupported($0) ? Primary(address: $0.address, applied: $0.status.applied) : nil
        }
    }

    private func sighting(of name: MemberName, beside primary: Primary?) async -> LostMemberSighting {
        let access = set.performer.access
        var sighting = LostMemberSighting(process: try? await set.toolbox.host.state(of: name))
        guard let member = try? set.spec.member(name) else { return sighting }
        sighting.isArbiter = member.arbiter
        guard let hello = try? await access.run(Hello(), on: member.host, as: .nobody) else { return sighting }
        guard let status = try? await access.run(ReplSetGetStatus(), on: member.host) else {
            // One that is in no config any more has no status.
            if member.arbiter { sighting.state = hello.isArbiter ? .arbiter : .removed }
            return sighting
        }
        sighting.state = status.myState
        sighting.acceptsWrites = hello.isWritablePrimary && primary != nil && primary?.address != member.host
        sighting.applied = status.applied
        if let primary, let applied = status.applied {
            sighting.secondsBehind = primary.applied.map {
                max(0, Int($0.timestamp.seconds) - Int(applied.timestamp.seconds))
            }
            sighting.isSharedWithPrimary = await has(applied, primary.address)
        }
        sighting.rollbacks = await rollbacks(of: name)
        return sighting
    }

    /// Whether the primary's oplog has a write; `nil` when it is older than all that it has.
    private func has(_ time: OpTime, _ primary: MemberAddress) async -> Bool? {
        let found = try? await set.performer.access.run(FindOplogEntry(.upTo(time.timestamp)), on: primary)
        guard let entry = found?.entry else { return nil }
        return entry.timestamp == time.timestamp && entry.term ?? -1 == time.term
    }

    /// What the member's log says of rollbacks since it was started last.
    private func rollbacks(of name: MemberName) async -> [LostMemberSighting.Rollback] {
        guard let log = try? await set.toolbox.host.log(of: name, lastLines: 5_000, follow: false) else { return [] }
        var found: [LostMemberSighting.Rollback] = []
        do {
            for try await text in log {
                guard let line = MongodLogLine(text) else { continue }
                if line.id == LogID.starting { found = [] }
                guard line.id == MongodLogLine.rollbackSummary else { continue }
                found.append(LostMemberSighting.Rollback(line))
            }
        } catch {
            // A log that cannot be read to its end says what it says.
        }
        return found
    }
}

private enum LogID {
    /// "MongoDB starting".
    static let starting = 4_615_611
}

extension LostMemberSighting.Rollback {
    init(_ line: MongodLogLine) {
        entries = line.attributes?["totalEntriesRolledBackIncludingNoops"]?.integer.map(Int.init)
        files = line.attributes?["rollbackDataFileDirectory"]?.string
    }
}
