import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitMonitor

@Suite("Rules for Prometheus")
struct PrometheusRulesTests {
    private static func spec(_ limits: [HealthThreshold: HealthLimits] = [:]) -> ReplicaSetSpec {
        var spec = AlertFixtures.spec([])
        spec.health = HealthSpec(limits: limits)
        return spec
    }

    /// The metrics that the rules read, besides the figures, in the shape that the monitor exports.
    private static let series = #"""
        - series: 'replicakit_last_look_timestamp_seconds{set="orders"}'
          values: '0+60x9 540x20'
        - series: 'replicakit_set_primary{set="orders",member="m1"}'
          values: '1x5 0x20'
        - series: 'replicakit_set_primary{set="orders",member="m2"}'
          values: '0x25'
        - series: 'replicakit_set_majority_reachable{set="orders"}'
          values: '1x25'
        - series: 'replicakit_member_up{set="orders",member="m1"}'
          values: '1x5 0x20'
        - series: 'replicakit_member_up{set="orders",member="m2"}'
          values: '1x25'
        - series: 'replicakit_member_up{set="other",member="x1"}'
          values: '0x25'
        - series: 'replicakit_lag_seconds{set="orders",member="m2"}'
          values: '0x3 70 0x1 20x18'
        - series: 'replicakit_cache_hit_ratio{set="orders",member="m2"}'
          values: '0.99x5 0.93x20'
        - series: 'replicakit_finding{set="orders",member="m1",rule="server.locked",severity="critical",priority="P0"}'
          values: '_x5 1x20'
        - series: 'replicakit_finding{set="orders",member="m2",rule="replication.lag",severity="critical",priority="P1"}'
          values: '1x25'
        - series: 'replicakit_finding{set="orders",member="",rule="config.one-machine",severity="info",priority="P3"}'
          values: '1x25'
        """#

    private static func promtool(_ arguments: [String], in directory: TemporaryDirectory) async throws -> String {
        try await Command.run(["promtool"] + arguments, in: directory.path)
    }

    @Test("promtool takes them, whatever limits there are and whatever the set is called", .programs("promtool"))
    func check() async throws {
        try await TemporaryDirectory.with { directory async throws in
            var odd = Self.spec([
                .lagSeconds: HealthLimits(warning: 0.125, critical: nil),
                .cpuPercent: HealthLimits(warning: nil, critical: 29),
            ])
            odd.name = "größe_1.rs-東京"
            for (index, spec) in [Self.spec(), odd].enumerated() {
                let file = "rules\(index).yml"
                let rules = PrometheusRules(spec: spec)
                try Data(rules.yaml.utf8).write(to: URL(filePath: directory.path(file)))
                #expect(try await Self.promtool(["check", "rules", file], in: directory).contains("SUCCESS"))
                try Data(rules.json.text().utf8).write(to: URL(filePath: directory.path("json.yml")))
                #expect(try await Self.promtool(["check", "rules", "json.yml"], in: directory).contains("SUCCESS"))
            }
        }
    }

    @Test(
        "They fire when they should, with the right labels, and not when something comes and goes",
        .programs("promtool")
    )
    func behaviour() async throws {
        try await TemporaryDirectory.with { directory async throws in
            try Data(PrometheusRules(spec: Self.spec()).yaml.utf8).write(to: URL(filePath: directory.path("rules.yml")))
            let tests = """
                rule_files: [rules.yml]
                evaluation_interval: 30s
                tests:
                - interval: 1m
                  input_series:
                \(Self.series.split(separator: "\n").map { "  " + $0 }.joined(separator: "\n"))
                  promql_expr_test:
                  - expr: 'count by (alertname, priority, member, set) (ALERTS{alertstate="firing"})'
                    eval_time: 5m
                    exp_samples: []
                  - expr: 'count by (alertname, priority, member, set) (ALERTS{alertstate="firing"})'
                    eval_time: 8m
                    exp_samples:
                    - {labels: '{alertname="ReplicaKitNoPrimary",priority="P0",set="orders"}', value: 1}
                    - {labels: '{alertname="ReplicaKitMemberDown",priority="P1",member="m1",set="orders"}', value: 1}
                    - {labels: '{alertname="ReplicaKitFinding",priority="P0",member="m1",set="orders"}', value: 1}
                  - expr: 'count by (alertname, priority, member, set) (ALERTS{alertstate="firing"})'
                    eval_time: 20m
                    exp_samples:
                    - {labels: '{alertname="ReplicaKitNoPrimary",priority="P0",set="orders"}', value: 1}
                    - {labels: '{alertname="ReplicaKitNotWatched",priority="P1",set="orders"}', value: 1}
                    - {labels: '{alertname="ReplicaKitMemberDown",priority="P1",member="m1",set="orders"}', value: 1}
                    - {labels: '{alertname="ReplicaKitFinding",priority="P0",member="m1",set="orders"}', value: 1}
                    - {labels: '{alertname="ReplicaKitLagSecondsWarning",priority="P2",member="m2",set="orders"}', value: 1}
                    - {labels: '{alertname="ReplicaKitCacheHitRatioWarning",priority="P2",member="m2",set="orders"}', value: 1}
                - interval: 1m
                  input_series:
                  - series: 'up{job="node"}'
                    values: '1x10'
                  alert_rule_test:
                  - alertname: ReplicaKitNotWatched
                    eval_time: 5m
                    exp_alerts:
                    - exp_labels: {severity: critical, priority: P1, set: orders}
                      exp_annotations:
                        summary: 'orders: nobody has looked at the set for two minutes'
                        remedy: 'Look whether `rkctl monitor` runs, and what it logs.'
                """
            try Data(tests.utf8).write(to: URL(filePath: directory.path("tests.yml")))
            #expect(try await Self.promtool(["test", "rules", "tests.yml"], in: directory).contains("SUCCESS"))
        }
    }

    @Test("Limits of the spec are in them, in the units of the metrics")
    func limits() {
        let yaml = PrometheusRules(
            spec: Self.spec([
                .diskPercent: HealthLimits(warning: 29, critical: 77),
                .oplogWindowHours: .init(warning: 12, critical: nil),
            ])
        ).yaml
        #expect(yaml.contains(#"(replicakit_disk_ratio{set=\"orders\"} >= 0.29) < 0.77"#))
        #expect(yaml.contains(#"(replicakit_oplog_projected_seconds{set=\"orders\"} < 43200) >= 3600"#))
        #expect(yaml.contains("rkctl restart {{ $labels.member }}"))
    }

    @Test(
        "YAML of values",
        arguments: [
            (
                #"{"a":1,"b":{"c":"x\"y","d":[]},"e":[{"f":null,"g":[1,2]},"h"]}"#,
                "a: 1\nb:\n  c: \"x\\\"y\"\n  d: []\ne:\n  - f: null\n    g:\n      - 1\n      - 2\n  - \"h\"\n"
            )
        ]
    )
    func yaml(json: String, yaml: String) throws {
        #expect(try JSONValue(parsing: json).yaml == yaml)
    }
}

@Suite("Dashboard for Grafana")
struct GrafanaDashboardTests {
    @Test("Every figure has a panel, with the limits of the spec and the right unit; no two panels overlap")
    func panels() throws {
        var spec = AlertFixtures.spec([])
        spec.health.limits = [.diskPercent: HealthLimits(warning: 29, critical: 77)]
        let dashboard = GrafanaDashboard(spec: spec).json
        guard case .array(let panels)? = dashboard["panels"] else {
            Issue.record("no panels")
            return
        }
        let expressions = panels.compactMap { panel -> String? in
            guard case .array(let targets)? = panel["targets"], case .string(let text)? = targets.first?["expr"] else {
                return nil
            }
            return text
        }
        for gauge in Gauge.allCases {
            #expect(expressions.count { $0.hasPrefix(gauge.metricName + "{") } == 1, "\(gauge)")
        }
        let disk = try #require(panels.first { "\($0)".contains("replicakit_disk_ratio{") }).text()
        #expect(
            disk.contains(#""unit":"percentunit""#) && disk.contains(#""value":0.29"#)
                && disk.contains(#""value":0.77"#)
        )
        var taken: Set<[Int64]> = []
        for panel in panels {
            let place = try ["x", "y", "w", "h"].map { key -> Int64 in
                guard case .number(let number)? = panel["gridPos"]?[key] else { throw TestFailure("no \(key)") }
                return try #require(number.int64Value)
            }
            #expect(place[0] + place[2] <= 24)
            for x in place[0]..<(place[0] + place[2]) {
                for y in place[1]..<(place[1] + place[3]) { #expect(taken.insert([x, y]).inserted) }
            }
        }
        #expect(Set(panels.compactMap { $0["id"]?.text() }).count == panels.count)
    }
}
