import AsyncHTTPClient
import Foundation
import Logging
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitMonitor

/// Webhooks, Slack and PagerDuty against a real server, good and bad.
@Suite("Alerts over HTTP", .receivers, .timeLimit(.minutes(20)))
struct HTTPReceiverTests {
    private static let alert = AlertFixtures.alert()

    /// Sends a notification to a path of the server.
    private static func send(
        _ notification: AlertNotification = AlertFixtures.notification([alert]),
        to path: String,
        as kind: AlertReceiver.Kind = .webhook,
        at port: Int,
        timeout: Double = 20,
        in directory: TemporaryDirectory
    ) async throws -> Result<String, ReplicaKitError> {
        let base = "http://127.0.0.1:\(port)"
        for (name, text) in [("url", base + path), ("key", "R0UTINGKEY"), ("auth", "Bearer t0psecret")] {
            let file = directory.path(name)
            try Data(text.utf8).write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
        }
        let receiver: AlertReceiver =
            switch kind {
            case .slack: .slack(.init(url: .file("url")))
            case .pagerDuty: .pagerDuty(.init(routingKey: .file("key"), url: base + path))
            default: .webhook(.init(url: .file("url"), authorization: .file("auth")))
            }
        var route = AlertFixtures.route(receiver: receiver)
        route.timeoutSeconds = timeout
        let spec = AlertFixtures.spec([route])
        return try await HTTPClient.withHTTPClient(configuration: .forAlerts) { http in
            let sender = route.sender(
                spec: spec,
                secrets: SecretStore(baseDirectory: directory.path),
                http: http,
                logger: Logger(label: "test")
            )
            do {
                return .success(try await sender.deliver(notification, to: route, clock: ContinuousClock()))
            } catch {
                return .failure(ReplicaKitError(error, route: route))
            }
        }
    }

    @Test("A webhook gets what Alertmanager would send, and the header")
    func webhook() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await PythonServer.with(httpReceiver) { server async throws in
                let notification = AlertFixtures.notification([
                    Self.alert, AlertFixtures.alert(AlertFixtures.finding("member.answers", "m2"), reason: .resolved),
                ])
                let answer = try await Self.send(notification, to: "/ok/x", at: server.port, in: directory).get()
                #expect(answer == "200")
                let request = try #require(try server.received().first)
                #expect(request[path: "headers", "authorization"]?.stringValue == "Bearer t0psecret")
                #expect(request[path: "headers", "content-type"]?.stringValue == "application/json")
                let body = try BSONDocument(extendedJSON: try #require(request["body"]?.stringValue))
                #expect(body["version"]?.stringValue == "4")
                #expect(body["status"]?.stringValue == "firing")
                #expect(body["receiver"]?.stringValue == "chat")
                #expect(body[path: "commonLabels", "set"]?.stringValue == "orders")
                #expect(body[path: "commonLabels", "member"] == nil)
                let alerts = try #require(body["alerts"]?.arrayValue).map { try #require($0.documentValue) }
                #expect(alerts.count == 2)
                #expect(alerts[0][path: "labels", "alertname"]?.stringValue == "machine.disk")
                #expect(alerts[0]["endsAt"]?.stringValue == "0001-01-01T00:00:00Z")
                #expect(alerts[0][path: "annotations", "evidence"]?.stringValue == "diskRatio 0.91")
                #expect(alerts[1]["status"]?.stringValue == "resolved")
                #expect(alerts[1]["endsAt"]?.stringValue == "2026-01-06T12:01:30Z")
            }
        }
    }

    @Test("What a server says no to for good is told apart from what may pass, and no secret is repeated")
    func refusals() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await PythonServer.with(httpReceiver) { server async throws in
                let cases: [(path: String, code: ReplicaKitError.Code)] = [
                    ("/400/pa55", .alertRejected), ("/403/pa55", .alertRejected), ("/404/pa55", .alertRejected),
                    ("/410/pa55", .alertRejected), ("/redirect/pa55", .alertRejected),
                    ("/408/pa55", .alertNotDelivered),
                    ("/429/pa55", .alertNotDelivered), ("/500/pa55", .alertNotDelivered),
                    ("/503/pa55", .alertNotDelivered), ("/reset/pa55", .alertNotDelivered),
                    ("/notjson/pa55", .alertNotDelivered),
                ]
                for (path, code) in cases {
                    let result = try await Self.send(to: path, at: server.port, in: directory)
                    guard case .failure(let error) = result else {
                        Issue.record("\(path) was taken")
                        continue
                    }
                    #expect(error.code == code, "\(path): \(error)")
                    for secret in ["pa55", "t0psecret", "127.0.0.1:\(server.port)"] {
                        #expect(!"\(error) \(error.hint ?? "")".contains(secret), "\(path): \(error)")
                    }
                }
                // Nothing was sent to where it was redirected.
                #expect(try server.received().allSatisfy { $0["path"]?.stringValue?.hasPrefix("/ok") == false })
            }
        }
    }

    @Test("A server that is not there, hangs, or does not end")
    func silence() async throws {
        try await TemporaryDirectory.with { directory async throws in
            let closed = try FreePorts.next()
            let refused = try await Self.send(to: "/ok", at: closed, in: directory)
            #expect(throws: ReplicaKitError.self) { try refused.get() }
            try await PythonServer.with(httpReceiver) { server async throws in
                for (path, kind) in [("/hang", AlertReceiver.Kind.webhook), ("/half", .slack)] {
                    let result = try await Self.send(to: path, as: kind, at: server.port, timeout: 1, in: directory)
                    let error = #expect(throws: ReplicaKitError.self) { try result.get() }
                    #expect(error?.message.contains("no answer within 1.0 s") == true, "\(String(describing: error))")
                }
                // The status is what counts for a webhook; for Slack it is the word.
                #expect(try await Self.send(to: "/endless", at: server.port, in: directory).get() == "200")
                let endless = try await Self.send(to: "/endless", as: .slack, at: server.port, in: directory)
                #expect(throws: ReplicaKitError.self) { try endless.get() }
            }
        }
    }

    @Test("How long a server asks to be left alone", arguments: [("7", 7.0), ("0", 0), ("x", nil), ("-5", 0)])
    func retryAfter(text: String, seconds: Double?) {
        #expect(HTTPDelivery.pause(text)?.seconds == seconds)
    }

    @Test("A date is understood too")
    func retryAfterDate() {
        #expect(HTTPDelivery.pause("Tue, 06 Jan 2026 12:00:00 GMT") == .zero)
        #expect((HTTPDelivery.pause("Fri, 31 Dec 2100 23:59:59 GMT")?.seconds ?? 0) == 86_400)
    }

    @Test("Slack gets escaped text in pieces that it takes, and must say ok")
    func slack() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await PythonServer.with(httpReceiver) { server async throws in
                let nasty = AlertFixtures.finding(message: "<!channel> a & b " + String(repeating: "&", count: 9000))
                let all = AlertFixtures.notification(Array(repeating: AlertFixtures.alert(nasty), count: 20))
                let answer = try await Self.send(all, to: "/ok", as: .slack, at: server.port, in: directory).get()
                #expect(answer == "200 ok")
                let request = try #require(try server.received().first)
                let body = try BSONDocument(extendedJSON: try #require(request["body"]?.stringValue))
                let blocks = try #require(body["blocks"]?.arrayValue).map { try #require($0.documentValue) }
                #expect(blocks.count == 20)
                for block in blocks {
                    let text = try #require(block[path: "text", "text"]?.stringValue)
                    #expect(text.utf16.count <= 3000)
                    #expect(text.contains("&lt;!channel&gt; a &amp; b") && !text.contains("<"))
                }
                let garbage = try await Self.send(to: "/login", as: .slack, at: server.port, in: directory)
                let error = #expect(throws: ReplicaKitError.self) { try garbage.get() }
                #expect(error?.message.contains("please log in") == true)
            }
        }
    }

    @Test("PagerDuty gets one event for each alert, with a key that its end has too")
    func pagerDuty() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try await PythonServer.with(httpReceiver) { server async throws in
                for alert in [Self.alert, AlertFixtures.alert(reason: .resolved)] {
                    let notification = AlertFixtures.notification([alert])
                    let answer = try await Self.send(
                        notification,
                        to: "",
                        as: .pagerDuty,
                        at: server.port,
                        in: directory
                    )
                    #expect(try answer.get() == "202 Event processed")
                }
                let requests = try server.received()
                #expect(requests.map { $0["path"]?.stringValue } == ["/v2/enqueue", "/v2/enqueue"])
                let events = try requests.map { try BSONDocument(extendedJSON: try #require($0["body"]?.stringValue)) }
                #expect(events.map { $0["event_action"]?.stringValue } == ["trigger", "resolve"])
                #expect(events.allSatisfy { $0["dedup_key"]?.stringValue == "orders/machine.disk/m1" })
                #expect(events.allSatisfy { $0["routing_key"]?.stringValue == "R0UTINGKEY" })
                #expect(events[0][path: "payload", "severity"]?.stringValue == "critical")
                #expect(events[0][path: "payload", "timestamp"]?.stringValue == "2026-01-06T12:00:00Z")
                let lie = try await Self.send(to: "/ok", as: .pagerDuty, at: server.port, in: directory)
                let error = #expect(throws: ReplicaKitError.self) { try lie.get() }
                #expect(error?.message.contains("R0UTINGKEY") == false)
            }
        }
    }

    @Test("More alerts than fit are one incident together, which ends with the last of them")
    func pagerDutySummary() throws {
        let subjects = (0..<30).map { AlertSubject(AlertFixtures.finding("server.queue", "m\($0)", .p2, .warning)) }
        let open = AlertFixtures.notification([Self.alert], .init(subjects)).pagerDutyEvents(routingKey: "k")
        #expect(open.count == 2)
        #expect(open[1]["dedup_key"] == "orders/more/chat" && open[1]["event_action"] == "trigger")
        #expect(open[1]["payload"]?["summary"] == "orders: and 30 more: server.queue 30")
        let over = AlertFixtures.notification([], .init([])).pagerDutyEvents(routingKey: "k")
        #expect(over.count == 1 && over[0]["event_action"] == "resolve" && over[0]["dedup_key"] == "orders/more/chat")
    }

    @Test(
        "A URL that is none is said, and not shown",
        arguments: ["hunter2", "ftp://h/hunter2", "http:///hunter2", "/etc/x"]
    )
    func badURL(text: String) async throws {
        try await TemporaryDirectory.with { directory async throws in
            let file = directory.path("u")
            try Data(text.utf8).write(to: URL(filePath: file))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
            let error = #expect(throws: DeliveryFailure.self) {
                try SecretStore(baseDirectory: directory.path).readURL(.file("u"))
            }
            #expect(error?.isPermanent == true && error?.message.contains("hunter2") == false)
        }
    }
}
