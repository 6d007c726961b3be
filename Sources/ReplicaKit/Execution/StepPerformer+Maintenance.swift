extension StepPerformer {
    /// Takes a member out of reads and elections, or lets it back in, and waits until it says so.
    func setMaintenance(_ name: MemberName, isOn: Bool, _ note: (String) -> Void) async throws -> StepOutcome {
        let address = try spec.member(name).host
        let access = access
        var looks = 0
        try await toolbox.clock.wait(
            for: "\(name) to be \(isOn ? "in" : "out of") maintenance",
            within: limits.agreement
        ) {
            looks += 1
            let state = try await access.run(ReplSetGetStatus(), on: address).myState
            if isOn ? state == .recovering : state != .recovering { return true }
            do {
                // Letting it back in is asked again with each look: the server counts how often it was taken out.
                _ = try await access.run(ReplSetMaintenance(isOn: isOn), on: address)
            } catch let error as ReplicaKitError where !isOn && error.server != nil {
                throw ReplicaKitError(
                    .refused,
                    "\(name) is RECOVERING, and not for maintenance: \(error.message)",
                    member: address,
                    server: error.server,
                    hint: "Look at its log: rkctl logs \(name)."
                )
            }
            return false
        }
        return looks == 1 ? .alreadyHeld : .done
    }
}
