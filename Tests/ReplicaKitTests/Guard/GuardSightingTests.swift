import Testing

@testable import ReplicaKit

/// What members say of a primary that does not answer a guard.
@Suite struct GuardSightingTests {
    /// Members tell of a heartbeat half a second before they answer.
    private func sighting(
        of number: Int = 0,
        silence: Duration,
        heartbeatMilliseconds: Int = 2000,
        _ edit: (inout FakeMember) -> Void = { _ in }
    ) throws -> Sighting? {
        var viewer = FakeMember.healthySet[1]
        edit(&viewer)
        let status = try ReplSetStatusReply(document: Shapes.status(viewer, members: FakeMember.healthySet))
        var spec = Views.spec()
        spec.settings.heartbeatIntervalMillis = heartbeatMilliseconds
        return GuardWatch.sighting(
            of: Shapes.address(number),
            among: status.sightings(by: viewer.address),
            silence: silence,
            in: try Views.config(spec)
        )
    }

    @Test func whoHadAHeartbeatSinceSpeaksForThePrimary() throws {
        let found = try #require(try sighting(silence: .milliseconds(1500)))
        #expect(found.witness == Shapes.address(1))
        #expect(found.member == Shapes.address(0))
    }

    @Test func aHeartbeatFromBeforeTheSilenceSaysNothing() throws {
        #expect(try sighting(silence: .milliseconds(400)) == nil)
    }

    /// Else one that hung a while after it fell silent would never be fenced.
    @Test func aHeartbeatThatWasNotFollowedByTheNextSaysNothing() throws {
        #expect(try sighting(silence: .seconds(60), heartbeatMilliseconds: 200) == nil)
        #expect(try sighting(silence: .seconds(60), heartbeatMilliseconds: 500) != nil)
    }

    @Test func whoTakesItForDownDoesNotSpeakForIt() throws {
        let found = try sighting(silence: .milliseconds(1500)) { $0.sees[0] = .down }
        #expect(found == nil)
    }

    @Test func nobodySpeaksForHimself() throws {
        #expect(try sighting(of: 1, silence: .milliseconds(1500)) == nil)
    }
}
