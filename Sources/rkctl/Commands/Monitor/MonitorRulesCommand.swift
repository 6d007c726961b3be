import ArgumentParser
import ReplicaKit
import ReplicaKitMonitor

/// `rkctl monitor rules`.
struct MonitorRulesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rules",
        abstract: "Print alerting rules for a Prometheus that scrapes the monitor, by the limits of the spec.",
        discussion:
            "Put them into a file that prometheus.yml names under rule_files; make them anew when limits change."
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case prometheus
    }

    @Option(help: "Whose rules: prometheus (YAML; JSON, which is the same to it, with --json).")
    var format = Format.prometheus

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let rules = PrometheusRules(spec: try session.loadSpec().spec)
            if session.output.isJSON {
                session.output.raw(rules.json.text(pretty: true) + "\n")
            } else {
                session.output.raw(rules.yaml)
            }
        }
    }
}

/// `rkctl monitor dashboard`.
struct MonitorDashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Print a dashboard for a Grafana whose Prometheus scrapes the monitor, with the limits of the spec.",
        discussion: "It is JSON. In Grafana: Dashboards, New, Import."
    )

    @OptionGroup var global: GlobalOptions

    func run() async throws {
        try await global.perform { session in
            let dashboard = GrafanaDashboard(spec: try session.loadSpec().spec)
            session.output.raw(dashboard.json.text(pretty: true) + "\n")
        }
    }
}
