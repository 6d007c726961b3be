extension StepPerformer {
    /// Restarts one secondary, if its process is still the one that is to be replaced and the set can do without it.
    func restartMember(
        _ name: MemberName,
        _ process: MemberProcess,
        _ note: @escaping @Sendable (String) -> Void
    ) async throws -> StepOutcome {
        let address = try spec.member(name).host
        switch try await toolbox.host.state(of: name) {
        case .running(let present) where present != process:
            note("\(name) was restarted meanwhile")
            return try await serveAgain(name, address, note) == .done ? .done : .alreadyHeld
        case .running:
            try await requireSpare(name, address, note)
            _ = try await shutDown([name], note)
        case .stopped: note("\(name) does not run")
        case .absent, .unknown:
            throw ReplicaKitError(
                .memberAbsent,
                "\(name) cannot be restarted: the host does not have it",
                member: address,
                hint: "Run `rkctl up`, which makes what is missing."
            )
        }
        _ = try await startMembers([name])
        _ = try await serveAgain(name, address, note)
        return .done
    }

    private func serveAgain(
        _ name: MemberName,
        _ address: MemberAddress,
        _ note: @escaping @Sendable (String) -> Void
    ) async throws -> StepOutcome {
        let outcome = try await awaitMembers([name], note)
        if try !spec.member(name).arbiter { try await caughtUp([address], within: limits.sync) }
        return outcome
    }

    /// Demands that the set can do without a member now, by the primary's word, and makes those that replicate from it
    /// replicate from the primary: left alone they, and majority writes with them, stall for a second.
    private func requireSpare(
        _ name: MemberName,
        _ address: MemberAddress,
        _ note: (String) -> Void
    ) async throws {
        guard let leader = leader(of: await ballots()), isSupported(leader) else {
            throw ReplicaKitError(
                .noPrimary,
                "\(spec.name) has no primary that a majority follows, so no member can be taken out of it",
                hint: "Look at `rkctl status`."
            )
        }
        if leader.address == address { throw overtaken("\(name) has become the primary meanwhile") }
        let config = try await access.run(ReplSetGetConfig(), on: leader.address).config
        if config.member(address)?.isVoter ?? false {
            let healthy = Set(leader.status.members.filter(\.isHealthy).map(\.address))
            let left = config.voters.count { healthy.contains($0.host) && $0.host != address }
            guard left >= config.majorityVoteCount else {
                throw overtaken("without \(name) only \(left) voting members would be left")
            }
        }
        let followers = await ballots().filter { $0.status.syncSource == address }.map(\.address)
        try await replicate(followers, from: leader.address, under: leader.address, note)
    }
}
