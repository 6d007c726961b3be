import Testing

@testable import ReplicaKit

@Suite("Alerts in the spec")
struct AlertsSpecTests {
    private static func problems(_ routes: [AlertRoute], resolveAfterSeconds: Double = 60) -> [String] {
        ReplicaSetSpec(
            name: "rs0",
            members: [MemberSpec(name: "m1", host: MemberAddress(host: "127.0.0.1", port: 27017))],
            alerts: AlertsSpec(routes: routes, resolveAfterSeconds: resolveAfterSeconds)
        ).problems().map(\.description)
    }

    private static func mail(_ change: (inout AlertReceiver.Email) -> Void = { _ in }) -> AlertRoute {
        var email = AlertReceiver.Email(smtp: "mail:2525", from: "a@b.c", to: ["d@e.f"])
        change(&email)
        return AlertRoute(receiver: .email(email))
    }

    @Test("Good routes have no problems")
    func good() {
        let first = AlertRoute(receiver: .command(["page"]), escalation: .init(afterMinutes: 15, to: "boss"))
        let boss = AlertRoute(name: "boss", priorities: [], receiver: .slack(.init(url: .env("URL"))))
        #expect(Self.problems([first, boss, Self.mail()]) == [])
    }

    @Test("Each problem is found, at its path")
    func bad() {
        let loop = [
            AlertRoute(name: "a", receiver: .command(["x"]), escalation: .init(afterMinutes: 1, to: "b")),
            AlertRoute(name: "b", receiver: .command(["x"]), escalation: .init(afterMinutes: 1, to: "a")),
        ]
        let cases: [(found: [String], problem: String)] = [
            (Self.problems(loop), "alerts.routes[0].escalate.to: it leads back to \"a\""),
            (
                Self.problems([AlertRoute(priorities: [], receiver: .command(["x"]))]),
                "alerts.routes[0].priorities: it wants none, and no route escalates to it"
            ),
            (Self.problems([Self.mail(), Self.mail()]), "alerts.routes[1].name: another route is named \"email\" too"),
            (
                Self.problems([Self.mail { $0.to = ["x@y>\r\nBcc: z@z"] }]),
                #"alerts.routes[0].email.to[0]: "x@y>\r\nBcc: z@z" is no address, such as name@example.com"#
            ),
            (
                Self.problems([Self.mail { ($0.user, $0.password, $0.encryption) = ("u", .env("P"), .none) }]),
                "alerts.routes[0].email.encryption: a password is not sent without encryption"
            ),
            (
                Self.problems([Self.mail { $0.smtp = "a b" }]),
                #"alerts.routes[0].email.smtp: "a b" is no host or host:port"#
            ),
            (
                Self.problems([AlertRoute(receiver: .command([]))]),
                "alerts.routes[0].command: give a program, and its arguments"
            ),
            (
                Self.problems([AlertRoute(members: ["m9"], receiver: .command(["x"]))]),
                "alerts.routes[0].members: there is no member named \"m9\""
            ),
            (Self.problems([], resolveAfterSeconds: -1), "alerts.resolveAfterSeconds: -1.0 is not from 0 to 86400"),
        ]
        for (found, problem) in cases { #expect(found.contains(problem), "\(found)") }
    }

    @Test("A spec with routes reads back as it was written, and no form of a route holds a secret")
    func roundTrip() throws {
        let hours = AlertRoute.QuietHours(
            from: .init(hour: 22),
            to: .init(hour: 7, minute: 5),
            timeZone: "Europe/Berlin"
        )
        let alerts = AlertsSpec(
            routes: [
                AlertRoute(receiver: .webhook(.init(url: .env("U"), authorization: .file("f"))), quietHours: hours),
                AlertRoute(receiver: .pagerDuty(.init(routingKey: .env("K"))), timeoutSeconds: 2.5),
                AlertRoute(receiver: .slack(.init(url: .file("s")))), Self.mail(),
                AlertRoute(receiver: .command(["a", "b"]), escalation: .init(afterMinutes: 5, to: "slack")),
            ]
        )
        #expect(try BSONDecoder().decode(AlertsSpec.self, from: BSONEncoder().encode(alerts)) == alerts)
        let text = try BSONDocument(extendedJSON: #"{"routes": [{"slack": {"url": "https://secret"}}]}"#)
        #expect(throws: (any Error).self) { try BSONDecoder().decode(AlertsSpec.self, from: text) }
        let two = try BSONDocument(extendedJSON: #"{"routes": [{"command": ["x"], "slack": {"url": {"env": "U"}}}]}"#)
        #expect(throws: (any Error).self) { try BSONDecoder().decode(AlertsSpec.self, from: two) }
    }

    @Test(
        "Mail servers are named with and without a port",
        arguments: [
            ("mail", "mail", 587), ("mail:25", "mail", 25), ("[::1]:2525", "::1", 2525), ("[::1]", "::1", 587),
        ]
    )
    func server(text: String, host: String, port: Int) throws {
        let server = try #require(AlertReceiver.Email(smtp: text, from: "a@b", to: []).server)
        #expect(server.host == host && server.port == port)
    }
}
