import Testing

@testable import ReplicaKit

@Suite("Causes in logs") struct DiagnosisTests {
    @Test("slow operations are put together by shape, and nothing of what clients sent is kept")
    func slow() {
        let line = #"""
            {"t":{"$date":"2026-11-24T10:00:00.000Z"},"s":"I","c":"COMMAND","id":51803,"ctx":"conn1","msg":"Slow query","attr":{"type":"command","ns":"shop.orders","command":{"find":"orders","filter":{"name":"Ada Lovelace"},"$db":"shop"},"planSummary":"COLLSCAN","docsExamined":20000,"nreturned":2,"queryHash":"1A2B","durationMillis":MS}}
            """#
        let lines = ["100", "300"].compactMap { MongodLogLine(line.replacing("MS", with: $0)) }
        #expect(lines.count == 2)
        let shapes = SlowOperations(lines).shapes
        #expect(shapes.count == 1)
        #expect(shapes[0].count == 2 && shapes[0].longestMilliseconds == 300 && shapes[0].totalMilliseconds == 400)
        #expect(shapes[0].scansCollection && shapes[0].kind == "find")
        #expect("\(shapes[0])".contains("40000 documents looked at for 4 returned"))
        #expect(!"\(shapes[0])".contains("Ada"))
    }

    @Test("failed logins are put together by user and origin; another member's keyfile is told apart")
    func logins() {
        func line(_ user: String, _ database: String, _ port: Int) -> String {
            #"{"t":{"$date":"2026-11-24T10:00:00.000Z"},"s":"I","c":"ACCESS","id":20249,"ctx":"conn1","msg":"Authentication failed","attr":{"mechanism":"SCRAM-SHA-256","principalName":"\#(user)","authenticationDatabase":"\#(database)","client":"10.0.0.9:\#(port)","result":"AuthenticationFailed: SCRAM authentication failed, storedKey mismatch"}}"#
        }
        let lines = [line("app", "admin", 1), line("app", "admin", 2), line("__system", "local", 3)]
        let entries = FailedLogins(lines.compactMap { MongodLogLine($0) }).entries
        #expect(entries.map(\.count) == [2, 1])
        #expect(entries[0].origin == "10.0.0.9" && !entries[0].isMember && entries[1].isMember)
        #expect("\(entries[1])".contains("keyfile"))
    }

    @Test("every finding belongs to a symptom, or is advice about the configuration or the server")
    func symptoms() {
        let homeless: Set<HealthRuleID> = [
            "config.hidden-voter", "config.one-machine", "config.write-concern", "server.asserts",
            "server.startup-warnings", "server.settings", "server.versions", "server.compatibility", "machine.clock",
            "server.certificate",
        ]
        for rule in HealthRule.standard.map(\.id) where !homeless.contains(rule) {
            let finding = Finding(rule: rule, severity: .warning, priority: .p2, message: "", remedy: "")
            #expect(Symptom.allCases.contains { $0.concerns(finding) }, "\(rule)")
        }
    }
}
