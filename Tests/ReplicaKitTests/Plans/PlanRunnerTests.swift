import Foundation
import Synchronization
import Testing

@testable import ReplicaKit

@Suite struct PlanRunnerTests {
    /// Answers each kind of action as it is told.
    struct Performer: StepPerforming {
        var failing: String?
        var held: Set<String> = []
        var onPerform: @Sendable (StepAction) throws -> Void = { _ in }

        func perform(_ action: StepAction, note: @escaping @Sendable (String) -> Void) async throws -> StepOutcome {
            try onPerform(action)
            note("looking")
            if action.kind == failing { throw ReplicaKitError(.stepTimedOut, "it did not come about") }
            return held.contains(action.kind) ? .alreadyHeld : .done
        }
    }

    static let plan = Plan(
        procedure: "up",
        set: "rs",
        actions: [.createMembers(["a"]), .startMembers(["a"]), .electPrimary],
        warnings: []
    )

    static func withJournal(_ body: (Journal) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "rk-journal-\(UUID())")
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(Journal(directory: directory.path(percentEncoded: false)))
    }

    @Test func writesEachStepBeforeAndAfter() async throws {
        try await Self.withJournal { journal in
            let seen = Entries()
            let performer = Performer(onPerform: { _ in seen.add(try journal.records().first?.openStep?.id) })
            try await PlanRunner(journal: journal, clock: ContinuousClock()).run(Self.plan, with: performer) { _ in }
            // While a step runs, the journal on the disk names it as begun and not finished.
            #expect(seen.values == [1, 2, 3])
            let record = try #require(try journal.records().first)
            #expect(record.outcome == .finished)
            #expect(record.plan == Self.plan)
            #expect(record.openStep == nil)
        }
    }

    @Test func stopsAtTheFirstFailure() async throws {
        try await Self.withJournal { journal in
            let log = Events()
            let runner = PlanRunner(journal: journal, clock: ContinuousClock())
            await #expect {
                try await runner.run(Self.plan, with: Performer(failing: "startMembers")) { log.add($0) }
            } throws: {
                ($0 as? ReplicaKitError)?.code == .stepTimedOut
            }
            let record = try #require(try journal.records().first)
            #expect(record.outcome == .stepFailed)
            #expect(record.entries.last?.step == 2)
            #expect(!log.values.contains { if case .stepStarted(let step) = $0 { step.id == 3 } else { false } })
        }
    }

    @Test func saysWhatHeldAlready() async throws {
        let log = Events()
        try await PlanRunner(journal: nil, clock: ContinuousClock())
            .run(Self.plan, with: Performer(held: ["electPrimary"])) { log.add($0) }
        let held = log.values.compactMap { if case .stepFinished(_, _, let held) = $0 { held } else { nil } }
        #expect(held == [false, false, true])
    }

    @Test func anInterruptedRunIsTakenOverByTheNext() async throws {
        try await Self.withJournal { journal in
            // What a killed process leaves: a plan and a begun step, and a line that was cut off.
            let dead = Plan(procedure: "up", set: "rs", actions: [.electPrimary])
            try journal.append(JournalEntry(at: 1, event: .planned, plan: dead), to: dead.id)
            try journal.append(JournalEntry(at: 2, event: .stepStarted, step: 1), to: dead.id)
            let path = "\(journal.directory)/\(dead.id).jsonl"
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data(#"{"at":3,"eve"#.utf8))
            try handle.close()
            try #expect(journal.unfinished().map(\.plan.id) == [dead.id])
            try #expect(journal.unfinished().first?.openStep?.action == .electPrimary)

            try await PlanRunner(journal: journal, clock: ContinuousClock()).run(Self.plan, with: Performer()) { _ in }
            try #expect(journal.unfinished().isEmpty)
            try #expect(journal.records().first { $0.plan.id == dead.id }?.outcome == .superseded)
        }
    }

    @Test func aStartLeavesOpenWhatIsStillWanted() async throws {
        struct Case {
            var earlier: Intent
            var later: Intent
            var isOpen: Bool
        }
        let cases = [
            Case(earlier: .apply(["c"]), later: .start([]), isOpen: true),
            Case(earlier: .apply(["c"]), later: .start(["a"], comparingHistories: true), isOpen: true),
            Case(earlier: .remove("c", includingData: true), later: .start([]), isOpen: true),
            Case(earlier: .remove("c", includingData: true), later: .start(["c"]), isOpen: false),
            Case(earlier: .forceFailover(presumedDead: ["c"]), later: .start([]), isOpen: false),
            Case(earlier: .stop([], emergency: false), later: .start([]), isOpen: false),
            Case(earlier: .down(includingData: false), later: .start([]), isOpen: false),
            Case(earlier: .start([]), later: .start(["a"]), isOpen: false),
            Case(earlier: .apply(["c"]), later: .up, isOpen: false),
        ]
        for (test, outcome) in cases.flatMap({ test in
            [JournalEntry.Event?.none, .stepFailed, .interrupted].map { (test, $0) }
        }) {
            try await Self.withJournal { journal in
                func plan(_ number: Int) -> Plan {
                    Plan(id: PlanID(rawValue: "\(number)"), procedure: "any", set: "rs", actions: [.electPrimary])
                }
                var earlier = plan(1)
                earlier.intent = test.earlier
                try journal.append(JournalEntry(at: 1, event: .planned, plan: earlier), to: earlier.id)
                try journal.append(JournalEntry(at: 2, event: .stepStarted, step: 1), to: earlier.id)
                if let outcome { try journal.append(JournalEntry(at: 3, event: outcome, step: 1), to: earlier.id) }
                try #expect(journal.resumable()?.plan.id == earlier.id)
                // Once more, or one that fails before, changes nothing of it.
                var failed = plan(2)
                failed.intent = test.later
                try journal.append(JournalEntry(at: 4, event: .planned, plan: failed), to: failed.id)
                try journal.append(JournalEntry(at: 5, event: .stepFailed, step: 1), to: failed.id)
                for number in 3...4 {
                    var later = plan(number)
                    later.intent = test.later
                    try await PlanRunner(journal: journal, clock: ContinuousClock())
                        .run(later, with: Performer()) { _ in }
                    try #expect(journal.resumable()?.plan.id == (test.isOpen ? earlier.id : nil), "\(test) \(outcome)")
                }
            }
        }
    }

    @Test(arguments: [JournalEntry.Event?.none, .stepFailed]) func everyStartInBetweenIsAsked(
        outcome: JournalEntry.Event?
    ) async throws {
        let intents: [Intent] = [.remove("c", includingData: true), .start(["c"]), .start(["a"])]
        try await Self.withJournal { journal in
            for (number, intent) in intents.enumerated() {
                var plan = Plan(
                    id: PlanID(rawValue: "\(number)"),
                    procedure: "any",
                    set: "rs",
                    actions: [.electPrimary]
                )
                plan.intent = intent
                try journal.append(JournalEntry(at: 1, event: .planned, plan: plan), to: plan.id)
                let end = [.stepFailed, outcome ?? .finished, .finished][number]
                try journal.append(JournalEntry(at: 2, event: end, step: 1), to: plan.id)
            }
            // The member was started by name, so it is not to be removed any more.
            try #expect(journal.resumable() == nil)
        }
    }

    @Test func cancellationStopsBetweenSteps() async throws {
        try await Self.withJournal { journal in
            let task = Task {
                try await PlanRunner(journal: journal, clock: ContinuousClock())
                    .run(
                        Self.plan,
                        with: Performer(onPerform: { action in
                            if action.kind == "startMembers" { withUnsafeCurrentTask { $0?.cancel() } }
                        })
                    ) { _ in }
            }
            await #expect { try await task.value } throws: { ($0 as? ReplicaKitError)?.code == .interrupted }
            try #expect(journal.records().first?.outcome == .interrupted)
        }
    }

    @Test func filesAreForTheOwnerAlone() async throws {
        try await Self.withJournal { journal in
            try await PlanRunner(journal: journal, clock: ContinuousClock()).run(Self.plan, with: Performer()) { _ in }
            let manager = FileManager.default
            func mode(_ path: String) throws -> Int? {
                try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            }
            try #expect(mode(journal.directory) == 0o700)
            for name in try manager.contentsOfDirectory(atPath: journal.directory) {
                try #expect(mode("\(journal.directory)/\(name)") == 0o600)
            }
        }
    }

    @Test func twoRunsOfOneSetExcludeEachOther() async throws {
        try await Self.withJournal { journal in
            try journal.prepare()
            let path = "\(journal.directory)/lock"
            let first = try SetLock(path: path, set: "rs")
            #expect { _ = try SetLock(path: path, set: "rs") } throws: { error in
                guard let error = error as? ReplicaKitError else { return false }
                return error.code == .locked && error.message.contains("\(ProcessInfo.processInfo.processIdentifier)")
            }
            _ = consume first
            _ = try SetLock(path: path, set: "rs")
        }
    }
}

/// Collects values from closures that may run anywhere.
private final class Entries: Sendable {
    private let store = Mutex<[Int?]>([])
    var values: [Int?] { store.withLock { $0 } }
    func add(_ value: Int?) { store.withLock { $0.append(value) } }
}

private final class Events: Sendable {
    private let store = Mutex<[PlanEvent]>([])
    var values: [PlanEvent] { store.withLock { $0 } }
    func add(_ value: PlanEvent) { store.withLock { $0.append(value) } }
}
