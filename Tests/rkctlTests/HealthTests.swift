import Foundation
import TestSupport
import Testing

@Suite("rkctl health and diagnose", .serialized, .realServers())
struct HealthTests {
    private static let limits = """
        health:
          cpuPercent: {warning: 1000, critical: 1000}
          diskLatencyMilliseconds: {warning: 100000, critical: 100000}
          syncLatencyMilliseconds: {warning: 100000, critical: 100000}
          silence:
            - {rule: machine.disk, reason: shared with other tests}
            - {rule: machine.memory}

        """

    @Test("The exit code, the JSON and the plugin's line agree, for a set that is well, ill, and locked to us")
    func codes() async throws {
        try await RealSet.with { tool in
            let spec = try String(contentsOf: tool.directory.appending(path: "replicaset.yaml"), encoding: .utf8)
            try tool.write(spec + Self.limits, to: "replicaset.yaml")
            #expect(try await tool.run("up").status == 0)

            let text = try await tool.run("health", "--over", "1")
            #expect(text.status == 0, "\(text.output)")
            #expect(text.output.contains("rs0  ok  primary m1") && !text.output.contains("\u{1B}"))
            let json = try await tool.run("health", "--json")
            #expect(try json.status == 0 && json.json()["status"] as? String == "ok")
            let plugin = try await tool.run("health", "--format", "nagios")
            #expect(plugin.status == 0 && plugin.output.hasPrefix("OK - rs0: primary 127.0.0.1:"))
            #expect(plugin.output.contains("'m1_lagSeconds'=0s;10;60;0;"))

            let metrics = try await tool.run("health", "--format", "prometheus")
            #expect(metrics.status == 0 && metrics.output.contains("# TYPE replicakit_lag_seconds gauge\n"))
            #expect(metrics.output.contains("mongodb_up{rs_nm=\"rs0\""), "\(metrics.output)")

            #expect(try await tool.run("stop", "m3").status == 0)
            let ill = try await tool.run("health")
            #expect(ill.status == 2 && ill.output.contains("✗ m3: it is down"), "\(ill.output)")
            let document = try await tool.run("health", "--format", "json")
            #expect(try document.status == 2 && document.json()["status"] as? String == "critical")
            let line = try await tool.run("health", "--format", "nagios")
            #expect(line.status == 2 && line.output.hasPrefix("CRITICAL - m3: it is down"), "\(line.output)")
            let diagnosis = try await tool.run("diagnose", "--json", "--over", "0.2").json()
            let symptoms = try #require(diagnosis["symptoms"] as? [[String: Any]])
            #expect(symptoms.count == 7)
            #expect(symptoms.first { $0["symptom"] as? String == "member" }?["trouble"] as? Bool == true)
            let member = try await tool.run("diagnose", "member", "--over", "0.2")
            #expect(member.output.contains("its log: ") && member.output.contains("rkctl start"))

            // A password that is not the administrator's.
            let password = tool.directory.appending(path: "secrets/admin-password")
            try FileManager.default.removeItem(at: password)
            try tool.write("wrong", to: "secrets/admin-password")
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: password.path)
            let locked = try await tool.run("health", "--format", "nagios")
            #expect(locked.output.hasPrefix("CRITICAL - m3: it is down") && locked.output.contains("UNKNOWN: m1: "))
        }
    }

    @Test("What cannot be judged at all is unknown, in every form")
    func unknown() async throws {
        try await Tool.with { tool in
            let line = try await tool.run("health", "--format", "nagios")
            #expect(line.status == 3 && line.output.hasPrefix("UNKNOWN - "))
            let json = try await tool.run("health", "--json")
            #expect(try json.status == 3 && json.json()["error"] is [String: Any])
            #expect(try await tool.run("health").status == 3)
            #expect(try await tool.run("health", "--watch", "--over", "3").status == 64)
            #expect(try await tool.run("diagnose", "headache").status == 64)
        }
    }

    @Test("A limit or a silence that nothing has is a mistake of the spec, with its line")
    func spec() async throws {
        try await RealSet.with { tool in
            let spec = try String(contentsOf: tool.directory.appending(path: "replicaset.yaml"), encoding: .utf8)
            for (health, complaint) in [
                ("health: {lagSecond: {warning: 1}}", "did you mean \"lagSeconds\"?"),
                ("health: {lagSeconds: {warning: 60, critical: 10}}", "above"),
                ("health: {oplogWindowHours: {warning: 1, critical: 24}}", "below"),
                ("health: {silence: [{rule: machine.cpus}]}", "no rule is named \"machine.cpus\""),
                ("health: {silence: [{rule: machine, member: m9}]}", "no member is named \"m9\""),
                ("health: {silence: [{rule: machine, until: tomorrow}]}", "is no time with a zone"),
            ] {
                try tool.write(spec + health + "\n", to: "replicaset.yaml")
                let result = try await tool.run("spec", "validate")
                #expect(result.status == 64 && result.error.contains(complaint), "\(health): \(result.error)")
                #expect(result.error.contains("replicaset.yaml:7:"), "\(result.error)")
            }
            try tool.write(spec, to: "replicaset.yaml")
        }
    }
}
