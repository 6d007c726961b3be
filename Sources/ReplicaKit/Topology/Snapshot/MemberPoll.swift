/// One round of asking all members at the same time, until all have answered or the deadline passes.
struct MemberPoll<C: Clock<Duration>>: Sendable {
    let taker: SnapshotTaker
    let clock: C
    let deadline: C.Instant

    private enum Event: Sendable {
        case answer(MemberAddress, MemberSnapshot.Outcome)
        case deadlinePassed
    }

    /// What came of each member of the spec, and of each that a config names.
    func answers() async -> [MemberAddress: MemberSnapshot.Outcome] {
        await withTaskGroup(of: Event.self) { group in
            var answers: [MemberAddress: MemberSnapshot.Outcome] = [:]
            var asked: Set<MemberAddress> = []
            func ask(_ address: MemberAddress, isArbiter: Bool) {
                guard asked.insert(address).inserted else { return }
                group.addTask { .answer(address, await question(isArbiter: isArbiter).ask(address)) }
            }
            for member in taker.spec.members { ask(member.host, isArbiter: member.arbiter) }
            group.addTask {
                // Ended early by the end of the round, which cancels it.
                try? await clock.sleep(until: deadline, tolerance: nil)
                return .deadlinePassed
            }
            while answers.count < asked.count, let event = await group.next() {
                switch event {
                case .deadlinePassed:
                    // What still waits ends at once, each with what it has.
                    group.cancelAll()
                case .answer(let address, let outcome):
                    answers[address] = outcome
                    guard case .reachable(let view) = outcome else { continue }
                    for member in view.knownMembers where member.address != view.hello.me {
                        ask(member.address, isArbiter: member.isArbiter)
                    }
                }
            }
            group.cancelAll()
            return answers
        }
    }

    private func question(isArbiter: Bool) -> MemberQuestion<C> {
        MemberQuestion(
            setName: taker.spec.name,
            driver: taker.toolbox.driver,
            authentication: taker.authentication,
            isArbiter: isArbiter,
            isForHealth: taker.isForHealth,
            clock: clock,
            deadline: deadline
        )
    }
}

extension MemberView {
    /// The members that this one knows: those of its config, else those that `hello` shows.
    var knownMembers: [(address: MemberAddress, isArbiter: Bool)] {
        guard membership == .active else { return [] }
        if case .success(let config) = config { return config.members.map { ($0.host, $0.isArbiter) } }
        let arbiters = Set(hello.arbiters)
        return hello.visibleMembers.map { ($0, arbiters.contains($0)) }
    }
}
