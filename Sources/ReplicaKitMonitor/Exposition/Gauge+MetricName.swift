public import ReplicaKit

extension Gauge {
    /// The name of the metric: `replicakit_` and the gauge's name with underscores, such as `replicakit_lag_seconds`.
    public var metricName: String {
        var name = "replicakit_"
        for letter in rawValue {
            if letter.isUppercase { name += "_" }
            name += letter.lowercased()
        }
        return name
    }
}
