import Logging

extension StepPerformer {
    func createMembers(_ members: [MemberName], _ note: @escaping @Sendable (String) -> Void) async throws
        -> StepOutcome
    {
        let host = try provisioning()
        let keyFile = try secrets.readOrCreateKeyFile(spec.security.keyFile)
        // Made now, so that a password that cannot be kept stops the set-up before there is a set.
        _ = try secrets.readOrCreatePassword(spec.security.admin.password)
        try await forEach(members) { try await host.create($0, keyFile: keyFile, note: note) }
        return .done
    }

    /// Starts all, even when one cannot be: the others are then up, and the error says which is not.
    func startMembers(_ members: [MemberName]) async throws -> StepOutcome {
        let before = try await states(of: members)
        try await forEach(members) { name in
            let address = try spec.member(name).host
            let hello = try await toolbox.clock.observe("an answer of \(name) at \(address)", within: limits.start) {
                // With each look: a process that was there may have been about to end, by a stop that was cut short.
                try await toolbox.host.start(name)
                return try await access.run(Hello(), on: address, as: .nobody)
            }
            if let other = hello.setName, other != spec.name {
                throw ReplicaKitError(
                    .wrongReplicaSet,
                    "\(name) is a member of \(other), not of \(spec.name)",
                    member: address,
                    hint: "Its directory holds the data of another set: look at `runtime` and `host` in the spec."
                )
            }
        }
        let ran = before.values.allSatisfy { if case .running = $0 { true } else { false } }
        return ran ? .alreadyHeld : .done
    }

    /// Ends processes by the `shutdown` command, which waits for nothing that does not matter; where a server does not
    /// take it, by signal.
    func shutDown(_ members: [MemberName], _ note: @escaping @Sendable (String) -> Void) async throws -> StepOutcome {
        let running = try await states(of: members).filter { if case .running = $0.value { true } else { false } }
        if running.isEmpty { return .alreadyHeld }
        try await forEach(Array(running.keys)) { name in
            let address = try spec.member(name).host
            var exit: MemberExit?
            do {
                if toolbox.host.restartsEndedMembers {
                    // Before 5.0 there is no quiesce mode to shorten, and the parameter is unknown.
                    _ = try? await access.run(SetQuiesceTime(.seconds(1)), on: address)
                } else {
                    _ = try await access.run(Shutdown(timeout: .seconds(1), force: true), on: address)
                    exit = try await toolbox.host.waitForExit(of: name, timeout: limits.stop)
                }
            } catch let error as ReplicaKitError where error.code.family != .host {
                note("\(name) did not take the shutdown command (\(error.code)); terminating its process")
            }
            if exit == nil { exit = try await toolbox.host.stop(name, grace: limits.stop) }
            if let exit, exit != .clean, exit != .unseen {
                throw ReplicaKitError(
                    .stopFailed,
                    "\(name) did not end cleanly: \(exit.description)",
                    member: address,
                    hint: "Its next start recovers from the journal. Its log says what happened: rkctl logs \(name)"
                )
            }
        }
        return .done
    }

    func stopProcesses(
        _ members: [MemberName],
        _ grace: Duration,
        _ note: @escaping @Sendable (String) -> Void
    ) async throws -> StepOutcome {
        let running = try await states(of: members).filter { if case .running = $0.value { true } else { false } }
        if running.isEmpty { return .alreadyHeld }
        try await forEach(Array(running.keys)) { name in
            let exit = try await toolbox.host.stop(name, grace: grace)
            if exit != .clean, grace > .zero { note("\(name): \(exit.description)") }
        }
        return .done
    }

    func removeMembers(_ members: [MemberName], includingData: Bool) async throws -> StepOutcome {
        let host = try provisioning()
        try await forEach(members) { try await host.remove($0, includingData: includingData) }
        return .done
    }

    // MARK: Helpers

    func states(of members: [MemberName]) async throws -> [MemberName: MemberProcessState] {
        var states: [MemberName: MemberProcessState] = [:]
        for name in members { states[name] = try await toolbox.host.state(of: name) }
        return states
    }

    private func provisioning() throws(ReplicaKitError) -> any MemberProvisioning {
        if let host = toolbox.host as? any MemberProvisioning { return host }
        throw ReplicaKitError(.hostUnsupported, "the \(toolbox.host.kind) host cannot make or remove members")
    }

    /// Does something for all members at once, and throws the first member's error when all are done.
    func forEach(
        _ members: [MemberName],
        _ work: @escaping @Sendable (MemberName) async throws -> Void
    ) async throws {
        let failures = await withTaskGroup(of: (MemberName, (any Error)?).self) { group in
            for name in members {
                group.addTask {
                    do {
                        try await work(name)
                        return (name, nil)
                    } catch { return (name, error) }
                }
            }
            var failures: [(MemberName, any Error)] = []
            for await (name, error) in group {
                if let error { failures.append((name, error)) }
            }
            return failures
        }
        guard let first = failures.min(by: { $0.0 < $1.0 }) else { return }
        try Task.checkCancellation()
        for (name, error) in failures where name != first.0 {
            toolbox.logger.error("\(name): \(error)")
        }
        throw first.1
    }
}

extension MemberExit: CustomStringConvertible {
    /// How it ended, for a sentence.
    public var description: String {
        switch self {
        case .clean: "ended cleanly"
        case .code(let code): "ended with exit code \(code)"
        case .signal(9): "was killed (SIGKILL)"
        case .signal(let number): "was ended by signal \(number)"
        case .unseen: "ended, and how was not seen"
        }
    }
}
