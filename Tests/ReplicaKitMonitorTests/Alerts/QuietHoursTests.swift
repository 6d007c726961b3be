import ReplicaKit
import Testing

@testable import ReplicaKitMonitor

@Suite("Quiet hours")
struct QuietHoursTests {
    private static func seconds(_ text: String) throws -> Double {
        Double(try #require(BSONDateTime(rfc3339: text)).milliseconds) / 1000
    }

    struct Case: Sendable {
        var hours: String
        var zone: String
        var now: String
        /// When they end; empty when it is not quiet.
        var end: String
    }

    @Test(
        "They are what the clock on the wall shows",
        arguments: [
            Case(hours: "22:00-07:00", zone: "UTC", now: "2026-01-06T21:59:59Z", end: ""),
            Case(hours: "22:00-07:00", zone: "UTC", now: "2026-01-06T22:00:00Z", end: "2026-01-07T07:00:00Z"),
            Case(hours: "22:00-07:00", zone: "UTC", now: "2026-01-07T06:59:59Z", end: "2026-01-07T07:00:00Z"),
            Case(hours: "22:00-07:00", zone: "UTC", now: "2026-01-07T07:00:00Z", end: ""),
            Case(hours: "12:00-13:30", zone: "UTC", now: "2026-01-07T12:15:00Z", end: "2026-01-07T13:30:00Z"),
            Case(hours: "22:00-07:00", zone: "Europe/Berlin", now: "2026-01-06T20:59:00Z", end: ""),
            Case(hours: "22:00-07:00", zone: "Europe/Berlin", now: "2026-01-06T21:00:00Z", end: "2026-01-07T06:00:00Z"),
            Case(hours: "22:00-07:00", zone: "Europe/Berlin", now: "2026-07-06T20:00:00Z", end: "2026-07-07T05:00:00Z"),
            // The night in which clocks go forward is an hour shorter, the other an hour longer.
            Case(hours: "22:00-07:00", zone: "Europe/Berlin", now: "2026-03-28T21:00:00Z", end: "2026-03-29T05:00:00Z"),
            Case(hours: "22:00-07:00", zone: "Europe/Berlin", now: "2026-10-24T20:00:00Z", end: "2026-10-25T06:00:00Z"),
            Case(
                hours: "20:00-06:30",
                zone: "America/New_York",
                now: "2026-03-08T01:00:00Z",
                end: "2026-03-08T10:30:00Z"
            ),
            // 02:30 comes twice: it is quiet until the first, and again from the second 02:00 on.
            Case(hours: "22:00-02:30", zone: "Europe/Berlin", now: "2026-10-25T00:15:00Z", end: "2026-10-25T00:30:00Z"),
            Case(hours: "22:00-02:30", zone: "Europe/Berlin", now: "2026-10-25T00:45:00Z", end: ""),
            Case(hours: "22:00-02:30", zone: "Europe/Berlin", now: "2026-10-25T01:10:00Z", end: "2026-10-25T01:30:00Z"),
            Case(hours: "09:00-17:00", zone: "Asia/Kolkata", now: "2026-01-06T03:30:00Z", end: "2026-01-06T11:30:00Z"),
        ]
    )
    func end(_ given: Case) throws {
        let parts = given.hours.split(separator: "-").map(String.init)
        let hours = AlertRoute.QuietHours(
            from: try #require(AlertRoute.TimeOfDay(parts[0])),
            to: try #require(AlertRoute.TimeOfDay(parts[1])),
            timeZone: given.zone
        )
        let end = hours.end(at: try Self.seconds(given.now)).map { BSONDateTime(seconds: $0).rfc3339 }
        #expect(end ?? "" == given.end)
    }

    @Test("An end that the clock leaves out is the moment after, found by looking again")
    func leftOut() throws {
        let hours = AlertRoute.QuietHours(
            from: .init(hour: 22),
            to: .init(hour: 2, minute: 30),
            timeZone: "Europe/Berlin"
        )
        var now = try Self.seconds("2026-03-29T00:45:00Z")
        var looks = 0
        while let end = hours.end(at: now), looks < 100 {
            #expect(end > now)
            (now, looks) = (end, looks + 1)
        }
        #expect(BSONDateTime(seconds: now).rfc3339 == "2026-03-29T01:00:00Z")
    }

    @Test("A zone that does not exist is refused, with the path")
    func unknownZone() throws {
        let hours = AlertRoute.QuietHours(from: .init(hour: 22), to: .init(hour: 7), timeZone: "Europe/Atlantis")
        let spec = AlertFixtures.spec([AlertFixtures.route("a"), AlertFixtures.route("b", quietHours: hours)])
        let error = #expect(throws: ReplicaKitError.self) { try AlertRouter(spec: spec, baseDirectory: "/nonexistent") }
        #expect(error?.code == .invalidSpec)
        #expect(error?.message.contains("alerts.routes[1].quietHours.timeZone") == true)
    }
}
