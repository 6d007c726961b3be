extension StepPerformer {
    /// What one member says of itself and of the others, as far as elections need it.
    struct Ballot: Sendable {
        var address: MemberAddress
        var hello: HelloReply
        var status: ReplSetStatusReply
    }

    /// The members' own words, asked at the same time; those that cannot say are left out.
    ///
    /// - Parameter dead: Members that are known not to run. Asking them may take as long as asking may: where a container
    ///   was, nobody refuses a connection.
    func ballots(without dead: Set<MemberAddress> = []) async -> [Ballot] {
        let access = access
        let timeout = limits.call
        let asked = spec.members.filter { !$0.arbiter && !dead.contains($0.host) }.map(\.host)
        let answers = await access.answers(of: asked) { address in
            try await access.with(address, as: .setItself) { connection in
                Ballot(
                    address: address,
                    hello: try await connection.run(Hello(), timeout: timeout),
                    status: try await connection.run(ReplSetGetStatus(), timeout: timeout)
                )
            }
        }
        return spec.members.compactMap { answers[$0.host] }
    }

    /// The member that accepts writes: of several that say so, the one of the newest term.
    func leader(of ballots: [Ballot]) -> Ballot? {
        ballots.filter(\.hello.isWritablePrimary).max { ($0.status.term ?? -1) < ($1.status.term ?? -1) }
    }

    /// Waits for the primary.
    func primaryAddress() async throws -> MemberAddress {
        try await toolbox.clock.observe("a primary of \(spec.name)", within: limits.agreement) {
            await access.writableMember()
        }
    }

    /// Has a primary elected. Where none is, the member with the newest history is asked to run at once: left alone the
    /// set would wait for its election timeout, and might choose a member without the last writes.
    ///
    /// - Parameter dead: Members that are known not to run.
    func electPrimary(
        without dead: Set<MemberAddress> = [],
        _ note: (String) -> Void
    ) async throws -> StepOutcome {
        var asked: MemberAddress?
        var looks = 0
        try await toolbox.clock.wait(for: "a primary of \(spec.name)", within: limits.agreement) {
            looks += 1
            let ballots = await ballots(without: dead)
            if let leader = leader(of: ballots), isSupported(leader) { return true }
            if let elected = ballots.first(where: { $0.status.myState == .primary && !$0.hello.isWritablePrimary }) {
                // It catches up, and waits up to ten seconds for the word of members that cannot give it any more.
                if await hasNothingToFetch(elected, ballots) {
                    do {
                        _ = try await access.run(ReplSetAbortPrimaryCatchUp(), on: elected.address)
                    } catch let error as ReplicaKitError where error.server != nil {
                        // It has caught up meanwhile, and is about to accept writes.
                    }
                }
                return false
            }
            guard let candidate = try await candidate(among: ballots) else { return false }
            if asked != candidate.address {
                note(
                    "\(candidate.address) has the newest history (\(candidate.status.applied?.description ?? "none")): it runs for election"
                )
                asked = candidate.address
            }
            do {
                _ = try await access.run(ReplSetStepUp(), on: candidate.address)
            } catch let error as ReplicaKitError where error.server?.code == 125 {
                // A lost election passes; the next look decides who runs then. What does not pass soon is that a stop
                // which was cut short, or an operator, keeps the member from running: that is lifted.
                _ = try? await access.run(ReplSetFreeze(period: .zero), on: candidate.address)
                throw error
            }
            return false
        }
        return looks == 1 ? .alreadyHeld : .done
    }

    /// Whether a new primary has all writes that any other member could still give it: no member that answers has a
    /// later one, and the host sees that all others do not run.
    private func hasNothingToFetch(_ elected: Ballot, _ ballots: [Ballot]) async -> Bool {
        guard let own = elected.status.applied,
            ballots.allSatisfy({ $0.status.applied.map { $0 <= own } ?? false }),
            // Who is not in the spec was not asked, and nobody can say of it that it does not run.
            elected.status.members.allSatisfy({ entry in spec.members.contains { $0.host == entry.address } })
        else { return false }
        for member in spec.members where !member.arbiter {
            if ballots.contains(where: { $0.address == member.host }) { continue }
            switch try? await toolbox.host.state(of: member.name) {
            case .stopped, .absent: continue
            case .running, .unknown, nil: return false
            }
        }
        return true
    }

    /// Whether a majority is known to follow this primary: it is alone in its set, or the others have heard of its term.
    func isSupported(_ leader: Ballot) -> Bool {
        let healthy = leader.status.members.filter(\.isHealthy).count
        return leader.status.majorityVoteCount.map { healthy >= $0 } ?? true
    }

    /// The member that should be the primary: electable, and as new as the newest of all that answer.
    private func candidate(among ballots: [Ballot]) async throws -> Ballot? {
        guard let any = ballots.first(where: { $0.hello.setName != nil }) else { return nil }
        let config = try await access.run(ReplSetGetConfig(), on: any.address).config
        let voters = ballots.filter { config.member($0.address)?.isVoter ?? false }
        // Arbiters are not asked here; they count where the config has them, and the election itself tells.
        let arbiters = config.voters.filter(\.isArbiter).count
        guard voters.count + arbiters >= config.majorityVoteCount else { return nil }
        guard let newest = ballots.compactMap(\.status.applied).max() else { return nil }
        return ballots.filter { $0.hello.isSecondary && $0.status.applied == newest }
            .filter { config.member($0.address)?.isElectable ?? false }
            .max { isLess($0, $1, in: config, among: ballots) }
    }

    /// Whether a member is less wanted as the primary: by priority; of equals the one that others replicate from
    /// already, for they go on without a pause; else by address, so that it is always the same.
    func isLess(_ left: Ballot, _ right: Ballot, in config: ReplicaSetConfig, among ballots: [Ballot] = []) -> Bool {
        func rank(_ ballot: Ballot) -> (Double, Int, MemberAddress) {
            let followers = ballots.count { $0.status.syncSource == ballot.address }
            return (config.member(ballot.address)?.priority ?? 0, followers, ballot.address)
        }
        return rank(left) < rank(right)
    }

    /// Ends writes before the whole set is stopped. What it does to the members passes by itself after two minutes, so
    /// that a run that ends here leaves a set that elects a primary again.
    func quiesce(_ note: @escaping @Sendable (String) -> Void) async throws -> StepOutcome {
        let period = Duration.seconds(120)
        guard let leader = leader(of: await ballots()) else { return .alreadyHeld }
        let config = try await access.run(ReplSetGetConfig(), on: leader.address).config
        let electable = config.electableMembers.map(\.host).filter { $0 != leader.address }
        let present = Set(await ballots().map(\.address)).intersection(electable)
        guard !present.isEmpty else {
            note("no other electable member runs: the primary ends last")
            return .alreadyHeld
        }
        try await caughtUp(present, within: .seconds(30))
        for address in present { _ = try await access.run(ReplSetFreeze(period: period), on: address) }
        do {
            var command = ReplSetStepDown(period: period, secondaryCatchUp: .seconds(10))
            try await toolbox.clock.wait(for: "the primary to step down", within: limits.agreement) {
                do {
                    _ = try await access.with(leader.address, as: .setItself) {
                        try await $0.run(command, timeout: .seconds(10) + limits.call)
                    }
                } catch let error as ReplicaKitError where error.code.family == .connection {
                    // Old servers close connections when they step down: what came of it is observed below.
                } catch let error as ReplicaKitError where error.code == .serverTimedOut {
                    // Members tell by heartbeat that they do not run for election, and the primary then counts none of
                    // them as caught up, whatever they have. That they have all is made sure of below.
                    note("the primary sees no member that could be elected, as is meant; it steps down all the same")
                    command = ReplSetStepDown(period: period, secondaryCatchUp: .seconds(1), force: true)
                    throw error
                }
                return true
            }
        } catch {
            for address in present { _ = try? await access.run(ReplSetFreeze(period: .zero), on: address) }
            throw error
        }
        try await toolbox.clock.wait(for: "writes to stop", within: limits.agreement) {
            await self.leader(of: self.ballots()) == nil
        }
        try await caughtUp(present, within: .seconds(30))
        return .done
    }

    /// Waits until members have what the most advanced one has, or all but the last second of it while writes go on.
    func caughtUp(_ members: Set<MemberAddress>, within limit: Duration) async throws {
        try await toolbox.clock.wait(
            for: "\(members.map(\.description).sorted().joined(separator: ", ")) to catch up",
            within: limit
        ) {
            let ballots = await ballots()
            guard let newest = ballots.compactMap(\.status.applied).max() else { return false }
            let writesGoOn = leader(of: ballots) != nil
            let behind = ballots.filter { ballot in
                guard members.contains(ballot.address), let applied = ballot.status.applied else { return false }
                let seconds = Int(newest.timestamp.seconds) - Int(applied.timestamp.seconds)
                return writesGoOn ? seconds > 1 : applied != newest
            }
            return behind.isEmpty
        }
    }
}
