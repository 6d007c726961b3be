import ReplicaKit

/// Families of metrics, with their samples, as Prometheus takes them. A value: what it holds is known before it is
/// written.
struct Exposition: Sendable {
    private var families: [Metric: [Sample]] = [:]

    /// One value.
    struct Sample: Sendable, Hashable {
        /// What follows the family's name, such as `_bucket`.
        var suffix: String
        var labels: [Label]
        var value: Double
    }

    /// A label's name and value.
    struct Label: Sendable, Hashable {
        var name: String
        var value: String

        init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Adds a sample. What is unknown is left out: it is not 0.
    mutating func add(_ metric: Metric, _ labels: [Label], _ value: Double?, suffix: String = "") {
        guard let value else { return }
        families[metric, default: []].append(Sample(suffix: suffix, labels: labels, value: value))
    }

    /// Adds a sample unless one with the same labels is there: a series may appear only once.
    mutating func add(once metric: Metric, _ labels: [Label], _ value: Double) {
        guard families[metric, default: []].allSatisfy({ $0.labels != labels }) else { return }
        add(metric, labels, value)
    }

    /// All of it as text. Families come in the order of their names, as neither format lets one be interrupted.
    func text(_ format: MetricsFormat) -> String {
        var text = ""
        for (metric, samples) in families.sorted(by: { $0.key.name < $1.key.name }) {
            // A counter is named without its suffix in OpenMetrics, and with it in the older format.
            let total = metric.kind == .counter ? "_total" : ""
            let family = metric.name + (format == .openMetrics ? "" : total)
            text += "# HELP \(family) \(format.escapedHelp(metric.help))\n# TYPE \(family) \(metric.kind.rawValue)\n"
            for sample in samples {
                text += metric.name + total + sample.suffix
                if !sample.labels.isEmpty {
                    let labels = sample.labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
                    text += "{" + labels.joined(separator: ",") + "}"
                }
                text += " \(Self.number(sample.value))\n"
            }
        }
        return format == .openMetrics ? text + "# EOF\n" : text
    }

    private static func escaped(_ value: String) -> String {
        var text = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n": text += "\\n"
            default: text.unicodeScalars.append(character)
            }
        }
        return text
    }

    /// Whole numbers without a point, as every reader takes them.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        if let whole = Int64(exactly: value), abs(whole) < 1 << 53 { return String(whole) }
        return "\(value)"
    }
}

/// A family of metrics.
struct Metric: Sendable, Hashable {
    /// Its name; of a counter without `_total`.
    let name: String
    let kind: Kind
    let help: String

    enum Kind: String, Sendable {
        case gauge, counter, histogram
    }

    init(_ name: String, _ kind: Kind, _ help: String) {
        self.name = name
        self.kind = kind
        self.help = help
    }
}

/// A format of metrics.
public enum MetricsFormat: Sendable, Hashable {
    /// Prometheus's text format, version 0.0.4.
    case prometheusText
    /// OpenMetrics, version 1.0.0.
    case openMetrics

    /// Chooses by an HTTP `Accept` header: OpenMetrics where it is named and nothing else is preferred to it.
    public init(accepting header: String) {
        var weights: [String: Double] = [:]
        for range in header.lowercased().split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { !$0.isWhitespace } }
            guard let type = parts.first else { continue }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            weights[type] = max(weights[type] ?? 0, weight)
        }
        let wanted = weights["application/openmetrics-text"] ?? 0
        let text = weights["text/plain"] ?? weights["text/*"] ?? 0
        self = wanted > 0 && wanted >= text ? .openMetrics : .prometheusText
    }

    /// The `Content-Type` of an answer in it.
    public var contentType: String {
        switch self {
        case .prometheusText: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// Help is one line; OpenMetrics escapes quotes in it too.
    fileprivate func escapedHelp(_ help: String) -> String {
        let text = help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
        return self == .openMetrics ? text.replacing("\"", with: "\\\"") : text
    }
}
