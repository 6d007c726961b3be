import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitMonitor

@Suite("Alerts to a program", .timeLimit(.minutes(20)))
struct CommandSenderTests {
    private static let notification = AlertFixtures.notification([AlertFixtures.alert()])

    private static func route(_ timeout: Double = 20) -> AlertRoute {
        var route = AlertFixtures.route()
        route.timeoutSeconds = timeout
        return route
    }

    private static func sender(_ script: String, _ directory: TemporaryDirectory) -> CommandSender {
        CommandSender(words: ["/bin/sh", "-c", script, "sh", "two words"], directory: directory.path, hidden: ["PATH"])
    }

    @Test("It gets its arguments as they are, the alerts on standard input, and no variable with a secret")
    func input() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let script = #"/bin/cat >in; printf '%s|%s|%s' "$#" "$1" "$(/usr/bin/env | /bin/grep -c ^PATH=)" >out"#
            let sender = Self.sender(script, directory)
            #expect(try await sender.send(Self.notification) == "exit code 0")
            let json = try BSONDocument(extendedJSON: try String(contentsOfFile: directory.path("in"), encoding: .utf8))
            #expect(json["status"]?.stringValue == "firing")
            let out = try String(contentsOfFile: directory.path("out"), encoding: .utf8)
            #expect(out == "1|two words|0")
        }
    }

    @Test("Another exit code is a failure, with what it wrote to standard error")
    func failure() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let error = await #expect(throws: DeliveryFailure.self) {
                try await Self.sender("echo 'the modem is off' >&2; exit 3", directory).send(Self.notification)
            }
            #expect(error?.message.contains("the modem is off") == true)
        }
    }

    @Test("One that reads nothing of a large input is as good as its exit code")
    func unreadInput() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let many = (0..<100).map { AlertFixtures.alert(AlertFixtures.finding("server.queue", "m\($0)")) }
            let notification = AlertFixtures.notification(many)
            #expect(notification.webhookJSON.text().utf8.count > 20_000)
            #expect(try await Self.sender("exit 0", directory).send(notification) == "exit code 0")
        }
    }

    @Test("One that is not there is said")
    func missing() async throws {
        let sender = CommandSender(words: ["/no/such/pager"], directory: "/", hidden: [])
        let error = await #expect(throws: DeliveryFailure.self) { try await sender.send(Self.notification) }
        #expect(error?.message.contains("/no/such/pager") == true)
    }

    @Test("At its time it is ended with all that it started, even what ignores SIGTERM")
    func timeout() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let script =
                #"trap '' TERM; (trap '' TERM; echo $$ >child; while :; do /bin/sleep 0.1; done) & echo $! >pid; wait"#
            let sender = Self.sender(script, directory)
            let error = await #expect(throws: DeliveryFailure.self) {
                try await sender.deliver(Self.notification, to: Self.route(1), clock: ContinuousClock())
            }
            #expect(error?.message.contains("no answer within") == true)
            let text = try String(contentsOfFile: directory.path("pid"), encoding: .utf8)
            let pid = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
            let gone = try await ContinuousClock().poll(for: .seconds(10), every: .milliseconds(20)) {
                kill(pid, 0) != 0 || Self.isZombie(pid) ? true : nil
            }
            #expect(gone == true, "its child runs on")
        }
    }

    /// Ended, and nobody has asked how: the test's container may have no init that does.
    private static func isZombie(_ pid: Int32) -> Bool {
        (try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8))?.contains(") Z ") ?? true
    }
}
