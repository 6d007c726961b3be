import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import rkctl

@Suite("Views of health") struct HealthViewTests {
    private static func report(_ findings: [Finding], values: [Gauge: Double] = [:]) -> HealthReport {
        let subject = Finding.Subject(name: "m1", host: MemberAddress(host: "10.0.0.1", port: 27017))
        let snapshot = ReplicaSetSnapshot(takenAt: BSONDateTime(milliseconds: 0), setName: "rs0", members: [])
        return HealthReport(
            findings: findings,
            unjudged: [.init(rule: "a.b", member: subject, why: "x"), .init(rule: "a.b", why: "x")],
            readings: [MemberReadings(member: subject, values: values)],
            status: ReplicaSetStatus(snapshot),
            tookSeconds: 0.012
        )
    }

    private static func finding(_ severity: Severity, _ member: String?, _ message: String = "it is | ill") -> Finding {
        Finding(
            rule: "member.answers",
            severity: severity,
            priority: .p1,
            member: member.map {
                Finding.Subject(name: MemberName(rawValue: $0), host: MemberAddress(host: "10.0.0.1", port: 27017))
            },
            message: message,
            remedy: "rkctl start"
        )
    }

    @Test("What is said of several members is said once")
    func groups() {
        let view = HealthView(report: Self.report([Self.finding(.critical, "m1"), Self.finding(.critical, "m2")]))
        let lines = view.lines(Paint(isOn: false), showsAll: true)
        #expect(lines.contains("✗ m1, m2: it is | ill  [P1 member.answers]"))
        #expect(lines.contains("  → rkctl start"))
        #expect(lines.contains("not judged: a.b: x (m1)"))
    }

    @Test("A plugin's line: status, worst finding, performance data with ranges; a bar in a message would end it")
    func nagios() {
        let report = Self.report(
            [Self.finding(.critical, "m1"), Self.finding(.unknown, "m2"), Self.finding(.info, nil)],
            values: [.lagSeconds: 0.25, .oplogProjectedSeconds: 90_000, .cacheHitRatio: 0.9876543, .connections: 5]
        )
        let lines = NagiosView(report: report, limits: HealthSpec()).lines
        #expect(
            lines == [
                "CRITICAL - m1: it is / ill (and 1 more) | 'm1_lagSeconds'=0.25s;10;60;0; "
                    + "'m1_oplogProjectedSeconds'=90000s;86400:;3600:;0; 'm1_cacheHitRatio'=98.76543%;95:;90:;0;100",
                "UNKNOWN: m2: it is / ill",
            ]
        )
        #expect(NagiosView.exitCode(of: report) == 2)
    }

    @Test("The guide has a row for every rule, with what it looks for and reads")
    func guide() throws {
        let path = RealServers.packageRoot + "/Documentation/health.md"
        let guide = try String(contentsOf: URL(filePath: path), encoding: .utf8)
        for rule in HealthRule.standard {
            let summary = rule.summary.split(separator: " (").first.map(String.init) ?? ""
            #expect(guide.contains("| `\(rule.id)` | \(summary)"), "\(rule.id)")
            #expect(guide.contains("| \(rule.source) |"), "\(rule.source)")
        }
    }

    @Test(
        "The exit code is that of the worst; what is only worth knowing is none",
        arguments: [
            ([], 0), ([.info], 0), ([.unknown, .info], 3), ([.unknown, .warning], 1), ([.warning, .critical], 2),
        ] as [([Severity], Int32)]
    )
    func exitCodes(severities: [Severity], code: Int32) {
        #expect(NagiosView.exitCode(of: Self.report(severities.map { Self.finding($0, "m1") })) == code)
    }
}
