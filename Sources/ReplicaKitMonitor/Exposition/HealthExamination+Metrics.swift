public import ReplicaKit

extension HealthExamination {
    /// This one look as metrics, for collectors that read files or take what is pushed: the same families that the
    /// endpoint serves.
    ///
    /// - Parameter format: Prometheus's text, or OpenMetrics.
    public func metrics(_ format: MetricsFormat = .prometheusText) -> String {
        var record = SetRecord(name: report.set)
        _ = record.add(self)
        var exposition = Exposition()
        exposition.add(record, isStale: false)
        return exposition.text(format)
    }
}
