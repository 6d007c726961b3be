public import ReplicaKit

/// What every ``ReplicaKit/MemberHost`` that makes members must do, as checks that a test of any backend can run.
///
/// ```swift
/// @Test(arguments: MemberHostConformance.checks)
/// func conforms(check: MemberHostConformance.Check) async throws {
///     try await withMyHost { host, member, keyFile in
///         try await check.run(MemberHostConformance.Subject(host: host, member: member, keyFile: keyFile))
///     }
/// }
/// ```
///
/// Each check begins with a member that is absent, and needs a real server behind the host. What it leaves behind is for
/// the test to remove.
public enum MemberHostConformance {
    /// What is checked.
    public struct Subject: Sendable {
        /// The backend.
        public var host: any MemberProvisioning
        /// A member of its spec that is absent.
        public var member: MemberName
        /// A keyfile's content.
        public var keyFile: Secret

        /// Creates a subject.
        public init(host: any MemberProvisioning, member: MemberName, keyFile: Secret) {
            self.host = host
            self.member = member
            self.keyFile = keyFile
        }
    }

    /// What a backend did not do.
    public struct Violation: Error, Sendable, CustomStringConvertible {
        /// What was expected, and what was seen.
        public var description: String
    }

    /// One requirement.
    public struct Check: Sendable, CustomStringConvertible {
        /// What is required, as a sentence.
        public let description: String
        let body: @Sendable (Subject) async throws -> Void

        /// Runs the check.
        ///
        /// - Throws: ``Violation``, and what the host throws where it should not.
        public func run(_ subject: Subject) async throws { try await body(subject) }
    }

    /// All requirements.
    public static let checks: [Check] = [
        Check(description: "an absent member is said to be absent, and removing it is no error", body: absent),
        Check(description: "a member that the spec does not have is an error of its own", body: unknown),
        Check(description: "creating twice changes nothing", body: creation),
        Check(description: "a member runs after start, and starting it again leaves it alone", body: start),
        Check(description: "a stopped member ended cleanly, says so, and can be started again", body: stop),
        Check(description: "a killed member says that it was killed, and can be started again", body: kill),
        Check(description: "waiting for an exit has a deadline and can be cancelled", body: waiting),
        Check(description: "a running member is not removed", body: removal),
        Check(description: "the log has its last lines, and following ends with the task", body: log),
        Check(description: "members that are started by several at once are started once", body: race),
    ]

    // MARK: - The checks

    private static func absent(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        try expect(try await host.state(of: member), .absent)
        try await expect(.memberAbsent, "start") { try await host.start(member) }
        try await expect(.memberAbsent, "stop") { _ = try await host.stop(member, grace: .seconds(1)) }
        try await expect(.memberAbsent, "wait") { _ = try await host.waitForExit(of: member, timeout: .seconds(1)) }
        try await expect(.memberAbsent, "log") { _ = try await host.log(of: member, lastLines: 1, follow: false) }
        try await host.remove(member, includingData: true)
        try expect(try await host.state(of: member), .absent)
    }

    private static func unknown(_ subject: Subject) async throws {
        let nobody = MemberName(rawValue: "nobody-of-that-name")
        try await expect(.unknownMember, "state") { _ = try await subject.host.state(of: nobody) }
        try await expect(.unknownMember, "start") { try await subject.host.start(nobody) }
    }

    private static func creation(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        try await host.create(member, keyFile: subject.keyFile)
        try expect(try await host.state(of: member), .stopped(.unseen))
        try await host.create(member, keyFile: subject.keyFile)
        try expect(try await host.state(of: member), .stopped(.unseen))
        try await host.remove(member, includingData: true)
        try expect(try await host.state(of: member), .absent)
        try await host.create(member, keyFile: subject.keyFile)
        try expect(try await host.state(of: member), .stopped(.unseen))
    }

    private static func start(_ subject: Subject) async throws {
        let first = try await started(subject)
        try await subject.host.start(subject.member)
        try await subject.host.create(subject.member, keyFile: subject.keyFile)
        try expect(try await subject.host.state(of: subject.member), .running(first))
    }

    private static func stop(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        let first = try await started(subject)
        try expect(try await host.stop(member, grace: .seconds(60)), .clean)
        try expect(try await host.state(of: member), .stopped(.clean))
        try expect(try await host.stop(member, grace: .seconds(60)), .clean)
        try expect(try await host.waitForExit(of: member, timeout: .seconds(1)), .clean)
        let second = try await started(subject)
        guard second.startedAt != first.startedAt || second.identity != first.identity else {
            throw Violation(description: "started again, it is still \(first)")
        }
    }

    private static func kill(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        _ = try await started(subject)
        try expect(try await host.stop(member, grace: .zero), .signal(9))
        try expect(try await host.state(of: member), .stopped(.signal(9)))
        _ = try await started(subject)
        try await host.remove(stopped: member)
    }

    private static func waiting(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        _ = try await started(subject)
        try expect(try await host.waitForExit(of: member, timeout: .milliseconds(100)), nil)
        let waiting = Task { try await host.waitForExit(of: member, timeout: .seconds(600)) }
        waiting.cancel()
        do {
            let exit = try await waiting.value
            throw Violation(description: "a cancelled wait ended with \(String(describing: exit))")
        } catch is CancellationError {}
    }

    private static func removal(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        let process = try await started(subject)
        try await expect(.directoryInUse, "remove") { try await host.remove(member, includingData: true) }
        try expect(try await host.state(of: member), .running(process))
        _ = try await host.stop(member, grace: .seconds(60))
        // Its data stays, and it can be made again around them.
        try await host.remove(member, includingData: false)
        try await host.create(member, keyFile: subject.keyFile)
        _ = try await started(subject)
    }

    private static func log(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        _ = try await started(subject)
        var lines: [String] = []
        for try await line in try await host.log(of: member, lastLines: 3, follow: false) { lines.append(line) }
        guard lines.count == 3, lines.allSatisfy({ !$0.isEmpty && !$0.hasSuffix("\n") }) else {
            throw Violation(description: "the last three lines are \(lines)")
        }
        for try await line in try await host.log(of: member, lastLines: 0, follow: false) {
            throw Violation(description: "of no lines there is \(line)")
        }
        let seen = Seen()
        let following = Task {
            for try await _ in try await host.log(of: member, lastLines: 2, follow: true) { await seen.add() }
        }
        // Where following ends by itself, there is nothing more to wait for.
        let ending = Task {
            _ = await following.result
            await seen.end()
        }
        await seen.until(2)
        let count = await seen.count
        following.cancel()
        _ = await ending.value
        guard count >= 2 else {
            throw Violation(description: "following gave \(count) of the last two lines and ended")
        }
    }

    private static func race(_ subject: Subject) async throws {
        let (host, member) = (subject.host, subject.member)
        try await host.create(member, keyFile: subject.keyFile)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 { group.addTask { try await host.start(member) } }
            try await group.waitForAll()
        }
        guard case .running = try await host.state(of: member) else {
            throw Violation(description: "four starts, and it does not run")
        }
    }

    // MARK: - Helpers

    static func started(_ subject: Subject) async throws -> MemberProcess {
        try await subject.host.create(subject.member, keyFile: subject.keyFile)
        try await subject.host.start(subject.member)
        let state = try await subject.host.state(of: subject.member)
        guard case .running(let process) = state else { throw Violation(description: "started, it is \(state)") }
        return process
    }

    static func expect<Value: Equatable>(_ seen: Value, _ wanted: Value) throws(Violation) {
        guard seen == wanted else { throw Violation(description: "expected \(wanted), found \(seen)") }
    }

    static func expect(
        _ code: ReplicaKitError.Code,
        _ what: String,
        _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error as ReplicaKitError where error.code == code {
            return
        }
        throw Violation(description: "\(what) must fail with \(code), and succeeded")
    }

    private actor Seen {
        private(set) var count = 0
        private var hasEnded = false
        private var waiting: (Int, CheckedContinuation<Void, Never>)?

        func add() {
            count += 1
            if let (wanted, go) = waiting, count >= wanted {
                waiting = nil
                go.resume()
            }
        }

        func end() {
            hasEnded = true
            if let (_, go) = waiting {
                waiting = nil
                go.resume()
            }
        }

        func until(_ wanted: Int) async {
            guard count < wanted, !hasEnded else { return }
            await withCheckedContinuation { waiting = (wanted, $0) }
        }
    }
}

extension MemberProvisioning {
    fileprivate func remove(stopped member: MemberName) async throws {
        _ = try await stop(member, grace: .zero)
        try await remove(member, includingData: true)
    }
}
