import ReplicaKit
import TestSupport
import Testing

@Suite(.serialized) struct SetUpTests {
    @Test(.realServers(), arguments: RealServers.availableVersions)
    func fromNothing(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            var events: [PlanEvent] = []
            let (stream, sink) = AsyncStream<PlanEvent>.makeStream()
            let found = try await fixture.set.apply(.up, events: { sink.yield($0) })
            sink.finish()
            for await event in stream { events.append(event) }
            let log = EventLog()
            for event in events { await log.add(event) }
            #expect(found != nil)
            print(await log.lines.joined(separator: "\n"))
        }
    }
}
