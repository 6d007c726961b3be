import Foundation
import Glibc
import Logging
import ReplicaKit
import ReplicaKitTesting
import Synchronization
import TestSupport
import Testing

@testable import ReplicaKitMonitor

/// The router in virtual time, with receivers that answer as told.
@Suite("Routing alerts")
struct AlertRouterTests {
    private static let disk = AlertFixtures.finding()

    /// A router that runs, the clock that it goes by, and its receivers by route.
    struct Running {
        let clock: ManualClock
        let router: AlertRouter
        let receivers: [String: FakeReceiver]

        /// Moves the clock on, a tenth of a second at a time, until something is so.
        func advance(_ what: String, until isSo: () -> Bool) async throws {
            for _ in 0..<20_000 where !isSo() {
                clock.advance(by: .milliseconds(100))
                try await Task.sleep(for: .microseconds(200))
            }
            #expect(isSo(), "\(what)")
        }
    }

    private static func run(
        _ routes: [AlertRoute],
        in directory: TemporaryDirectory,
        clock: ManualClock = ManualClock(),
        answers: [String: @Sendable (Int) async throws -> String] = [:],
        _ body: (Running) async throws -> Void
    ) async throws {
        let now: @Sendable () -> Date = {
            Date(timeIntervalSince1970: AlertFixtures.noon + clock.now.sinceStart.seconds)
        }
        let receivers = Dictionary(
            uniqueKeysWithValues: routes.map { route in
                (route.name, FakeReceiver(now: now, answers[route.name] ?? { _ in "ok" }))
            }
        )
        let router = try AlertRouter(
            spec: AlertFixtures.spec(routes, resolveAfterSeconds: 0),
            secrets: SecretStore(baseDirectory: directory.path),
            clock: clock,
            now: now,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        ) { route, _ in receivers[route.name] ?? FakeReceiver(now: now) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await router.run() }
            try await body(Running(clock: clock, router: router, receivers: receivers))
            group.cancelAll()
        }
    }

    private static func keys(_ receiver: FakeReceiver?) -> [String] {
        receiver?.told.flatMap { $0.notification.alerts.map { "\($0.reason.rawValue) \($0.subject.key)" } } ?? []
    }

    @Test("What is found at once is one message", .timeLimit(.minutes(20)))
    func grouping() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await Self.run([AlertFixtures.route()], in: directory) { running in
                let found = [Self.disk, AlertFixtures.finding("member.answers", "m2")]
                await running.router.receive(AlertFixtures.report(found))
                try await running.advance("told") { running.receivers["chat"]?.told.isEmpty == false }
                await running.router.receive(AlertFixtures.report())
                try await running.advance("told the end") { running.receivers["chat"]?.told.count == 2 }
                let told = running.receivers["chat"]?.told ?? []
                #expect(told.map(\.notification.alerts.count) == [2, 2])
                #expect(told.map(\.notification.status) == [.firing, .resolved])
            }
        }
    }

    @Test("A failure is tried again, later and later, until it is told", .timeLimit(.minutes(20)))
    func retries() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let answers: [String: @Sendable (Int) async throws -> String] = [
                "chat": { count in
                    if count < 10 { throw DeliveryFailure(message: "it answered 500") }
                    return "ok"
                }
            ]
            try await Self.run([AlertFixtures.route()], in: directory, answers: answers) { running in
                await running.router.receive(AlertFixtures.report([Self.disk]))
                try await running.advance("ten tries") { running.receivers["chat"]?.told.count == 10 }
                let times = running.receivers["chat"]?.told.map(\.at) ?? []
                let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
                for (index, pause) in pauses.enumerated() {
                    let whole = min(60, pow(2, Double(index)))
                    // Never earlier. How much later is up to how soon a busy machine wakes the task: this clock goes on.
                    #expect(pause >= whole / 2, "\(index): \(pause)")
                }
                #expect(Set(Self.keys(running.receivers["chat"])) == ["appeared machine.disk/m1"])
            }
        }
    }

    @Test(
        "A receiver is left alone for as long as it asks, and after a no for a quarter of an hour",
        .timeLimit(.minutes(20))
    )
    func pauses() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let answers: [String: @Sendable (Int) async throws -> String] = [
                "chat": { count in
                    if count == 1 { throw DeliveryFailure(message: "429", retryAfter: .seconds(77)) }
                    if count == 2 { throw DeliveryFailure(message: "404", isPermanent: true) }
                    return "ok"
                }
            ]
            try await Self.run([AlertFixtures.route()], in: directory, answers: answers) { running in
                await running.router.receive(AlertFixtures.report([Self.disk]))
                try await running.advance("three tries") { running.receivers["chat"]?.told.count == 3 }
                let times = running.receivers["chat"]?.told.map(\.at) ?? []
                let pauses = zip(times.dropFirst(), times).map { $0 - $1 }
                #expect(pauses.count == 2 && pauses[0] >= 77 && pauses[1] >= 900)
            }
        }
    }

    @Test("A receiver that hangs is given up at its time, and holds up no other", .timeLimit(.minutes(20)))
    func hang() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let clock = ManualClock()
            let answers: [String: @Sendable (Int) async throws -> String] = [
                "hangs": { _ in
                    try await clock.sleep(for: .seconds(1_000_000))
                    return "never"
                }
            ]
            let routes = [AlertFixtures.route("hangs"), AlertFixtures.route("works")]
            try await Self.run(routes, in: directory, clock: clock, answers: answers) { running in
                await running.router.receive(AlertFixtures.report([Self.disk]))
                try await running.advance("the other") { running.receivers["works"]?.told.count == 1 }
                try await running.advance("tried again") { (running.receivers["hangs"]?.told.count ?? 0) >= 2 }
                let times = running.receivers["hangs"]?.told.map(\.at) ?? []
                #expect(times[1] - times[0] >= 10)
            }
        }
    }

    @Test("After a restart nobody is told again what was told, and all are told what was not", .timeLimit(.minutes(20)))
    func restart() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let routes = [AlertFixtures.route("works"), AlertFixtures.route("away")]
            let dead: [String: @Sendable (Int) async throws -> String] = [
                "away": { _ in throw DeliveryFailure(message: "no route to host") }
            ]
            try await Self.run(routes, in: directory, answers: dead) { running in
                await running.router.receive(AlertFixtures.report([Self.disk]))
                try await running.advance("both tried") {
                    running.receivers.values.allSatisfy { !$0.told.isEmpty }
                }
                // Written down once the answer is.
                try await running.advance("written down") {
                    let book = try? AlertMemory.read(
                        directory.path(".replicakit/orders/alerts.json"),
                        Logger(label: "test")
                    )
                    return book?.entries.values.first?.deliveries["works"]?.acknowledgedAt != nil
                }
            }
            let path = directory.path(".replicakit/orders/alerts.json")
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            try await Self.run(routes, in: directory) { running in
                await running.router.receive(AlertFixtures.report([Self.disk]))
                try await running.advance("the other") { running.receivers["away"]?.told.count == 1 }
                #expect(running.receivers["works"]?.told.isEmpty == true)
                await running.router.receive(AlertFixtures.report())
                try await running.advance("the end") { running.receivers.values.allSatisfy { !$0.told.isEmpty } }
                #expect(Self.keys(running.receivers["works"]) == ["resolved machine.disk/m1"])
            }
        }
    }

    @Test("A file of state that is none is put aside, and all is told again", .timeLimit(.minutes(20)))
    func brokenState() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let path = directory.path(".replicakit/orders/alerts.json")
            try FileManager.default.createDirectory(
                atPath: directory.path(".replicakit/orders"),
                withIntermediateDirectories: true
            )
            try Data(#"{"format": 1, "alerts": {"entr"#.utf8).write(to: URL(filePath: path))
            try await Self.run([AlertFixtures.route()], in: directory) { running in
                await running.router.receive(AlertFixtures.report([Self.disk]))
                try await running.advance("told") { running.receivers["chat"]?.told.count == 1 }
            }
            #expect(FileManager.default.fileExists(atPath: path + ".unreadable"))
        }
    }

    @Test(
        "Ten thousand findings a second for a while are a handful of messages, and none is lost",
        .timeLimit(.minutes(20))
    )
    func flood() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await Self.run([AlertFixtures.route()], in: directory) { running in
                let many = (0..<10_000).map { AlertFixtures.finding("server.queue", "m\($0)", .p2, .warning) }
                for count in [2_000, 6_000, 10_000] {
                    await running.router.receive(AlertFixtures.report(Array(many.prefix(count))))
                }
                let chat = try #require(running.receivers["chat"])
                try await running.advance("all are told of") {
                    (chat.told.last?.notification.summary?.total ?? 0)
                        + chat.told.reduce(0) { $0 + $1.notification.alerts.count } == 10_000
                }
                #expect(chat.told.count <= 4)
            }
        }
    }

    @Test("It ends when it is shut down, and a report of another set is left alone", .timeLimit(.minutes(20)))
    func otherSet() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await Self.run([AlertFixtures.route()], in: directory) { running in
                var report = AlertFixtures.report([Self.disk])
                report.set = "another"
                await running.router.receive(report)
                await running.router.receive(AlertFixtures.report([AlertFixtures.finding("member.answers")]))
                try await running.advance("told") { running.receivers["chat"]?.told.isEmpty == false }
                #expect(Self.keys(running.receivers["chat"]) == ["appeared member.answers/m1"])
            }
        }
    }

    @Test("Of two for one set only one tells; the other goes on where that one ended", .timeLimit(.minutes(20)))
    func turns() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let routes = [AlertFixtures.route()]
            let other = AlertFixtures.finding("member.answers", "m2")
            try await Self.run(routes, in: directory) { first in
                // It has the lock: it tells.
                await first.router.receive(AlertFixtures.report([Self.disk]))
                try await first.advance("told") { first.receivers["chat"]?.told.count == 1 }
                try await Self.run(routes, in: directory) { second in
                    await second.router.receive(AlertFixtures.report([Self.disk]))
                    await second.router.receive(AlertFixtures.report([Self.disk, other]))
                    for _ in 0..<600 {
                        second.clock.advance(by: .milliseconds(100))
                        try await Task.sleep(for: .microseconds(200))
                    }
                    #expect(second.receivers["chat"]?.told.isEmpty == true)
                }
            }
            try await Self.run(routes, in: directory) { next in
                await next.router.receive(AlertFixtures.report([Self.disk, other]))
                try await next.advance("told") { next.receivers["chat"]?.told.isEmpty == false }
                // What the one before has told is not told again.
                #expect(Self.keys(next.receivers["chat"]) == ["appeared member.answers/m2"])
            }
        }
    }

    @Test("The one that waits takes over when the first ends, with what it was handed last", .timeLimit(.minutes(20)))
    func takeover() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let path = directory.path(".replicakit/orders")
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            let lock = try Self.locked(path + "/alerts.lock")
            try await Self.run([AlertFixtures.route()], in: directory) { running in
                await running.router.receive(AlertFixtures.report([Self.disk]))
                for _ in 0..<300 {
                    running.clock.advance(by: .milliseconds(100))
                    try await Task.sleep(for: .microseconds(200))
                }
                #expect(running.receivers["chat"]?.told.isEmpty == true)
                #expect(!FileManager.default.fileExists(atPath: path + "/alerts.json"))
                try lock.close()
                try await running.advance("told") { running.receivers["chat"]?.told.count == 1 }
                #expect(Self.keys(running.receivers["chat"]) == ["appeared machine.disk/m1"])
            }
        }
    }

    /// A lock as another process would have it.
    private static func locked(_ path: String) throws -> FileHandle {
        guard FileManager.default.createFile(atPath: path, contents: Data("4711".utf8)) else {
            throw TestFailure("cannot make \(path)")
        }
        let file = try FileHandle(forUpdating: URL(filePath: path))
        guard flock(file.fileDescriptor, LOCK_EX | LOCK_NB) == 0 else { throw TestFailure("cannot lock \(path)") }
        return file
    }

    @Test("A secret that is not there keeps it from starting")
    func missingSecret() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let route = AlertRoute(receiver: .slack(.init(url: .file("no-such-file"))))
            let error = #expect(throws: ReplicaKitError.self) {
                try AlertRouter(spec: AlertFixtures.spec([route]), baseDirectory: directory.path)
            }
            #expect(error?.code == .secretMissing)
        }
    }
}
