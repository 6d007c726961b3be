extension StepPerformer {
    /// Waits until members serve, by their own word and by the primary's.
    func awaitMembers(_ names: [MemberName], _ note: @escaping @Sendable (String) -> Void) async throws -> StepOutcome {
        let wanted = try names.map { try spec.member($0) }
        let told = StateMemory()
        let clock = toolbox.clock
        let looks = Counter()
        let what = "\(names.map(\.rawValue).joined(separator: ", ")) to serve"
        try await clock.observe(what, within: limits.sync) {
            let primary = try await primaryAddress()
            // One connection for the whole wait; when it is lost, the outer loop finds the primary again.
            return try await access.with(primary, as: .setItself) { connection in
                try await clock.wait(for: what, within: limits.sync, ignoring: { _ in false }) {
                    let isFirst = await looks.next() == 1
                    let status = try await connection.run(ReplSetGetStatus(), timeout: limits.call)
                    var serving = 0
                    var missing: [MemberAddress] = []
                    for member in wanted {
                        let entry = status.members.first { $0.address == member.host }
                        let state = entry?.state ?? .unknown
                        if await told.isNews(member.name, state), !isFirst { note("\(member.name) is \(state)") }
                        if state == .startup2, let sync = await initialSync(of: member.host),
                            await told.isNews(member.name, sync)
                        {
                            note("\(member.name): \(sync)")
                        }
                        if [.primary, .secondary, .arbiter].contains(state), entry?.isHealthy == true { serving += 1 }
                        if entry?.isHealthy != true { missing.append(member.host) }
                    }
                    try await requireAlive(missing)
                    // What the primary says may be as old as the last heartbeat, from before a restart.
                    guard serving == wanted.count, await serveByTheirOwnWord(wanted) else { return false }
                    return await letTheAdministratorIn(wanted, as: primary)
                }
                return true
            }
        }
        return await looks.count == 1 ? .alreadyHeld : .done
    }

    /// Demands of members that the primary does not hear of that they may still come: what has ended and is not started
    /// again would be waited for as long as an initial sync may take.
    private func requireAlive(_ members: [MemberAddress]) async throws {
        for address in members {
            do { try await requireNotEnded(address, "before it served") } catch {
                // Its own answer is worth more than that nobody finds its process.
                if (try? await access.run(Hello(), on: address, as: .nobody)) == nil { throw error }
            }
        }
    }

    /// Ends a wait for a member that does not answer, where it is in vain: its process has ended, and nothing starts it
    /// again.
    ///
    /// - Parameters:
    ///   - address: The member.
    ///   - when: When it ended, for the message.
    ///   - hint: What else there is to know, with a space behind it.
    func requireNotEnded(_ address: MemberAddress, _ when: String, hint: String = "") async throws {
        guard let name = spec.members.first(where: { $0.host == address })?.name,
            !toolbox.host.restartsEndedMembers,
            case .stopped = try await toolbox.host.state(of: name)
        else { return }
        throw ReplicaKitError(
            .memberNotRunning,
            "\(name) ended \(when)",
            member: address,
            hint: "\(hint)Run `rkctl start \(name)`; its log says why it ended."
        )
    }

    private func serveByTheirOwnWord(_ members: [MemberSpec]) async -> Bool {
        let own = await access.answers(of: members.map(\.host)) { [access] in
            try await access.run(Hello(), on: $0, as: .nobody)
        }
        return members.allSatisfy { member in
            own[member.host].map { $0.isWritablePrimary || $0.isSecondary || $0.isArbiter } ?? false
        }
    }

    /// Whether each member knows the administrator if the primary does: one that has just copied its data may still be
    /// without a primary to read on from, and then refuses whoever was made meanwhile. A delayed member may stay so.
    private func letTheAdministratorIn(_ members: [MemberSpec], as primary: MemberAddress) async -> Bool {
        let bearing = members.filter { !$0.arbiter && $0.delaySeconds == 0 }.map(\.host)
        let knowing = await access.answers(of: bearing.contains(primary) ? bearing : bearing + [primary]) {
            try await administratorCanLogIn(to: $0)
        }
        return knowing[primary] != true || bearing.allSatisfy { knowing[$0] ?? true }
    }

    /// How far a member's initial sync is, by its own word; `nil` when it does not say.
    private func initialSync(of address: MemberAddress) async -> ReplSetStatusReply.InitialSync? {
        try? await access.run(ReplSetGetStatus(), on: address).initialSync
    }
}

/// How often something was looked at.
private actor Counter {
    private(set) var count = 0

    func next() -> Int {
        count += 1
        return count
    }
}

/// What was last said of each member, so that only changes are told.
private actor StateMemory {
    private var states: [MemberName: MemberState] = [:]
    private var parts: [MemberName: Int] = [:]

    func isNews(_ name: MemberName, _ state: MemberState) -> Bool {
        let last = states.updateValue(state, forKey: name)
        return last != state
    }

    /// Whether a twentieth more was copied than when it was last told.
    func isNews(_ name: MemberName, _ sync: ReplSetStatusReply.InitialSync) -> Bool {
        guard let fraction = sync.fraction else { return false }
        let part = Int(fraction * 20)
        let last = parts.updateValue(part, forKey: name)
        return last != part
    }
}
