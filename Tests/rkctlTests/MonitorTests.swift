import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import rkctl

@Suite("rkctl monitor", .serialized)
struct MonitorTests {
    @Test(
        "An address to listen on is a host and a port",
        arguments: [
            ("127.0.0.1:9216", "127.0.0.1", 9216), ("localhost:0", "localhost", 0), ("[::1]:80", "::1", 80),
            ("0.0.0.0:65535", "0.0.0.0", 65535), ("::1:80", nil, 0), ("127.0.0.1", nil, 0), (":9216", nil, 0),
            ("h:65536", nil, 0), ("h:-1", nil, 0), ("h:x", nil, 0), ("", nil, 0), ("h:", nil, 0),
        ] as [(String, String?, Int)]
    )
    func address(text: String, host: String?, port: Int) {
        let address = ListenAddress(argument: text)
        #expect(address?.host == host)
        if host != nil { #expect(address?.port == port) }
    }

    @Test("Wrong options are refused before anything is opened")
    func refusals() async throws {
        try await Tool.with { tool in
            try tool.write(
                "name: rs0\nmembers: [{name: a, host: \"127.0.0.1:1\"}]\nruntime: {external: {}}\n"
                    + "security: {admin: {user: admin, password: {env: PATH}}}\n",
                to: "replicaset.yaml"
            )
            for (arguments, words) in [
                (["--interval", "0"], "--interval must be from 0.1"), (["--listen", "9216"], "listen"),
                (["--tls-certificate", "c.pem"], "go together"), (["--token-file", "none"], "none is not there"),
                (["replicaset.yaml", "replicaset.yaml"], "two of the sets are named rs0"),
                (["none.yaml"], "none.yaml"),
            ] {
                let result = try await tool.run(["monitor"] + arguments, environment: [:])
                #expect(result.status == 64, "\(arguments): \(result.error)")
                #expect(result.error.contains(words), "\(arguments): \(result.error)")
                #expect(result.output.isEmpty)
            }
        }
    }

    @Test("A member that is down is told to a route of the spec, and so is its return", .realServers())
    func alerts() async throws {
        try await ServerSlots.with(3) { try await RealSet.with(Self.tellAndTakeBack) }
    }

    private static func tellAndTakeBack(_ tool: Tool) async throws {
        let told = tool.directory.appending(path: "told.json")
        let spec = try String(contentsOf: tool.directory.appending(path: "replicaset.yaml"), encoding: .utf8)
        try tool.write(
            spec + "alerts:\n  resolveAfterSeconds: 1\n  routes:\n"
                + "    - {priorities: [P1], rules: [member.answers], command: [tee, -a, \(told.path)]}\n",
            to: "replicaset.yaml"
        )
        let up = try await tool.run("up")
        #expect(up.status == 0, "\(up.error)")
        let test = try await tool.run("monitor", "test-alert")
        #expect(test.status == 0, "\(test.output) \(test.error)")
        try FileManager.default.removeItem(at: told)

        #expect(try await tool.run("stop", "m3").status == 0)
        func text() -> String { (try? String(contentsOf: told, encoding: .utf8)) ?? "" }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(300)
        let monitor = ["monitor", "--interval", "0.2", "--listen", "127.0.0.1:0"]
        let down = try await tool.run(monitor) { clock.now > deadline || text().contains("firing") }
        #expect(down.status == 0, "\(down.error)")
        #expect(text().contains("m3") && text().contains("member.answers"), "\(text()) \(down.error)")
        // By another process: what was told stands in a file.
        #expect(try await tool.run("start").status == 0)
        let back = try await tool.run(monitor) { clock.now > deadline || text().contains("resolved") }
        #expect(back.status == 0 && text().contains("resolved"), "\(text()) \(back.error)")
    }

    @Test("A set without a backup is told to a route, and resolved when there is one", .realServers())
    func backups() async throws {
        try await ServerSlots.with(3) { try await RealSet.with(Self.tellOfBackups) }
    }

    private static func tellOfBackups(_ tool: Tool) async throws {
        let told = tool.directory.appending(path: "told.json")
        let spec =
            try String(contentsOf: tool.directory.appending(path: "replicaset.yaml"), encoding: .utf8)
            + "backup: {retentionDays: 7}\nalerts:\n  resolveAfterSeconds: 1\n  routes:\n"
            + "    - {priorities: [P1], rules: [backup.age], command: [tee, -a, \(told.path)]}\n"
        try tool.write(spec, to: "replicaset.yaml")
        #expect(try await tool.run("up").status == 0)
        func text() -> String { (try? String(contentsOf: told, encoding: .utf8)) ?? "" }
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(300)
        let port = try FreePorts.next()
        let monitor = ["monitor", "--interval", "0.2", "--listen", "127.0.0.1:\(port)"]
        // It serves until it was asked, however soon the route is told.
        let asked = tool.directory.appending(path: "asked").path
        async let missing = tool.run(monitor) {
            clock.now > deadline || text().contains("firing") && FileManager.default.fileExists(atPath: asked)
        }
        let messages = try await Judge.ask(
            """
            import json, time, urllib.request
            end, found = time.monotonic() + 120, []
            while not found and time.monotonic() < end:
                try:
                    status = json.load(urllib.request.urlopen(f"http://127.0.0.1:{input}/api/status", timeout=5))
                    report = status["sets"][0]["report"] or {"findings": []}
                    found = [f["message"] for f in report["findings"] if f["rule"] == "backup.age"]
                except OSError: pass
                time.sleep(0.05)
            result = found
            """,
            input: port,
            as: [String].self
        )
        #expect(messages == ["there is no backup"])
        try tool.write("", to: "asked")
        let ended = try await missing
        #expect(ended.status == 0 && text().contains("there is no backup"), "\(text()) \(ended.error)")

        #expect(try await tool.run("backup", "create").status == 0)
        // By another process: what was told stands in a file.
        let back = try await tool.run(monitor) { clock.now > deadline || text().contains("resolved") }
        #expect(back.status == 0 && text().contains("resolved"), "\(text()) \(back.error)")
        // What is old is for the spec to say.
        try tool.write(spec + "health: {backupAgeHours: {warning: 0.00001, critical: 0.0001}}\n", to: "replicaset.yaml")
        let health = try await tool.run("health", "--json").json()
        let findings = try #require(health["findings"] as? [[String: Any]])
        let age = try #require(findings.first { $0["rule"] as? String == "backup.age" })
        #expect((age["message"] as? String)?.hasPrefix("the newest good backup is 0 h old") == true)
        #expect(try await tool.run("health", "--rules").output.contains("backup.age"))
    }

    @Test("It tells changes of a real set one a line, and ends well at a signal", .realServers())
    func changes() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            async let monitor = tool.run(
                "monitor",
                "--json",
                "--interval",
                "0.2",
                "--listen",
                "127.0.0.1:0",
                untilLines: 2
            )
            #expect(try await tool.run("restart", "m3").status == 0)
            #expect(try await tool.run("failover", "--to", "m2").status == 0)
            let result = try await monitor
            #expect(result.status == 0)
            #expect(result.error.contains("serving http://127.0.0.1:"))
            for line in result.output.split(separator: "\n") {
                let event = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
                #expect(event["set"] as? String == "rs0")
                #expect(Set(event.keys) == ["set", "at", "event", "member", "host", "message", "details"])
            }
        }
    }
}
