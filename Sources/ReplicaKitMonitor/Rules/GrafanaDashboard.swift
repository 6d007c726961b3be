public import ReplicaKit

/// A dashboard for a Grafana whose Prometheus scrapes the monitor: all figures, with the limits of a spec.
public struct GrafanaDashboard: Sendable {
    private let spec: ReplicaSetSpec

    /// Creates the dashboard of a set. It shows others too, with this one's limits.
    public init(spec: ReplicaSetSpec) {
        self.spec = spec
    }

    /// The dashboard, as Grafana imports it: schema 39, of Grafana 11.
    public var json: JSONValue {
        var layout = Layout()
        layout.add(overview)
        for (title, gauges) in Self.rows {
            layout.addRow(title)
            layout.add(gauges.map(panel))
        }
        return [
            "title": "MongoDB replica sets", "uid": "replicakit", "tags": ["mongodb", "replicakit"],
            "schemaVersion": 39, "version": 1, "editable": true, "timezone": "browser", "refresh": "30s",
            "time": ["from": "now-6h", "to": "now"],
            "annotations": ["list": []], "templating": ["list": .array(variables)],
            "panels": .array(layout.panels),
        ]
    }

    /// The figures, in the rows that they stand in.
    static let rows: [(title: String, gauges: [Gauge])] = [
        (
            "Replication",
            [
                .lagSeconds, .majorityLagSeconds, .oplogWindowSeconds, .oplogProjectedSeconds, .oplogHeadroomSeconds,
                .oplogBytes, .oplogMaximumBytes,
            ]
        ),
        (
            "Clients",
            [
                .connections, .connectionsRatio, .readLatencySeconds, .writeLatencySeconds, .commandLatencySeconds,
                .scannedPerReturned, .queuedOperations, .readTickets, .writeTickets, .cursors, .longestOperationSeconds,
            ]
        ),
        ("Storage engine", [.cacheHitRatio, .cacheRatio, .cacheDirtyRatio]),
        (
            "Machine",
            [
                .cpuRatio, .memoryRatio, .diskRatio, .diskAvailableBytes, .diskLatencySeconds, .syncLatencySeconds,
                .clockSkewSeconds, .pingSeconds, .uptimeSeconds, .restarts, .certificateSeconds,
            ]
        ),
    ]

    // MARK: - Variables

    private var variables: [JSONValue] {
        [
            ["name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"],
            variable("set", "Set", "label_values(replicakit_member_up, set)", isMultiple: false),
            variable("member", "Member", #"label_values(replicakit_member_up{set="$set"}, member)"#, isMultiple: true),
        ]
    }

    private func variable(_ name: String, _ label: String, _ query: String, isMultiple: Bool) -> JSONValue {
        [
            "name": .string(name), "label": .string(label), "type": "query", "datasource": Self.source,
            "query": ["query": .string(query), "refId": .string(name)], "definition": .string(query), "refresh": 2,
            "sort": 1, "multi": .bool(isMultiple), "includeAll": .bool(isMultiple),
            // As a regular expression for all: members that come later are shown too.
            "allValue": .string(isMultiple ? ".*" : ""),
        ]
    }

    fileprivate static let source: JSONValue = ["type": "prometheus", "uid": "${datasource}"]

    // MARK: - Panels

    private var overview: [Panel] {
        let ofSet = #"{set="$set"}"#
        let good: [JSONValue] = [step("red", nil), step("green", 1)]
        return [
            Panel(
                title: "Primary",
                type: "stat",
                query: "replicakit_set_primary\(ofSet) == 1",
                legend: "{{member}}",
                width: 6,
                thresholds: good,
                options: ["textMode": "name", "colorMode": "background", "graphMode": "none"]
            ),
            Panel(
                title: "Members that answer",
                type: "stat",
                query: "replicakit_member_up\(ofSet)",
                legend: "{{member}}",
                width: 10,
                thresholds: good,
                options: ["textMode": "value_and_name", "colorMode": "background", "graphMode": "none"]
            ),
            Panel(
                title: "Majority of voters",
                type: "stat",
                query: "replicakit_set_majority_reachable\(ofSet)",
                legend: "answers",
                width: 4,
                thresholds: good,
                options: ["textMode": "value", "colorMode": "background", "graphMode": "none"]
            ),
            Panel(
                title: "Age of the last look",
                type: "stat",
                query: "time() - replicakit_last_look_timestamp_seconds\(ofSet)",
                legend: "age",
                unit: "s",
                width: 4,
                thresholds: [step("green", nil), step("orange", 60), step("red", 120)],
                options: ["textMode": "value", "colorMode": "background", "graphMode": "none"]
            ),
            Panel(
                title: "Findings",
                type: "table",
                query: "replicakit_finding\(ofSet) == 1",
                legend: "",
                width: 24,
                thresholds: [step("green", nil)],
                isTable: true
            ),
        ]
    }

    private func panel(_ gauge: Gauge) -> Panel {
        Panel(
            title: gauge.summary.dropLast() + "",
            type: "timeseries",
            query: "\(gauge.metricName){set=\"$set\",member=~\"$member\"}",
            legend: "{{member}}",
            unit: gauge.grafanaUnit,
            width: 12,
            thresholds: thresholds(gauge),
            showsThresholds: HealthThreshold.allCases.contains { $0.gauges.contains(gauge) }
        )
    }

    /// Green, orange and red, by the limits of the spec.
    private func thresholds(_ gauge: Gauge) -> [JSONValue] {
        guard let threshold = HealthThreshold.allCases.first(where: { $0.gauges.contains(gauge) }) else {
            return [step("green", nil)]
        }
        let limits = spec.health.limits(of: threshold)
        let steps: [(String, Double?)] =
            threshold.isFloor
            ? [("orange", limits.critical), ("green", limits.warning)]
            : [("orange", limits.warning), ("red", limits.critical)]
        let lowest = threshold.isFloor ? (limits.critical != nil ? "red" : "orange") : "green"
        return [step(lowest, nil)] + steps.compactMap { color, limit in limit.map { step(color, $0) } }
    }

    private func step(_ color: String, _ value: Double?) -> JSONValue {
        // A limit in percent, times 0.01, is not always the number that people would write.
        ["color": .string(color), "value": value.map { JSONValue(($0 * 1e9).rounded() / 1e9) } ?? .null]
    }
}

/// One panel of a dashboard.
private struct Panel {
    var title: String
    var type: String
    var query: String
    var legend: String
    var unit = "short"
    var width: Int
    var thresholds: [JSONValue]
    var options: JSONObject = [:]
    var showsThresholds = false
    var isTable = false

    func json(id: Int, x: Int, y: Int, height: Int) -> JSONValue {
        var custom: JSONObject = [:]
        if showsThresholds { custom["thresholdsStyle"] = ["mode": "dashed"] }
        return [
            "id": JSONValue(id), "type": .string(type), "title": .string(title), "datasource": GrafanaDashboard.source,
            "gridPos": ["x": JSONValue(x), "y": JSONValue(y), "w": JSONValue(width), "h": JSONValue(height)],
            "targets": [
                [
                    "refId": "A", "datasource": GrafanaDashboard.source, "expr": .string(query),
                    "legendFormat": .string(legend), "instant": .bool(isTable || type == "stat"),
                    "range": .bool(type == "timeseries"), "format": .string(isTable ? "table" : "time_series"),
                ]
            ],
            "fieldConfig": [
                "defaults": [
                    "unit": .string(unit), "custom": .object(custom),
                    "color": ["mode": .string(type == "timeseries" ? "palette-classic" : "thresholds")],
                    "thresholds": ["mode": "absolute", "steps": .array(thresholds)],
                ],
                "overrides": [],
            ],
            "options": .object(options),
        ]
    }
}

/// Puts panels side by side, and rows below each other.
private struct Layout {
    private(set) var panels: [JSONValue] = []
    private var y = 0

    mutating func addRow(_ title: String) {
        panels.append(
            [
                "id": JSONValue(panels.count + 1), "type": "row", "title": .string(title), "collapsed": false,
                "gridPos": ["x": 0, "y": JSONValue(y), "w": 24, "h": 1], "panels": [],
            ]
        )
        y += 1
    }

    mutating func add(_ group: [Panel]) {
        var x = 0
        let height = 8
        for panel in group {
            // A dashboard is 24 wide.
            if x + panel.width > 24 { (x, y) = (0, y + height) }
            panels.append(panel.json(id: panels.count + 1, x: x, y: y, height: height))
            x += panel.width
        }
        y += height
    }
}

extension Gauge {
    /// Its unit, as Grafana names it.
    fileprivate var grafanaUnit: String {
        if rawValue.hasSuffix("Seconds") { return "s" }
        if rawValue.hasSuffix("Bytes") { return "bytes" }
        return rawValue.hasSuffix("Ratio") ? "percentunit" : "short"
    }
}
