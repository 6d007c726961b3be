import Foundation
import TestSupport
import Testing

@Suite("rkctl on real servers", .serialized, .realServers())
struct RealSetTests {
    @Test("From nothing to a set, and back")
    func lifecycle() async throws {
        try await RealSet.with { tool in
            let plan = try await tool.run("up", "--dry-run", "--json")
            #expect(plan.status == 0)
            let steps = try #require((plan.json()["plan"] as? [String: Any])?["steps"] as? [[String: Any]])
            #expect(steps.first?["kind"] as? String == "createMembers")
            let unmade = try await tool.run("status", "--json")
            #expect(unmade.status == 64 && unmade.output.contains("input.secretMissing"))

            let up = try await tool.run("up", "--json")
            #expect(up.status == 0, "\(up.output) \(up.error)")
            #expect(try up.json()["changed"] as? Bool == true)
            let again = try await tool.run("up", "--json")
            #expect(try again.status == 0 && again.json()["changed"] as? Bool == false)
            #expect(again.error.isEmpty)

            let check = try await tool.run("check-write", "--json")
            #expect(try check.status == 0 && (check.json()["writeSeconds"] as? Double ?? 0) > 0)
            let status = try await tool.run("status", "--json").json()
            let members = try #require(status["members"] as? [[String: Any]])
            #expect(status["majorityReachable"] as? Bool == true && status["primary"] is String)
            #expect(Set(members.compactMap { $0["state"] as? String }) == ["PRIMARY", "SECONDARY"])
            let text = try await tool.run("status")
            #expect(text.output.contains("PRIMARY") && !text.output.contains("\u{1B}"))

            let refused = try await tool.run("stop", "m1", "m2", "--json")
            #expect(refused.status == 2 && refused.output.contains("plan.refused"))
            let dry = try await tool.run("stop", "m1", "m2", "--dry-run", "--json")
            #expect(try dry.status == 2 && dry.json()["refusal"] is [String: Any])
            #expect(try await tool.run("stop", "m9").status == 64)
            let unconfirmed = try await tool.run("down", "--volumes")
            #expect(unconfirmed.status == 2 && unconfirmed.error.contains("--yes"))

            #expect(try await tool.run("stop", "m2", "--quiet").error.isEmpty)
            let partial = try await tool.run("status")
            #expect(partial.status == 0 && partial.output.contains("unreachable"))
            #expect(try await tool.run("start").status == 0)

            let log = try await tool.run("logs", "m1", "-n", "3")
            #expect(log.output.split(separator: "\n").count == 3)
            let history = try await tool.run("history", "--json").json()
            #expect((history["plans"] as? [[String: Any]])?.allSatisfy { $0["outcome"] as? String == "done" } == true)

            #expect(try await tool.run("stop").status == 0)
            let stopped = try await tool.run("status", "--json")
            #expect(stopped.status == 1 && stopped.output.contains("topology.noMemberReachable"))
        }
    }

    @Test("Following ends well at a signal, and says everything before it")
    func following() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            let watch = try await tool.run("status", "--watch", "0.1", "--json", untilLines: 3)
            #expect(watch.status == 0)
            for line in watch.output.split(separator: "\n") {
                let look = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                #expect(look?["set"] as? String == "rs0")
            }
            let log = try await tool.run("logs", "m1", "--follow", "-n", "5", untilLines: 5)
            #expect(log.status == 0)
        }
    }
}
