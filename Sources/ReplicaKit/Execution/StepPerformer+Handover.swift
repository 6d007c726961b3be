extension StepPerformer {
    /// Makes a member the primary of a healthy set, and waits until the old primary follows it.
    ///
    /// Measured on a loaded set, a client's longest gap is about 50 ms this way; freezing the others or raising a
    /// priority costs the election timeout.
    func makePrimary(
        _ name: MemberName,
        catchUp: Duration,
        hold: Duration,
        _ note: @escaping @Sendable (String) -> Void
    ) async throws -> StepOutcome {
        let target = try spec.member(name).host
        guard let old = leader(of: await ballots()) else {
            throw ReplicaKitError(
                .noPrimary,
                "no member of \(spec.name) accepts writes, so there is nobody to take over from",
                hint: "Look at `rkctl status`; `rkctl start` has a primary elected."
            )
        }
        if old.address == target { return .alreadyHeld }
        let config = try await access.run(ReplSetGetConfig(), on: old.address).config
        try await caughtUp([target], within: catchUp)
        try await redirect(to: target, from: old.address, in: config, note)
        let clock = toolbox.clock
        let seconds = try await clock.seconds {
            try await elect(target, from: old, in: config, note)
        }
        note("\(name) accepts writes \(milliseconds(seconds)) after it was asked to run for election")
        let follow = try await clock.seconds {
            try await clock.wait(for: "\(old.address) to follow \(name)", within: limits.agreement) {
                do {
                    return try await access.run(Hello(), on: old.address, as: .nobody).isSecondary
                } catch let error as ReplicaKitError where error.code.family == .connection {
                    try await requireNotEnded(
                        old.address,
                        "when \(name) had taken over from it",
                        hint: "\(name) is the primary. "
                    )
                    throw error
                }
            }
            if hold > .zero { _ = try await access.run(ReplSetFreeze(period: hold), on: old.address) }
            try await caughtUp([old.address], within: limits.agreement)
        }
        note("\(old.address) is a secondary and caught up \(milliseconds(follow)) later")
        guard let leader = leader(of: await ballots()), leader.address == target, isSupported(leader) else {
            throw overtaken("\(name) became the primary and is not any more")
        }
        return .done
    }

    /// Makes the other secondaries replicate from the member that is to be the primary, before it is.
    ///
    /// After a change a member waits a fixed second before it chooses a new source, and so do majority writes. One that
    /// has the right source already does not. It also has no newer writes then, and votes at the first request. Where
    /// a member does not follow, nothing is lost but that second.
    private func redirect(
        to target: MemberAddress,
        from old: MemberAddress,
        in config: ReplicaSetConfig,
        _ note: (String) -> Void
    ) async throws {
        // The target itself first: two members must not replicate from each other.
        try await replicate([target], from: old, under: old, note)
        let others = config.members.filter {
            !$0.isArbiter && $0.delaySeconds == 0 && ![old, target].contains($0.host)
        }
        try await replicate(others.map(\.host), from: target, under: old, note)
    }

    /// Makes members replicate from another, and waits a little until they do.
    ///
    /// - Parameter primary: Whose oplog gets notes meanwhile. Where nobody writes, no source is ever ahead, and members
    ///   turn down one that is not.
    /// - Returns: Whether they do.
    @discardableResult
    func replicate(
        _ members: [MemberAddress],
        from source: MemberAddress,
        under primary: MemberAddress,
        _ note: (String) -> Void
    ) async throws -> Bool {
        let access = access
        let what = "\(members.map(\.description).sorted().joined(separator: ", ")) to replicate from \(source)"
        var looks = 0
        do {
            try await toolbox.clock.wait(for: what, within: .seconds(3)) {
                let sources = await access.answers(of: members) {
                    try await access.run(ReplSetGetStatus(), on: $0).syncSource
                }
                let others = sources.filter { $0.value != source }.map(\.key)
                if others.isEmpty { return true }
                // Asked again now and then: a member turns a source down that is not ahead of it at that moment. Not with
                // each look: one that is asked for the source that it has just chosen sleeps a second before it uses it.
                if looks % 5 == 0 {
                    _ = await access.answers(of: others) {
                        try await access.run(ReplSetSyncFrom(source: source), on: $0)
                    }
                }
                if looks < 10 { await appendNote("so that members can replicate from \(source)", to: primary) }
                looks += 1
                return false
            }
            // To have chosen a source is not to read from it: a member may still be in that second.
            if looks > 0 { try await flow(to: members, from: primary) }
            return true
        } catch let error as ReplicaKitError where error.code == .stepTimedOut {
            note("waited in vain for \(what); majority writes may stall for a second")
            return false
        }
    }

    /// Waits until a write that is made now has come to members.
    private func flow(to members: [MemberAddress], from primary: MemberAddress) async throws {
        let access = access
        await appendNote("to see that members replicate", to: primary)
        let newest = try await access.run(ReplSetGetStatus(), on: primary).applied
        let what = "writes to come to \(members.map(\.description).sorted().joined(separator: ", "))"
        try await toolbox.clock.wait(for: what, within: .seconds(3)) {
            let applied = await access.answers(of: members) { try await access.run(ReplSetGetStatus(), on: $0).applied }
            return members.allSatisfy { member in
                guard let newest else { return true }
                return applied[member].flatMap(\.self).map { $0 >= newest } ?? false
            }
        }
    }

    /// Writes an entry that changes nothing to the primary's oplog. Where that is refused, as to a user who may not, all
    /// is as it was: somebody's next write does the same.
    private func appendNote(_ message: String, to primary: MemberAddress) async {
        _ = try? await access.run(AppendOplogNote(message: message), on: primary)
    }

    /// Has the target elected. It runs itself; where the old primary's vote is needed, or the others go on refusing
    /// theirs, the old primary steps down first, which stops writes until a secondary has all of them.
    private func elect(
        _ target: MemberAddress,
        from old: Ballot,
        in config: ReplicaSetConfig,
        _ note: (String) -> Void
    ) async throws {
        let healthy = Set(old.status.members.filter(\.isHealthy).map(\.address))
        let supporters = config.voters.filter { $0.host != old.address && healthy.contains($0.host) }
        if supporters.count >= config.majorityVoteCount {
            do {
                return try await run(target, from: old.address, within: .seconds(5))
            } catch let error as ReplicaKitError where error.code == .stepTimedOut {
                note("\(target) did not get a majority of votes; \(old.address) steps down for it")
            }
        }
        if try await access.run(Hello(), on: target, as: .nobody).isWritablePrimary { return }
        do {
            let command = ReplSetStepDown(period: .seconds(60), secondaryCatchUp: .seconds(10))
            _ = try await access.with(old.address, as: .setItself) {
                try await $0.run(command, timeout: .seconds(10) + limits.call)
            }
        } catch let error as ReplicaKitError where error.code.family == .connection || error.code == .notPrimary {
            // What came of it is observed below.
        }
        try await run(target, from: nil, within: limits.agreement)
    }

    /// Asks the target to run until it accepts writes.
    ///
    /// - Parameter old: The primary that there may still be; another one is a surprise. `nil` when anybody may have won
    ///   meanwhile.
    private func run(_ target: MemberAddress, from old: MemberAddress?, within limit: Duration) async throws {
        let access = access
        try await toolbox.clock.wait(for: "\(target) to be elected", within: limit) {
            try await access.with(target, as: .setItself) { connection in
                if try await connection.run(Hello(), timeout: access.timeout).isWritablePrimary { return true }
                // Elected, and catching up: to ask again would be to no purpose.
                let status = try await connection.run(ReplSetGetStatus(), timeout: access.timeout)
                if status.myState == .primary { return false }
                if let other = status.members.first(where: { $0.state == .primary })?.address, let old, other != old {
                    throw overtaken("\(other) has become the primary meanwhile")
                }
                _ = try await connection.run(ReplSetStepUp(), timeout: access.timeout)
                return try await connection.run(Hello(), timeout: access.timeout).isWritablePrimary
            }
        }
    }

    func overtaken(_ what: String) -> ReplicaKitError {
        ReplicaKitError(
            .overtaken,
            what,
            hint: "Someone or something else changes the set. Look at `rkctl status`, then run the same command again."
        )
    }

    private func milliseconds(_ seconds: Double) -> String { "\(Int((seconds * 1000).rounded())) ms" }
}
