import Foundation
import ReplicaKit
import ReplicaKitMonitor
import TestSupport
import Testing

@Suite("A real Prometheus", .realServers(), .programs("prometheus", "promtool"))
struct PrometheusTests {
    private struct Input: Codable {
        var url: String
        var caFile: String
        var tokenFile: String
        var directory: String
        var port: Int
    }

    private struct Findings: Codable {
        var health: String
        var up: [String: String]
        var lag: [String: String]
        var primaries: [String: String]
        var latency: [String]
        var formats: [String: String]
        var complaints: [String: [String]]
    }

    @Test("It scrapes a set over TLS with a token, and promtool has one complaint", .timeLimit(.minutes(20)))
    func scrape() async throws {
        try await WatchedSet.with { watched in
            try await TemporaryDirectory.with { directory in
                let certificates = try TestCertificates(in: directory)
                let token = directory.path("token")
                guard
                    FileManager.default.createFile(
                        atPath: token,
                        contents: Data("a-token-of-the-tests".utf8),
                        attributes: [.posixPermissions: 0o600]
                    )
                else { throw TestFailure("cannot make \(token)") }
                let endpoint = EndpointOptions(
                    port: 0,
                    tls: .init(certificateFile: certificates.memberFile, keyFile: certificates.memberFile),
                    token: .file(token)
                )
                let port = try FreePorts.next()
                let found = try await RunningMonitor.with([watched.set], endpoint: endpoint) { monitor in
                    try await Judge.ask(
                        Self.script,
                        input: Input(
                            url: monitor.url,
                            caFile: certificates.caFile,
                            tokenFile: token,
                            directory: directory.path,
                            port: port
                        ),
                        as: Findings.self
                    )
                }
                let hosts = watched.members.addresses.map(\.description)
                #expect(found.health == "up")
                #expect(found.up == Dictionary(uniqueKeysWithValues: hosts.map { ($0, "1") }))
                #expect(Set(found.primaries.keys) == ["a", "b", "c"])
                #expect(found.primaries.values.sorted() == ["0", "0", "1"])
                // The lag as dashboards compute it, without one that is really there.
                #expect(found.lag.count == 2)
                #expect(found.lag.values.allSatisfy { (Double($0) ?? .infinity) < 5 })
                #expect(found.latency.allSatisfy { (Double($0) ?? -1) > 0 } && !found.latency.isEmpty)
                #expect(found.formats["text"] == "text/plain; version=0.0.4; charset=utf-8")
                #expect(found.formats["open"] == "application/openmetrics-text; version=1.0.0; charset=utf-8")
                let complaint =
                    "mongodb_rs_members_optimeDate metric names should be written in 'snake_case' not 'camelCase'"
                #expect(found.complaints == ["text": [complaint]])
            }
        }
    }

    private static let script = #"""
        import json, os, ssl, subprocess, time, urllib.parse, urllib.request
        directory, base = input["directory"], f"http://127.0.0.1:{input['port']}"
        with open(f"{directory}/prometheus.yml", "w") as file:
            json.dump({"global": {"scrape_interval": "1s"}, "scrape_configs": [{
                "job_name": "replicakit", "scheme": "https",
                "tls_config": {"ca_file": input["caFile"]},
                "authorization": {"credentials_file": input["tokenFile"]},
                "static_configs": [{"targets": [input["url"].split("//")[1]]}]}]}, file)

        def api(path, **parameters):
            query = urllib.parse.urlencode(parameters)
            return json.load(urllib.request.urlopen(f"{base}/api/v1/{path}?{query}", timeout=10))["data"]

        def query(text, label):
            return {row["metric"].get(label, ""): row["value"][1] for row in api("query", query=text)["result"]}

        token = open(input["tokenFile"]).read()
        context = ssl.create_default_context(cafile=input["caFile"])
        def scrape(accept):
            request = urllib.request.Request(input["url"] + "/metrics",
                headers={"Accept": accept, "Authorization": f"Bearer {token}"})
            with urllib.request.urlopen(request, timeout=10, context=context) as answer:
                return answer.headers["Content-Type"], answer.read().decode()

        log = open(f"{directory}/prometheus.log", "w")
        server = subprocess.Popen(["prometheus", f"--config.file={directory}/prometheus.yml",
            f"--storage.tsdb.path={directory}/tsdb", f"--web.listen-address=127.0.0.1:{input['port']}"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            deadline, health, latency = time.monotonic() + 90, "", {}
            text = ('histogram_quantile(0.95, sum by (le, member) '
                    '(rate(replicakit_operation_latency_seconds_bucket{operation="command"}[10s])))')
            while True:
                try:
                    targets = api("targets")["activeTargets"]
                    health = targets[0]["health"] + targets[0]["lastError"] if targets else "no target"
                    # A quantile of a rate needs two scrapes between which the members did something.
                    latency = {member: value for member, value in query(text, "member").items() if value != "NaN"}
                except (OSError, ValueError) as error:
                    health = str(error)
                if (health == "up" and len(latency) == 3) or time.monotonic() > deadline:
                    break
                time.sleep(0.2)
            optime = "mongodb_rs_members_optimeDate"
            lag = query(f'(max by (rs_nm) ({optime}{{member_state="PRIMARY"}}) - on (rs_nm) group_right '
                        f'{optime}{{member_state="SECONDARY"}}) / 1000', "member_idx")
            found = {"health": health, "up": query("mongodb_up", "member_idx"), "lag": lag,
                     "primaries": query("replicakit_set_primary", "member"), "latency": list(latency.values())}
        finally:
            server.terminate()
            server.wait(30)
        found["formats"], found["complaints"] = {}, {}
        for name, accept in {"text": "text/plain", "open": "application/openmetrics-text"}.items():
            found["formats"][name], body = scrape(accept)
            if name == "text":
                check = subprocess.run(["promtool", "check", "metrics"], input=body, capture_output=True, text=True)
                found["complaints"][name] = (check.stdout + check.stderr).splitlines()
        result = found
        """#
}
