import Testing

@testable import ReplicaKit

@Suite("Health rules") struct HealthRuleTests {
    @Test("a healthy set: nothing")
    func healthy() async throws {
        let report = try await HealthReport.of(FakeMember.healthySet)
        #expect(report.findings.filter { $0.severity > .info }.isEmpty, "\(report.told)")
        #expect(report.worst == nil)
        #expect(report.unjudged.contains { $0.rule == "latency.reads" && $0.why == "a rate needs a second look" })
    }

    @Test("every rule has a name of its own, and says what it looks for and where")
    func names() {
        let rules = HealthRule.standard
        #expect(Set(rules.map(\.id)).count == rules.count)
        for rule in rules {
            #expect(!rule.summary.isEmpty && !rule.source.isEmpty, "\(rule.id)")
            #expect(rule.id.rawValue.wholeMatch(of: /[a-z]+\.[a-z0-9-]+/) != nil, "\(rule.id)")
        }
    }

    @Test("two members that say they are the primary: the older claim is stale, and critical when it lasts")
    func claims() async throws {
        var members = FakeMember.healthySet
        members[2].state = .primary
        members[2].term = members[0].term - 1
        var report = try await HealthReport.of(members)
        var finding = try #require(report.findings.first { $0.rule == "primary.claims" })
        #expect(finding.severity == .warning && finding.member?.name == "c")
        report = try await HealthReport.of(members, before: try await .of(members))
        finding = try #require(report.findings.first { $0.rule == "primary.claims" })
        #expect(finding.severity == .critical && finding.priority == .p0)
    }

    @Test("a clock that differs by more than the network explains")
    func clock() async throws {
        let report = try await HealthReport.of(FakeMember.healthySet) { snapshot in
            snapshot.members[1].edit { $0.clockSkewSeconds = -90 }
        }
        let finding = try #require(report.findings.first { $0.rule == "machine.clock" })
        #expect(finding.severity == .critical && finding.member?.name == "b")
        #expect(finding.evidence.first == .init("clockSkewSeconds", 90.0))
    }

    @Test(
        "what the host sees of a member that does not answer",
        arguments: [
            (.stopped(.signal(9)), "killed by signal 9"), (.stopped(.code(14)), "exit code 14"),
            (.absent, "never made"),
            (.running(MemberProcess(identity: "12")), "runs and cannot be reached"), (.unknown, "cannot be reached"),
        ] as [(MemberProcessState, String)]
    )
    func down(process: MemberProcessState, text: String) async throws {
        var members = FakeMember.healthySet
        members[1].behaviour = .refuses
        let report = try await HealthReport.of(members, processes: ["b": process])
        let finding = try #require(report.findings.first { $0.rule == "member.answers" })
        #expect(finding.severity == .critical && finding.message.contains(text), "\(finding.message)")
        #expect(report.findings.contains { $0.rule == "quorum.margin" })
        #expect(report.findings.first?.severity == .critical, "worst first")
    }

    @Test("a member that refuses us is unknown, not down")
    func refused() async throws {
        var members = FakeMember.healthySet
        members[1].behaviour = .refusesLogin
        let report = try await HealthReport.of(members)
        #expect(report.worst == .unknown, "\(report.told)")
        #expect(report.findings.first?.rule == "member.login")
    }

    @Test("silenced findings are kept apart, for one member or a family, until their time")
    func silence() async throws {
        var members = FakeMember.healthySet
        members[1].behaviour = .refuses
        let now = try await HealthLook.of(members).snapshot.takenAt
        func report(_ silence: HealthSpec.Silence) async throws -> HealthReport {
            try await .of(members, health: HealthSpec(silence: [silence]))
        }
        #expect(try await report(.init(rule: "member")).silenced.map(\.rule) == ["member.answers"])
        #expect(try await report(.init(rule: "member.answers", member: "a")).silenced.isEmpty)
        let past = BSONDateTime(milliseconds: now.milliseconds - 1)
        #expect(try await report(.init(rule: "member.answers", until: past)).silenced.isEmpty)
        let future = BSONDateTime(milliseconds: now.milliseconds + 600_000)
        #expect(try await report(.init(rule: "member.answers", member: "b", until: future)).silenced.count == 1)
        #expect(try await report(.init(rule: "mem")).silenced.isEmpty, "a family ends at a dot")
    }

    @Test("rules of one's own are asked like the others")
    func own() async throws {
        let rule = HealthRule("team.names", looksFor: "short names", in: "the spec") { context in
            context.members.map {
                Finding(
                    rule: "team.names",
                    severity: .warning,
                    priority: .p3,
                    member: $0.subject,
                    message: "short",
                    remedy: "none"
                )
            }
        }
        let look = try await HealthLook.of(FakeMember.healthySet)
        let report = HealthExaminer(spec: .of(FakeMember.healthySet), rules: [rule]).report(on: look)
        #expect(report.findings.compactMap(\.member?.name) == ["a", "b", "c"])
    }

    @Test("the report as JSON: all keys, in order, and the status in a word")
    func json() async throws {
        var members = FakeMember.healthySet
        members[1].behaviour = .refuses
        let document = try BSONEncoder().encode(try await HealthReport.of(members))
        #expect(
            document.keys == [
                "set", "status", "findings", "silenced", "unjudged", "readings", "takenAt", "tookSeconds",
            ]
        )
        #expect(document["status"] == "critical")
        let finding = document[path: "findings", "0"]?.documentValue
        #expect(
            finding?.keys == ["rule", "severity", "priority", "member", "host", "message", "evidence", "remedy"]
        )
        #expect(finding?["member"] == "b")
    }
}
