import Foundation
import ReplicaKit
import ServiceLifecycle
import Synchronization
import TestSupport
import Testing

@testable import ReplicaKitMonitor

@Suite("The monitor and its endpoint")
struct MonitorTests {
    @Test("Looks keep to the grid, whatever they take")
    func grid() {
        func tick(_ last: Int, _ passed: Double) -> Int {
            SetWatch.tick(after: last, passed: .seconds(passed), every: .seconds(10))
        }
        #expect(tick(0, 0.4) == 1)
        #expect(tick(1, 10.4) == 2)
        // Begun a little early, as clocks may wake one: not twice at the same point.
        #expect(tick(2, 19.99) == 3)
        // One that took 25 seconds: the points that it missed are left out.
        #expect(tick(3, 55) == 6)
        // A set whose share of the interval is still to come is looked at first of all, and then at its share.
        #expect(tick(0, -5) == 1)
    }

    @Test("Nonsense is refused before anything is opened")
    func refusals() throws {
        let set = ReplicaSet.stub("rs0", RefusingDriver())
        for (sets, interval) in [([], 10.0), ([set, set], 10), ([set], 0.01), ([set], 100_000)]
            as [([ReplicaSet], Double)]
        {
            let error = #expect(throws: ReplicaKitError.self) {
                _ = try Monitor(watching: sets, options: MonitorOptions(interval: .seconds(interval)))
            }
            #expect(error?.code == .invalidArgument)
        }
    }

    @Test("A set that hangs holds up no other", .timeLimit(.minutes(20)))
    func hang() async throws {
        let sets: [ReplicaSet] = [
            .stub("hangs", HangingDriver(), timeout: .seconds(3600)), .stub("answers", RefusingDriver()),
        ]
        let seen = Mutex<[ReplicaSetName: Int]>([:])
        let observer: Monitor.Observer = { report in seen.withLock { $0[report.set, default: 0] += 1 } }
        try await RunningMonitor.with(sets, interval: .milliseconds(100), observers: [observer]) { monitor in
            try await monitor.wait(for: "five looks", at: "/metrics") { _ in
                seen.withLock { $0["answers", default: 0] } >= 5
            }
            #expect(seen.withLock { $0["hangs"] } == nil)
            let ready = try await monitor.get("/readyz")
            #expect(ready.status == 503)
            #expect(ready.body == "hangs: no look has ended yet\n")
            #expect(try await monitor.get("/healthz").status == 200)
        }
    }

    @Test("Rules that are lent are judged, and one who never lends them holds up no look", .timeLimit(.minutes(20)))
    func lentRules() async throws {
        let lent = HealthRule("team.lent", looksFor: "a test", in: "nothing") { _ in
            [
                Finding(
                    rule: "team.lent",
                    severity: .warning,
                    priority: .p2,
                    member: nil,
                    message: "lent",
                    evidence: [],
                    remedy: ""
                )
            ]
        }
        let rules = LentRules([lent]) { set in
            if set.spec.name == "hangs" { try? await Task.sleep(for: .seconds(86_400)) }
            return [lent]
        }
        let sets: [ReplicaSet] = [.stub("hangs", RefusingDriver()), .stub("answers", RefusingDriver())]
        let seen = Mutex<[ReplicaSetName: HealthReport]>([:])
        let count = Mutex(0)
        let observer: Monitor.Observer = { report in
            seen.withLock { $0[report.set] = report }
            if report.set == "hangs" { count.withLock { $0 += 1 } }
        }
        try await RunningMonitor.with(
            sets,
            interval: .milliseconds(100),
            lentRules: rules,
            observers: [observer]
        ) { monitor in
            try await monitor.wait(for: "the finding", at: "/api/status?set=answers") { answer in
                answer.body.contains(#""rule":"team.lent","severity":"warning""#)
            }
            try await monitor.wait(for: "five looks", at: "/metrics") { _ in count.withLock { $0 } >= 5 }
            let hanging = try #require(seen.withLock { $0["hangs"] })
            #expect(!hanging.findings.contains { $0.rule == "team.lent" })
            #expect(hanging.unjudged.contains { $0.rule == "team.lent" && $0.member == nil })
        }
    }

    @Test("An observer that never returns holds up neither the watching nor the stop", .timeLimit(.minutes(20)))
    func slowObserver() async throws {
        let others = Mutex(0)
        let stuck: Monitor.Observer = { _ in try? await Task.sleep(for: .seconds(86_400)) }
        let quick: Monitor.Observer = { _ in others.withLock { $0 += 1 } }
        let set = ReplicaSet.stub("rs0", RefusingDriver())
        try await RunningMonitor.with([set], interval: .milliseconds(100), observers: [stuck, quick]) { monitor in
            try await monitor.wait(for: "five looks", at: "/healthz") { _ in others.withLock { $0 } >= 5 }
        }
    }

    @Test("A set that cannot be looked at is not ready, and says why", .timeLimit(.minutes(20)))
    func failingLook() async throws {
        var set = ReplicaSet.stub("rs0", RefusingDriver())
        var spec = set.spec
        spec.security.admin.password = .env("RK_TEST_NO_SUCH_VARIABLE")
        set = ReplicaSet(spec: spec, baseDirectory: "/", toolbox: set.toolbox)
        try await RunningMonitor.with([set], interval: .milliseconds(100)) { monitor in
            let answer = try await monitor.wait(for: "the reason", at: "/readyz") { $0.body.contains("RK_TEST_NO") }
            #expect(answer.status == 503)
            try await monitor.wait(for: "two failures", at: "/metrics") { answer in
                answer.body.contains(/replicakit_looks_total\{set="rs0",outcome="failed"\} ([2-9]|\d\d)/)
            }
            let status = try await monitor.get("/api/status")
            #expect(status.body.contains(#""code":"input.secretMissing""#))
        }
    }

    @Test("What each path answers", .timeLimit(.minutes(20)))
    func paths() async throws {
        let set = ReplicaSet.stub("rs0", RefusingDriver())
        try await RunningMonitor.with([set], interval: .milliseconds(100)) { monitor in
            try await monitor.wait(for: "the first look", at: "/readyz") { $0.status == 200 }
            let text = try await monitor.get("/metrics")
            #expect(text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(text.body.contains(#"mongodb_up{rs_nm="rs0",member_idx="127.0.0.1:1"} 0"#))
            #expect(!text.body.contains("optimeDate"))
            let open = try await monitor.get("/metrics", headers: ["Accept": "application/openmetrics-text"])
            #expect(open.headers["content-type"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
            #expect(open.body.hasSuffix("# EOF\n"))
            let status = try await monitor.get("/api/status?set=rs0")
            let document = try BSONDocument(extendedJSON: status.body)
            #expect(document.keys == ["intervalSeconds", "overview", "sets"])
            #expect(document[path: "overview", "0", "set"] == "rs0")
            #expect(try await monitor.get("/api/status?set=other").status == 404)
            let page = try await monitor.get("/")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            let policy = try #require(page.headers["content-security-policy"])
            #expect(policy.hasPrefix("default-src 'none'; script-src 'nonce-"))
            #expect(!policy.contains("unsafe"))
            #expect(page.headers["x-content-type-options"] == "nosniff")
            #expect(try await monitor.get("/").headers["content-security-policy"] != policy)
            #expect(try await monitor.get("/nothing").status == 404)
            #expect(try await monitor.get("/metrics", method: "POST", body: "x").status == 413)
            #expect(try await monitor.get("/metrics", method: "DELETE").status == 404)
            let long = try await monitor.get("/metrics", headers: ["X-Long": String(repeating: "x", count: 40_000)])
            #expect((400...499).contains(long.status))
        }
    }

    @Test("With TLS and a token only those who have both are served", .timeLimit(.minutes(20)))
    func guarded() async throws {
        try await TemporaryDirectory.with { directory in
            let certificates = try TestCertificates(in: directory)
            try Data("a-token-of-the-tests\n".utf8).write(to: URL(filePath: directory.path("token")))
            let endpoint = EndpointOptions(
                port: 0,
                tls: .init(certificateFile: certificates.memberFile, keyFile: certificates.memberFile),
                token: .file("token"),
                baseDirectory: directory.path
            )
            let set = ReplicaSet.stub("rs0", RefusingDriver())
            // Others can read it.
            chmod(directory.path("token"), 0o644)
            await #expect { try await RunningMonitor.with([set], endpoint: endpoint) { _ in } } throws: { error in
                (error as? ReplicaKitError)?.code == .fileTooOpen
            }
            chmod(directory.path("token"), 0o600)
            try await RunningMonitor.with([set], endpoint: endpoint) { monitor in
                #expect(monitor.url.hasPrefix("https://127.0.0.1:"))
                let trusted = certificates.caFile
                for path in ["/", "/metrics", "/api/status", "/readyz", "/nothing"] {
                    let answer = try await monitor.get(path, trusting: trusted)
                    #expect(answer.status == 401, "\(path)")
                    #expect(!answer.body.contains("rs0"), "\(path)")
                }
                #expect(try await monitor.get("/healthz", trusting: trusted).status == 200)
                let token = ["Authorization": "Bearer a-token-of-the-tests"]
                #expect(try await monitor.get("/metrics", headers: token, trusting: trusted).status == 200)
                let basic = ["Authorization": "Basic " + Data("me:a-token-of-the-tests".utf8).base64EncodedString()]
                #expect(try await monitor.get("/", headers: basic, trusting: trusted).status == 200)
                await #expect(throws: (any Error).self) {
                    _ = try await monitor.get("/healthz", trusting: certificates.otherCAFile)
                }
            }
        }
    }

    @Test("What cannot be served is said with its cause", .timeLimit(.minutes(20)))
    func misconfigured() async throws {
        let set = ReplicaSet.stub("rs0", RefusingDriver())
        @Sendable func code(_ endpoint: EndpointOptions) async -> ReplicaKitError.Code? {
            do { try await RunningMonitor.with([set], endpoint: endpoint) { _ in } } catch {
                return (error as? ReplicaKitError)?.code
            }
            return nil
        }
        try await RunningMonitor.with([set]) { monitor in
            let port = try #require(Int(monitor.url.split(separator: ":").last ?? ""))
            #expect(await code(EndpointOptions(port: port)) == .portInUse)
        }
        // Set aside for documentation: no machine has it.
        #expect(await code(EndpointOptions(host: "192.0.2.1", port: 0)) == .invalidArgument)
        #expect(await code(EndpointOptions(host: "no-such-host.invalid", port: 0)) == .invalidArgument)
        #expect(await code(EndpointOptions(port: 0, token: .file("/nonexistent/token"))) == .secretMissing)
        let tls = EndpointOptions.TLS(certificateFile: "/nonexistent/c", keyFile: "/nonexistent/k")
        #expect(await code(EndpointOptions(port: 0, tls: tls)) == .secretMissing)
        try await TemporaryDirectory.with { directory in
            let file = directory.path("file")
            guard
                FileManager.default.createFile(
                    atPath: file,
                    contents: Data("too-short".utf8),
                    attributes: [.posixPermissions: 0o600]
                )
            else { throw TestFailure("cannot make \(file)") }
            #expect(await code(EndpointOptions(port: 0, token: .file(file))) == .invalidArgument)
            let tls = EndpointOptions.TLS(certificateFile: file, keyFile: file)
            #expect(await code(EndpointOptions(port: 0, tls: tls)) == .tlsConfiguration)
        }
    }

    @Test("Names of sets are text in the page, whatever they are")
    func escaped() {
        let page = StatusPage(sets: [#"<script>alert("1")</script>&'"#]).html(nonce: "n")
        #expect(!page.contains("<script>alert"))
        #expect(page.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"))
    }
}
