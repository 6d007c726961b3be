extension StepPerformer {
    /// Waits until members serve, by their own word and by the primary's.
    func awaitMembers(_ names: [MemberName], _ note: @escaping @Sendable (String) -> Void) async throws -> StepOutcome {
        let wanted = try names.map { try spec.member($0) }
        let told = StateMemory()
        var looks = 0
        try await toolbox.clock.wait(
            for: "\(names.map(\.rawValue).joined(separator: ", ")) to serve",
            within: limits.sync
        ) {
            looks += 1
            let primary = try await primaryAddress()
            let status = try await access.run(ReplSetGetStatus(), on: primary)
            var waiting: [MemberSpec] = []
            for member in wanted {
                let entry = status.members.first { $0.address == member.host }
                let state = entry?.state ?? .unknown
                if await told.isNews(member.name, state), looks > 1 { note("\(member.name) is \(state)") }
                let serves = [.primary, .secondary, .arbiter].contains(state) && entry?.isHealthy == true
                if !serves { waiting.append(member) }
            }
            guard waiting.isEmpty else { return false }
            for member in wanted {
                let hello = try await access.run(Hello(), on: member.host, as: .nobody)
                guard hello.isWritablePrimary || hello.isSecondary || hello.isArbiter else { return false }
            }
            return true
        }
        return looks == 1 ? .alreadyHeld : .done
    }
}

/// What was last said of each member, so that only changes are told.
private actor StateMemory {
    private var states: [MemberName: MemberState] = [:]

    func isNews(_ name: MemberName, _ state: MemberState) -> Bool {
        let last = states.updateValue(state, forKey: name)
        return last != state
    }
}
