import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// Kills the primary while a procedure of ours is under way, and does afterwards what an operator would.
struct DeathHarness: Sendable {
    let fixture: LifecycleFixture
    /// What the procedures told, for a failure's message.
    let notes = Notes()

    /// A moment within a run.
    struct Moment: Sendable {
        /// The step that it is counted from, by what it does.
        var step: @Sendable (StepAction) -> Bool
        /// How long after the step began.
        var delay: Duration

        static func after(_ milliseconds: Int, of step: @escaping @Sendable (StepAction) -> Bool) -> Moment {
            Moment(step: step, delay: .milliseconds(milliseconds))
        }

        /// After the beginning of the first step of a kind.
        static func after(_ milliseconds: Int, of kind: String) -> Moment {
            after(milliseconds) { $0.kind == kind }
        }
    }

    /// A set that is up and written to all the time, until `body` returns; no majority write of it may get lost.
    static func with(
        members count: Int = 3,
        idle: Int = 0,
        editing edit: (inout ReplicaSetSpec) throws -> Void = { _ in },
        _ body: @escaping @Sendable (DeathHarness) async throws -> Void
    ) async throws {
        try await LifecycleFixture.with(
            members: count,
            editing: { spec in
                // Elections by the default timeout would make up most of the time that this takes.
                spec.settings.electionTimeoutMillis = 3000
                try edit(&spec)
            }
        ) { fixture in
            let harness = DeathHarness(fixture: fixture)
            _ = try await harness.set { $0.members.removeLast(idle) }.apply(.up)
            let (_, report) = try await IndependentWriter.during(try fixture.writer()) {
                do { try await body(harness) } catch {
                    // The writer ends with writes that are acknowledged: without a primary it never would.
                    _ = try? await harness.set().apply(.start([]))
                    throw error
                }
            }
            #expect(report.majority.lost == 0, harness.told("\(report)"))
            #expect(report.majority.acknowledged > 100, harness.told("\(report)"))
        }
    }

    /// The set by a spec that was edited, as the command line tool would open it.
    func set(_ edit: (inout ReplicaSetSpec) -> Void = { _ in }) -> ReplicaSet {
        var spec = fixture.set.spec
        edit(&spec)
        return ReplicaSet(
            spec: spec,
            baseDirectory: fixture.set.baseDirectory,
            toolbox: fixture.set.toolbox,
            // What waits in vain for a dead member gives up before the test does.
            limits: StepLimits(agreement: .seconds(20))
        )
    }

    func told(_ end: String = "") -> Comment { Comment(rawValue: (notes.lines + [end]).joined(separator: "\n")) }

    // MARK: The death

    /// Begins a procedure, kills the primary at a moment of it, and returns the primary's name when the procedure has
    /// ended, however that was.
    ///
    /// - Parameter afterDeath: Done when the primary is dead, while the procedure goes on.
    func killPrimary(
        of set: ReplicaSet,
        at moment: Moment,
        of intent: Intent,
        beforeDeath: @Sendable () async throws -> Void = {},
        afterDeath: @Sendable (MemberName) async throws -> Void = { _ in }
    ) async throws -> MemberName {
        let address = try #require(try await set.view().primary)
        let primary = try #require(set.spec.members.first { $0.host == address }?.name)
        let pid = try await fixture.pid(of: primary)
        notes.note("--- \(intent.name): \(primary) dies \(moment.delay) after a step began")
        let (begun, signal) = AsyncStream.makeStream(of: Void.self)
        let notes = notes
        let procedure = Task {
            defer { signal.finish() }
            let found = try await set.apply(
                intent,
                events: { event in
                    notes.add(event)
                    if case .stepStarted(let step) = event, moment.step(step.action) { signal.yield() }
                }
            )
            notes.note("ended: \(found ?? "")")
        }
        try await withTaskCancellationHandler {
            do {
                guard await begun.first(where: { true }) != nil else {
                    try await procedure.value
                    throw TestFailure("\(intent.name) has no such step:\n\(notes.lines.joined(separator: "\n"))")
                }
                try await beforeDeath()
                // Not a wait for anything: it is the moment that is tested.
                try await Task.sleep(for: moment.delay)
                try #require(kill(pid, SIGKILL) == 0)
                notes.note("\(primary) was killed")
                try await afterDeath(primary)
            } catch {
                procedure.cancel()
                _ = await procedure.result
                throw error
            }
            try await end(of: procedure)
        } onCancel: {
            procedure.cancel()
        }
        return primary
    }

    /// Waits until a procedure has ended, well or with an error that says what to do.
    private func end(of procedure: Task<Void, any Error>) async throws {
        let notes = notes
        let impatience = Task {
            // Where a member waits for the dead one alone, an operator ends the run by Ctrl-C.
            try await Task.sleep(for: .seconds(40))
            notes.note("interrupted by the operator")
            procedure.cancel()
        }
        defer { impatience.cancel() }
        do { try await procedure.value } catch {
            notes.note("ended: \(error)")
            let error = try #require(error as? ReplicaKitError, told("\(error)"))
            #expect(error.hint != nil, told("\(error)"))
        }
    }

    // MARK: Afterwards

    /// Completes what the last run left, before or after the dead member was brought back, as an operator would who knows
    /// `resume`, `start` and `abandon`.
    func recover(_ set: ReplicaSet, resumingFirst: Bool = true) async throws {
        var left = try set.unfinishedRun()
        if resumingFirst, let record = left {
            try await electing(set)
            if try await resume(record, of: set) {
                left = nil
                #expect(try set.unfinishedRun() == nil, told())
            }
            notes.note("resumed without the dead member: \(left == nil)")
        }
        _ = try await set.apply(.start([]), events: notes.add)
        if let record = left, try await !resume(record, of: set), let open = try set.unfinishedRun() {
            try set.abandon(open)
            notes.note("abandoned")
        }
    }

    /// Whether what a run was for has come about; no, when it is refused now.
    private func resume(_ record: JournalRecord, of set: ReplicaSet) async throws -> Bool {
        do {
            let found = try await set.apply(try #require(record.plan.intent), events: notes.add)
            notes.note("resumed: \(found ?? "")")
            return true
        } catch let error as ReplicaKitError where [.refused, .noPrimary].contains(error.code) {
            notes.note("refused: \(error)")
            return false
        }
    }

    /// Until the survivors have a primary.
    private func electing(_ set: ReplicaSet) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try await set.view().primary == nil {
            guard ContinuousClock.now < deadline else { throw TestFailure("the survivors elect nobody: \(told())") }
            // A pause between two looks.
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// The set is what the spec says, has one primary, and nothing is left to do.
    func expectWhole(_ set: ReplicaSet) async throws {
        let hosts = set.spec.members.map(\.host)
        let deadline = ContinuousClock.now + .seconds(60)
        var view = try await set.view()
        while view.primary == nil || !hosts.allSatisfy({ Self.serves(view.standings[$0]?.state) }) {
            guard ContinuousClock.now < deadline else { break }
            // A pause between two looks.
            try await Task.sleep(for: .milliseconds(100))
            view = try await set.view()
        }
        let states = hosts.map { view.standings[$0]?.state }
        #expect(states.count { $0 == .primary } == 1, told("\(states)"))
        #expect(states.allSatisfy(Self.serves), told("\(states)"))
        let config = try #require(view.config, told())
        #expect(config.members.map(\.host).sorted() == hosts.sorted(), told())
        for member in set.spec.members {
            #expect(config.member(member.host)?.votes == member.votes, told("\(member.name)"))
            #expect(config.member(member.host)?.priority == member.priority, told("\(member.name)"))
        }
        #expect(try set.journal.unfinished().isEmpty, told())
        #expect(try set.unfinishedRun() == nil, told())
        _ = try await set.checkWrite()
    }

    private static func serves(_ state: MemberState?) -> Bool { state == .primary || state == .secondary }
}
