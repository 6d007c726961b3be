import Foundation
import TestSupport
import Testing

/// Members that come, change and go, on real servers, as a person does it.
@Suite("Membership", .serialized, .realServers())
struct MembershipTests {
    private func members(_ tool: Tool) async throws -> [String: [String: Any]] {
        let list = try await tool.run("member", "list", "--json").json()
        let members = try #require(list["members"] as? [[String: Any]])
        return Dictionary(uniqueKeysWithValues: members.map { ($0["name"] as? String ?? "?", $0) })
    }

    private func text(_ tool: Tool) throws -> String {
        try String(contentsOf: tool.directory.appending(path: "replicaset.yaml"), encoding: .utf8)
    }

    @Test("A primary is kept out while it is worked on, and let back in, however often it was taken out")
    func maintenance() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            let out = try await tool.run("member", "maintain", "m1", "--json")
            #expect(out.status == 0, "\(out.output)")
            #expect(try await members(tool)["m1"]?["state"] as? String == "RECOVERING")
            #expect(try await tool.run("check-write").status == 0)
            #expect(try await tool.run("member", "maintain", "m1", "--json").json()["changed"] as? Bool == false)
            let back = try await tool.run("member", "maintain", "m1", "--end")
            #expect(back.status == 0, "\(back.error)")
            #expect(try await members(tool)["m1"]?["state"] as? String == "SECONDARY")
        }
    }

    @Test("A member is added, changed, replaced and removed, and the spec follows")
    func wholeLife() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            let before = try text(tool)
            let port = try FreePorts.next()

            let add = try await tool.run("member", "add", "m4", "--host", "127.0.0.1:\(port)", "--tag", "dc=east")
            #expect(add.status == 0, "\(add.error)")
            #expect(add.error.contains("4 voting members"))
            #expect(try text(tool).contains("name: m4"))
            var all = try await members(tool)
            #expect(all["m4"]?["state"] as? String == "SECONDARY")
            #expect(all["m4"]?["votes"] as? Int == 1)
            #expect(all["m4"]?["tags"] as? [String: String] == ["dc": "east"])

            let change = try await tool.run("member", "set", "m4", "--hidden", "--votes", "0", "--tag", "dc=")
            #expect(change.status == 0, "\(change.error)")
            all = try await members(tool)
            #expect(all["m4"]?["hidden"] as? Bool == true)
            #expect(all["m4"]?["votes"] as? Int == 0)
            #expect(all["m4"]?["priority"] as? Double == 0)
            #expect((all["m4"]?["tags"] as? [String: String])?.isEmpty == true)
            #expect(all.values.allSatisfy { ($0["differences"] as? [String])?.isEmpty == true })
            #expect(try await tool.run("apply", "--json").json()["changed"] as? Bool == false)

            let replace = try await tool.run("member", "replace", "m2", "--yes", "--json")
            #expect(replace.status == 0, "\(replace.output)")
            all = try await members(tool)
            #expect(all["m2"]?["votes"] as? Int == 1)
            #expect(all["m2"]?["priority"] as? Double == 1)
            #expect(all["m2"]?["state"] as? String == "SECONDARY")

            let remove = try await tool.run("member", "remove", "m4", "--volumes", "--yes")
            #expect(remove.status == 0, "\(remove.error)")
            #expect(try text(tool) == before)
            #expect(!FileManager.default.fileExists(atPath: tool.directory.appending(path: "data/m4").path))
            #expect(try await members(tool).count == 3)
            #expect(try await tool.run("check-write").status == 0)
        }
    }

    @Test("The primary hands its role over before it loses its priority, and before it is removed")
    func primary() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            let primary = try #require(try await members(tool).first { $0.value["state"] as? String == "PRIMARY" }?.key)
            #expect(try await tool.run("member", "set", primary, "--priority", "0").status == 0)
            let all = try await members(tool)
            #expect(all[primary]?["state"] as? String == "SECONDARY")
            let second = try #require(all.first { $0.value["state"] as? String == "PRIMARY" }?.key)
            // Of the two that are left one can be elected.
            let remove = try await tool.run("member", "remove", second)
            #expect(remove.status == 0, "\(remove.error)")
            #expect(FileManager.default.fileExists(atPath: tool.directory.appending(path: "data/\(second)").path))
            #expect(try await tool.run("check-write").status == 0)
            let third = try #require(["m1", "m2", "m3"].first { $0 != primary && $0 != second })
            let refused = try await tool.run("member", "remove", third, "--json")
            #expect(refused.status == 2)
            #expect(try await members(tool).count == 2)
            // And it comes back with what it has, as a former member.
            let port = try #require(all[second]?["host"] as? String)
            let back = try await tool.run("member", "add", second, "--host", port)
            #expect(back.status == 0, "\(back.error)")
            #expect(try await members(tool)[second]?["votes"] as? Int == 1)
        }
    }

    @Test("What a set would refuse leaves set and spec as they were")
    func refusals() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            let before = try text(tool)
            let cases = [
                ["member", "set", "m1", "--hidden", "--priority", "1"], ["member", "set", "nobody", "--votes", "0"],
                ["member", "add", "m1", "--host", "127.0.0.1:1"], ["member", "add", "m9"],
                ["member", "add", "m9", "--host", "no:such:host"], ["member", "remove", "nobody"],
                ["member", "set", "m1"], ["member", "set", "m1", "--votes", "2"],
                ["member", "set", "m1", "--tag", "=x"],
            ]
            for arguments in cases {
                let run = try await tool.run(arguments, environment: [:])
                #expect(run.status != 0, "\(arguments)")
                #expect(try text(tool) == before, "\(arguments)")
            }
            #expect(try await tool.run("apply", "--json").json()["changed"] as? Bool == false)
        }
    }
}
