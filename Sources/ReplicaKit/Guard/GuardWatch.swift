import Logging

/// The work of a ``FailoverGuard``: watches, judges, and has a successor elected.
struct GuardWatch: Sendable {
    let set: ReplicaSet
    let settings: FailoverGuard.Settings
    /// Keeps its connections, while probes open fresh ones or have one of their own.
    let performer: StepPerformer

    /// Watches until the task is cancelled.
    func run(
        on clock: some Clock<Duration>,
        _ report: @escaping @Sendable (GuardEvent) -> Void
    ) async throws {
        let history = ElectionHistory(clock: clock, maximum: settings.maximumElections, pause: settings.pause)
        while true {
            let primary = try await primary(report)
            report(GuardEvent(.watching, "\(name(of: primary)) is the primary", member: primary))
            switch try await loss(of: primary, on: clock, report) {
            case .moved: continue
            case .died(let exit):
                let start = clock.now
                report(GuardEvent(.died, "\(name(of: primary)) \(exit.description)", member: primary))
                guard await mayAct(history, report) else { continue }
                try await elect(instead: primary, report) { start.duration(to: clock.now).seconds }
            case .hung:
                let start = clock.now
                report(GuardEvent(.hung, "\(name(of: primary)) runs and does not answer", member: primary))
                guard settings.fences else {
                    report(GuardEvent(.leftAlone, "fencing is turned off, so the set is left to itself"))
                    try await clock.sleep(for: settings.probeInterval)
                    continue
                }
                guard await mayAct(history, report) else { continue }
                guard let name = set.spec.members.first(where: { $0.host == primary })?.name else { continue }
                _ = try await set.toolbox.host.stop(name, grace: .zero)
                report(
                    GuardEvent(
                        .fenced,
                        "\(name) was killed; writes that only it had will be rolled back when it returns",
                        member: primary
                    )
                )
                try await elect(instead: primary, report) { start.duration(to: clock.now).seconds }
            }
        }
    }

    // MARK: Acting

    /// Whether anything may be done: no run of this library is under way, and there were not too many elections.
    private func mayAct(
        _ history: ElectionHistory<some Clock<Duration>>,
        _ report: (GuardEvent) -> Void
    ) async -> Bool {
        if SetLock.isHeld(path: set.lockPath) {
            report(GuardEvent(.leftAlone, "a run changes the set on this machine, so it is left to that"))
            return false
        }
        guard await history.allowsAnother() else {
            report(
                GuardEvent(
                    .leftAlone,
                    "\(settings.maximumElections) elections were asked for within \(Int(settings.pause.seconds)) s: "
                        + "something is wrong that elections do not mend, so the set is left to itself"
                )
            )
            return false
        }
        return true
    }

    /// Has the most advanced electable secondary elected, if a majority is there.
    private func elect(
        instead old: MemberAddress,
        _ report: @escaping @Sendable (GuardEvent) -> Void,
        _ seconds: () -> Double
    ) async throws {
        var performer = performer
        performer.limits.agreement = .seconds(15)
        do {
            _ = try await performer.electPrimary(without: [old]) { report(GuardEvent(.asked, $0)) }
            let leader = performer.leader(of: await performer.ballots(without: [old]))?.address
            report(
                GuardEvent(
                    .elected,
                    "\(leader.map(name(of:)) ?? "another member") is the primary",
                    member: leader,
                    seconds: seconds()
                )
            )
        } catch let error as ReplicaKitError {
            report(GuardEvent(.failed, "no successor of \(name(of: old)): \(error)", member: old))
        }
    }

    // MARK: Watching

    /// Waits for a primary, and says once that there is none.
    private func primary(_ report: (GuardEvent) -> Void) async throws -> MemberAddress {
        var isTold = false
        while true {
            try Task.checkCancellation()
            if let primary = await access.writableMember(),
                set.spec.members.contains(where: { $0.host == primary })
            {
                return primary
            }
            if !isTold { report(GuardEvent(.noPrimary, "\(set.spec.name) has no primary")) }
            isTold = true
            try await set.toolbox.clock.sleep(for: settings.probeInterval)
        }
    }

    private enum Loss: Sendable {
        case died(MemberExit)
        case hung
        case moved
    }

    private func loss(
        of primary: MemberAddress,
        on clock: some Clock<Duration>,
        _ report: @escaping @Sendable (GuardEvent) -> Void
    ) async throws -> Loss {
        guard let name = set.spec.members.first(where: { $0.host == primary })?.name else { return .moved }
        let pulse = Pulse(clock: clock)
        return try await withThrowingTaskGroup(of: Loss?.self) { group in
            group.addTask { .died(try await exit(of: name)) }
            group.addTask {
                try await probeOnOldConnection(primary, pulse)
                return nil
            }
            group.addTask { try await probeOnFreshConnections(primary, name, pulse, report) }
            if settings.prepares {
                group.addTask {
                    // Members come back, and choose other sources for reasons of their own: looked after now and then.
                    var prepared: String?
                    while true {
                        let found = await preparation(for: primary)
                        if let found, found != prepared { report(GuardEvent(.prepared, found)) }
                        prepared = found
                        try await set.toolbox.clock.sleep(for: .seconds(5))
                    }
                }
            }
            defer { group.cancelAll() }
            while let found = try await group.next() {
                if let found { return found }
            }
            throw CancellationError()
        }
    }

    /// Makes the other secondaries replicate from the one that is likeliest to succeed, while all is well.
    ///
    /// A member whose source dies waits a second before it looks for another, and so do majority writes. One that
    /// replicates from the successor already does not notice. Where this does not come about, nothing is lost but that
    /// second.
    ///
    /// - Returns: Who replicates from whom then; `nil` when it did not come about.
    private func preparation(for primary: MemberAddress) async -> String? {
        let ballots = await performer.ballots().filter(\.hello.isSecondary)
        guard let config = try? await performer.access.run(ReplSetGetConfig(), on: primary).config,
            config.settings.isChainingAllowed
        else { return nil }
        let electable = ballots.filter { config.member($0.address)?.isElectable ?? false }
        guard let successor = electable.max(by: { performer.isLess($0, $1, in: config) })?.address else { return nil }
        let others = ballots.map(\.address).filter { $0 != successor && config.member($0)?.delaySeconds == 0 }
        guard !others.isEmpty else { return nil }
        do {
            let note = { (text: String) in set.toolbox.logger.debug("\(text)") }
            // The successor first: two members must not replicate from each other.
            let isReady = [
                try await performer.replicate([successor], from: primary, under: primary, note),
                try await performer.replicate(others, from: successor, under: primary, note),
            ]
            let names = others.map(name(of:)).joined(separator: ", ")
            return isReady.allSatisfy(\.self) ? "\(names) replicates from \(name(of: successor))" : nil
        } catch {
            set.toolbox.logger.debug("the secondaries' sources stay as they are: \(error)")
            return nil
        }
    }

    /// Waits until a member's process has ended, however soon it is started again.
    private func exit(of name: MemberName) async throws -> MemberExit {
        let host = set.toolbox.host
        while true {
            do {
                if let host = host as? any MemberInspection {
                    let events = try await host.events(since: nil)
                    // It may have ended before anybody listened.
                    if case .stopped(let exit) = try await host.state(of: name) { return exit }
                    for try await event in events where event.member == name {
                        if case .died(let exit) = event.kind { return exit }
                    }
                } else if let exit = try await host.waitForExit(of: name, timeout: .seconds(600)) {
                    return exit
                }
            } catch let error as ReplicaKitError {
                set.toolbox.logger.warning("the host cannot tell whether \(name) runs: \(error)")
                try await set.toolbox.clock.sleep(for: settings.probeInterval)
            }
            try Task.checkCancellation()
        }
    }

    private var access: MemberAccess {
        MemberAccess(
            spec: set.spec,
            driver: set.toolbox.driver,
            secrets: set.secrets,
            timeout: settings.probeTimeout
        )
    }

    /// Pings on one connection for as long as it lives, and then on the next.
    private func probeOnOldConnection(
        _ primary: MemberAddress,
        _ pulse: Pulse<some Clock<Duration>>
    ) async throws {
        let access = access
        while true {
            do {
                try await access.with(primary, as: .setItself) { connection in
                    while true {
                        _ = try await connection.run(Ping(), timeout: settings.probeTimeout)
                        await pulse.note(.old, isAlive: true)
                        try await set.toolbox.clock.sleep(for: settings.probeInterval)
                    }
                }
            } catch is ReplicaKitError {
                await pulse.note(.old, isAlive: false)
            }
            try await set.toolbox.clock.sleep(for: settings.probeInterval)
        }
    }

    /// Asks on a new connection each time, and judges.
    private func probeOnFreshConnections(
        _ primary: MemberAddress,
        _ name: MemberName,
        _ pulse: Pulse<some Clock<Duration>>,
        _ report: @Sendable (GuardEvent) -> Void
    ) async throws -> Loss {
        let access = access
        var isTold = false
        while true {
            do {
                let hello = try await access.run(Hello(), on: primary, as: .nobody)
                await pulse.note(.fresh, isAlive: true)
                if !hello.isWritablePrimary { return .moved }
                isTold = false
            } catch is ReplicaKitError {
                await pulse.note(.fresh, isAlive: false)
                if try await haveFailedEnough(pulse) {
                    switch try await judgement(of: primary, name, silence: await pulse.silence) {
                    case .hung: return .hung
                    case .heard(let sighting):
                        let message = "\(sighting): it does not answer this guard alone"
                        if !isTold { report(GuardEvent(.leftAlone, message, member: primary)) }
                        isTold = true
                    case .unclear: break
                    }
                }
            }
            try await set.toolbox.clock.sleep(for: settings.probeInterval)
        }
    }

    /// Whether probes on old and fresh connections have failed often enough. The two are not in step: where the fresh ones
    /// have, the old one's last failure is awaited rather than found out after the next fresh probe.
    private func haveFailedEnough(_ pulse: Pulse<some Clock<Duration>>) async throws -> Bool {
        guard await pulse.freshFailures >= settings.failuresOfHang else { return false }
        return try await set.toolbox.clock.poll(for: settings.probeTimeout, every: .milliseconds(25)) {
            await pulse.failures >= settings.failuresOfHang ? true : nil
        } ?? false
    }

    /// What others make of a primary that does not answer us.
    private enum Judgement: Sendable {
        /// It hangs, and the set can do without it.
        case hung
        /// Another member has heard of it since.
        case heard(Sighting)
        /// Its process is gone, or who answers is no majority.
        case unclear
    }

    /// Whether the primary alone is to blame: its process is there, a majority of the set answers us without it, and
    /// nobody has had a heartbeat of it meanwhile. A watcher that has lost its own network, or was paused, sees
    /// something else, and so does one that only the primary has no connection left for.
    ///
    /// - Parameter silence: For how long it has not answered.
    private func judgement(
        of primary: MemberAddress,
        _ name: MemberName,
        silence: Duration
    ) async throws -> Judgement {
        guard case .running = try await set.toolbox.host.state(of: name) else { return .unclear }
        let access = access
        let others = set.spec.members.filter { $0.host != primary && !$0.arbiter }.map(\.host)
        let survivors = await access.answers(of: others) { host in
            try await access.with(host, as: .setItself) { connection in
                Survivor(
                    config: try await connection.run(ReplSetGetConfig(), timeout: access.timeout).config,
                    status: try await connection.run(ReplSetGetStatus(), timeout: access.timeout)
                )
            }
        }
        guard let config = survivors.values.map(\.config).max(by: { $1.isNewer(than: $0) }) else { return .unclear }
        let voters = config.voters.map(\.host).filter { $0 != primary }
        let answers = await access.answers(of: voters) { try await access.run(Hello(), on: $0, as: .nobody) }
        let hasSuccessor = answers.contains { host, hello in
            hello.isSecondary && config.member(host)?.isElectable ?? false
        }
        guard answers.count >= config.majorityVoteCount, hasSuccessor else { return .unclear }
        let sightings = survivors.flatMap { $0.value.status.sightings(by: $0.key) }
        return Self.sighting(of: primary, among: sightings, silence: silence, in: config).map(Judgement.heard) ?? .hung
    }

    /// The newest word that a primary lives which has not answered for so long; `nil` when nobody has heard of it.
    ///
    /// One that lives sends and answers a heartbeat in each interval. What is older says nothing of a primary that hung
    /// later than it fell silent.
    static func sighting(
        of primary: MemberAddress,
        among sightings: [Sighting],
        silence: Duration,
        in config: ReplicaSetConfig
    ) -> Sighting? {
        let limit = min(silence.seconds, 1.5 * Double(config.settings.heartbeatIntervalMillis) / 1000)
        return sightings.filter { $0.member == primary && $0.ageSeconds < limit }
            .min { $0.ageSeconds < $1.ageSeconds }
    }

    private func name(of address: MemberAddress) -> String {
        set.spec.members.first { $0.host == address }?.name.rawValue ?? address.description
    }
}

/// What a member says that is asked beside a silent primary.
private struct Survivor: Sendable {
    let config: ReplicaSetConfig
    let status: ReplSetStatusReply
}

/// When elections were asked for.
private actor ElectionHistory<C: Clock<Duration>> {
    private let clock: C
    private let maximum: Int
    private let pause: Duration
    private var times: [C.Instant] = []

    init(clock: C, maximum: Int, pause: Duration) {
        (self.clock, self.maximum, self.pause) = (clock, maximum, pause)
    }

    /// Counts one more, unless there were too many of late.
    func allowsAnother() -> Bool {
        let now = clock.now
        times.removeAll { $0.duration(to: now) > pause }
        guard times.count < maximum else { return false }
        times.append(now)
        return true
    }
}
