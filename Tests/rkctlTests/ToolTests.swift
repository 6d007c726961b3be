import Foundation
import Testing

@Suite("rkctl as a process")
struct ToolTests {
    @Test("A spec is written, checked and shown, and not overwritten")
    func spec() async throws {
        try await Tool.with { tool in
            let made = try await tool.run("spec", "init", "--members", "5", "--port", "30000")
            #expect(made.status == 0 && made.output.contains("replicaset.yaml") && made.error.isEmpty)
            #expect(try await tool.run("spec", "validate").status == 0)
            let shown = try await tool.run("spec", "show", "--json")
            let spec = try #require(try shown.json()["spec"] as? [String: Any])
            #expect((spec["members"] as? [[String: Any]])?.last?["host"] as? String == "127.0.0.1:30004")
            let again = try await tool.run("spec", "init")
            #expect(again.status == 2 && again.output.isEmpty)
            #expect(
                again.error.contains("error: ") && again.error.contains("hint: ") && !again.error.contains("\u{1B}")
            )
            #expect(try await tool.run("spec", "init", "--force", "--members", "1").status == 0)
            #expect(try await tool.run("spec", "show").output.contains("readPreference=secondary"))
        }
    }

    @Test("Errors are JSON on stdout when asked for, and the exit code says their kind")
    func errors() async throws {
        try await Tool.with { tool in
            func code(_ result: Tool.Result) throws -> String? {
                #expect(result.error.isEmpty)
                return (try result.json()["error"] as? [String: Any])?["code"] as? String
            }
            let missing = try await tool.run("spec", "validate", "--json")
            #expect(try missing.status == 64 && code(missing) == "input.fileUnreadable")
            try tool.write("name: rs0\nmembers: nothing\n", to: "replicaset.yaml")
            let wrong = try await tool.run("spec", "validate", "--json")
            #expect(try wrong.status == 64 && code(wrong) == "input.invalidSpec")
            #expect(wrong.output.contains("replicaset.yaml:2:10: members: expected a list, found nothing"))
            let zone = """
                name: rs0
                members: [{name: a, host: "127.0.0.1:27017"}]
                runtime: {external: {}}
                alerts:
                  routes:
                    - command: ["true"]
                      quietHours: {from: "22:00", to: "07:00",
                        timeZone: ZONE}
                """
            try tool.write(zone.replacingOccurrences(of: "ZONE", with: "Europe/Atlantis"), to: "zone.yaml")
            let nowhere = try await tool.run("spec", "validate", "--set", "zone.yaml")
            #expect(nowhere.status == 64 && nowhere.error.contains("zone.yaml:8:"), "\(nowhere.error)")
            #expect(nowhere.error.contains("no time zone \"Europe/Atlantis\""))
            try tool.write(zone.replacingOccurrences(of: "ZONE", with: "Europe/Berlin"), to: "zone.yaml")
            #expect(try await tool.run("spec", "validate", "--set", "zone.yaml").status == 0)
            let usage = try await tool.run("spec", "validate", "--timeout", "0", "--json")
            #expect(try usage.status == 64 && code(usage) == "input.invalidArgument")
            let refused = try await tool.run("spec", "init", "--json")
            #expect(try refused.status == 2 && code(refused) == "plan.refused")
            #expect(try await tool.run("spec", "validate", "--no-such-option").status == 64)
            #expect(try await tool.run("no-such-command").status == 64)
        }
    }

    @Test("Files that are no spec are refused by name")
    func files() async throws {
        try await Tool.with { tool in
            try tool.write(String(repeating: "# comment\n", count: 110_000), to: "huge.yaml")
            #expect(try await tool.run("spec", "validate", "--set", "huge.yaml").error.contains("larger than 1 MiB"))
            try Data("name: rs0\nmembers: \u{E9}".unicodeScalars.map { UInt8($0.value) })
                .write(to: tool.directory.appending(path: "latin1.yaml"))
            #expect(
                try await tool.run("spec", "validate", "--set", "latin1.yaml").error.contains(
                    "latin1.yaml:2: the line is not"
                )
            )
            #expect(try await tool.run("spec", "validate", "--set", ".").error.contains("is a directory"))
            #expect(try await tool.run("spec", "validate", "--set", "absent.yaml").error.contains("rkctl spec init"))
            try tool.write("\u{FEFF}name: rs0\nmembers: [{name: a, host: localhost}]", to: "bom.yaml")
            #expect(try await tool.run("spec", "validate", "--set", "bom.yaml").status == 0)
        }
    }

    @Test("The spec is found by option, then environment, then name")
    func specPath() async throws {
        try await Tool.with { tool in
            for name in ["one", "two", "replicaset"] {
                try await tool.run("spec", "init", "--name", name, "--members", "1", "--output", "\(name).yaml")
            }
            func name(_ result: Tool.Result) throws -> String? { try result.json()["set"] as? String }
            let environment = ["RKCTL_SET": "two.yaml"]
            #expect(try await name(tool.run("spec", "validate", "--json")) == "replicaset")
            #expect(try await name(tool.run("spec", "validate", "--json", environment: environment)) == "two")
            #expect(
                try await name(tool.run("spec", "validate", "--json", "--set", "one.yaml", environment: environment))
                    == "one"
            )
        }
    }

    @Test("Servers that someone else runs keep their names where they tell them apart")
    func external() async throws {
        try await Tool.with { tool in
            try await tool.run("spec", "init", "--external", "db1.example:27017", "db2.example", "--output", "a.yaml")
            #expect(try await tool.run("spec", "show", "--set", "a.yaml").output.contains("name: db2"))
            try await tool.run("spec", "init", "--external", "10.0.0.1", "10.0.0.2", "--output", "b.yaml")
            #expect(try await tool.run("spec", "show", "--set", "b.yaml").output.contains("name: m2"))
            #expect(try await tool.run("spec", "init", "--external", "a:b", "--output", "c.yaml").status == 64)
        }
    }

    @Test(
        "Version, help and completion scripts",
        arguments: ["--version", "--help", "--generate-completion-script=bash"]
    )
    func information(argument: String) async throws {
        try await Tool.with { tool in
            let result = try await tool.run(argument)
            #expect(result.status == 0 && !result.output.isEmpty && result.error.isEmpty)
        }
    }
}
