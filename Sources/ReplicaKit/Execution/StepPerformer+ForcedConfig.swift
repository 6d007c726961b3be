extension StepPerformer {
    /// Reconfigures a survivor by force, once, after a last look that the dead are still dead and nobody leads.
    func forceConfig(
        on name: MemberName,
        _ edits: [ConfigEdit],
        dead: [MemberName],
        _ note: (String) -> Void
    ) async throws -> StepOutcome {
        let address = try spec.member(name).host
        let present = try await access.run(ReplSetGetConfig(), on: address).config
        let version = try await access.run(BuildInfo(), on: address, as: .nobody).version
        // One that an earlier run has taken out is not there to be taken out again.
        let open = edits.filter { edit in
            if case .removeMember(let host) = edit { present.member(host) != nil } else { true }
        }
        let wanted = try present.applying(open, serverVersion: version)
        if present.members.map(\.document) == wanted.members.map(\.document) { return .alreadyHeld }
        for name in dead {
            if case .running = try await toolbox.host.state(of: name) {
                throw overtaken("\(name) runs again: with it there may be a majority")
            }
        }
        if let leader = leader(of: await ballots()), isSupported(leader) {
            throw overtaken("\(leader.address) has become the primary meanwhile")
        }
        try await requireSilence(of: dead, in: present)
        let validator = ReplicaSetConfigValidator(serverVersion: version, setName: spec.name)
        try validator.reconfig(from: present.document, to: wanted.document, force: true).refuseAny()
        _ = try await access.run(ReplSetReconfig(config: wanted, force: true), on: address)
        try await toolbox.clock.wait(for: "\(name) to have the new config", within: limits.agreement) {
            let config = try await access.run(ReplSetGetConfig(), on: address).config
            return config.version > present.version
                && config.voters.map(\.id) == wanted.voters.map(\.id)
        }
        note("\(wanted.voters.count) of \(present.voters.count) voting members are left")
        return .done
    }

    /// Demands that no member which answers sees one of the dead healthy: what was planned some time ago may not be so
    /// any more, and a forced reconfig cannot be taken back.
    private func requireSilence(of dead: [MemberName], in config: ReplicaSetConfig) async throws {
        let access = access
        let others = spec.members.filter { !dead.contains($0.name) }.map(\.host)
        let statuses = await access.answers(of: others) { try await access.run(ReplSetGetStatus(), on: $0) }
        let sightings = statuses.flatMap { $0.value.sightings(by: $0.key) }
        let hosts = spec.members.map(\.host).filter { !others.contains($0) }
        guard let sighting = Sighting.ofLife(of: hosts, among: sightings, in: config) else { return }
        throw ReplicaKitError(.overtaken, "\(sighting): it is not dead", hint: Sighting.hint)
    }
}
