extension ReplicaSet {
    /// Looks at every member and judges what was seen. Changes nothing.
    ///
    /// - Parameters:
    ///   - previous: The look before. Rates, and what counts only when it lasts, can be judged with it alone.
    ///   - rules: What is looked for.
    ///   - timeout: How long a member may take to answer; `nil` is the limit of one call.
    /// - Returns: What was seen, and what the rules say of it. Members that do not answer are findings, and no error.
    /// - Throws: ``ReplicaKitError/Code/secretMissing`` and the like when the administrator's password cannot be read;
    ///   `CancellationError`.
    public func examine(
        since previous: HealthLook? = nil,
        rules: [HealthRule] = HealthRule.standard,
        timeout: Duration? = nil
    ) async throws -> HealthExamination {
        let look = try await look(timeout: timeout ?? limits.call, after: previous)
        let report = HealthExaminer(spec: spec, rules: rules).report(on: look, previous: previous)
        return HealthExamination(look: look, report: report)
    }

    private func look(timeout: Duration, after previous: HealthLook?) async throws -> HealthLook {
        var taker = SnapshotTaker(
            spec: spec,
            authentication: try performer.access.authentication(.administrator),
            toolbox: toolbox,
            timeout: timeout
        )
        taker.isForHealth = true
        return try await look(with: taker, clock: toolbox.clock, after: previous)
    }

    private func look(
        with taker: SnapshotTaker,
        clock: some Clock<Duration>,
        after previous: HealthLook?
    ) async throws -> HealthLook {
        let start = clock.now
        // A host that does not answer hides nothing that the members say.
        async let processes = processes(within: taker.timeout)
        let snapshot = try await taker.take()
        return HealthLook(
            snapshot: snapshot,
            processes: await processes,
            tookSeconds: start.duration(to: clock.now).seconds,
            after: previous
        )
    }

    /// What the host sees of each member, as far as it tells in time.
    private func processes(within timeout: Duration) async -> [MemberName: MemberProcessState] {
        let clock = toolbox.clock
        return await withTaskGroup(of: (member: MemberName?, state: MemberProcessState?).self) { group in
            for member in spec.members {
                group.addTask { (member.name, try? await toolbox.host.state(of: member.name)) }
            }
            group.addTask {
                try? await clock.sleep(for: timeout)
                return (nil, nil)
            }
            var states: [MemberName: MemberProcessState] = [:]
            var awaited = spec.members.count
            while awaited > 0, let (member, state) = await group.next(), let member {
                states[member] = state
                awaited -= 1
            }
            group.cancelAll()
            return states
        }
    }
}
