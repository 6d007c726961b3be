/// Looks up, in the primary's oplog, the first write that each lagging member lacks: only that tells how far behind it
/// is (``ReplicationLag``).
///
/// On a set that keeps up nothing is looked up at all, so that the usual snapshot costs no second connection.
struct OplogLookup<C: Clock<Duration>>: Sendable {
    let driver: any MemberDriver
    let authentication: MemberAuthentication
    let clock: C
    let deadline: C.Instant

    /// What looking up may take when another member has used up the time: the primary has just answered.
    private static var grace: Duration { .milliseconds(250) }

    /// Fills in ``MemberView/firstMissingEntry`` where it is needed. What fails is left out.
    func complete(_ snapshot: inout ReplicaSetSnapshot) async {
        guard let primary = snapshot.primary, let status = try? primary.view?.status.get() else { return }
        var timestamps: [BSONTimestamp: [Int]] = [:]
        for (index, member) in snapshot.members.enumerated() {
            guard let view = member.view, !view.hello.isArbiter, let own = try? view.status.get(),
                let applied = own.applied
            else { continue }
            let delay = snapshot.configMember(of: member)?.delaySeconds ?? 0
            if ReplicationLag.isAmbiguous(primary: status, member: own, delaySeconds: delay) {
                timestamps[applied.timestamp, default: []].append(index)
            }
        }
        guard !timestamps.isEmpty, !Task.isCancelled else { return }
        let entries = await entries(after: Array(timestamps.keys), on: primary.address)
        for (timestamp, entry) in entries {
            for index in timestamps[timestamp] ?? [] {
                guard case .reachable(var view) = snapshot.members[index].outcome else { continue }
                view.firstMissingEntry = entry
                snapshot.members[index].outcome = .reachable(view)
            }
        }
    }

    private func entries(
        after timestamps: [BSONTimestamp],
        on primary: MemberAddress
    ) async -> [BSONTimestamp: OplogEntry] {
        let end = max(deadline, clock.now.advanced(by: Self.grace))
        let found = try? await driver.withConnection(
            to: primary,
            as: authentication,
            timeout: clock.now.duration(to: end)
        ) { connection in
            var conversation = Conversation(connection: connection, clock: clock, deadline: end)
            var entries: [BSONTimestamp: OplogEntry] = [:]
            for timestamp in timestamps {
                entries[timestamp] = try await conversation.ask(FindOplogEntry(.after(timestamp))).get().entry
            }
            return entries
        }
        return found ?? [:]
    }
}
