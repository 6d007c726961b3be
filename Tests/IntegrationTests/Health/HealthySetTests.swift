import ReplicaKit
import TestSupport
import Testing

/// Sets with which nothing is wrong: health says so, whatever they do.
@Suite("Healthy sets", .serialized) struct HealthySetTests {
    @Test("just started, idle, and busy: nothing is wrong", .realServers(), arguments: RealServers.availableVersions)
    func nothing(version: String) async throws {
        try await ServerSlots.alone { try await Self.findsNothing(version: version) }
    }

    private static func findsNothing(version: String) async throws {
        try await LifecycleFixture.up(
            version: version,
            silencing: HealthRuleID.ofTheMachine,
            editing: { spec in
                if case .process(var runtime) = spec.runtime {
                    runtime.parameters = [:]
                    spec.runtime = .process(runtime)
                }
            }
        ) { fixture in
            let set = fixture.set
            var examination = try await set.examine()
            #expect(examination.report.troubles.isEmpty, examination.report.told)
            #expect(examination.report.status.primary != nil)

            // An idle primary writes an entry every ten seconds, and for a moment nobody else has it.
            for _ in 0..<60 {
                try await Task.sleep(for: .milliseconds(200))
                examination = try await set.examine(since: examination.look)
                #expect(examination.report.troubles.isEmpty, examination.report.told)
            }

            let (last, report) = try await IndependentWriter.during(try fixture.writer()) { [look = examination.look] in
                var examination = try await set.examine(since: look)
                for _ in 0..<12 {
                    try await Task.sleep(for: .milliseconds(500))
                    examination = try await set.examine(since: examination.look)
                    #expect(examination.report.troubles.isEmpty, examination.report.told)
                }
                return examination.report
            }
            #expect(report.majority.acknowledged > 100)
            // There were enough writes to judge how long they take.
            let primary = try #require(last.readings.first { $0.member.host == last.status.primary })
            #expect(primary.values[.writeLatencySeconds] != nil)
            #expect(primary.values[.connectionsRatio] != nil)
            #expect(last.readings.allSatisfy { $0.values[.lagSeconds] != nil && $0.values[.diskRatio] != nil })
        }
    }
}
