import ReplicaKit
import ReplicaKitMonitor
import Testing

@Suite("Names of metrics")
struct MetricNameTests {
    @Test("Each is sound, and no two are the same")
    func sound() throws {
        let names = Gauge.allCases.map(\.metricName)
        #expect(Set(names).count == names.count)
        for name in names { #expect(name.wholeMatch(of: /replicakit_[a-z0-9]+(_[a-z0-9]+)*/) != nil, "\(name)") }
        #expect(Gauge.lagSeconds.metricName == "replicakit_lag_seconds")
    }
}
