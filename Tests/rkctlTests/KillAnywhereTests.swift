import Foundation
import TestSupport
import Testing

/// Set-up, killed with SIGKILL wherever it is, and run again.
@Suite("Killed anywhere", .serialized, .realServers())
struct KillAnywhereTests {
    /// The set is what the spec says, by its own word and by that of the tool, and takes a majority write.
    private func expectComplete(_ tool: Tool) async throws {
        let again = try await tool.run("up", "--json")
        #expect(again.status == 0, "\(again.output)")
        let done = try await tool.run("up", "--json")
        #expect(try done.json()["changed"] as? Bool == false)
        let status = try await tool.run("status", "--json").json()
        let members = try #require(status["members"] as? [[String: Any]])
        #expect(members.compactMap { $0["votes"] as? Int } == [1, 1, 1])
        #expect(members.compactMap { $0["state"] as? String }.sorted() == ["PRIMARY", "SECONDARY", "SECONDARY"])
        #expect(try await tool.run("check-write").status == 0)
        let history = try await tool.run("history", "--json").json()
        let outcomes = try #require(history["plans"] as? [[String: Any]]).compactMap { $0["outcome"] as? String }
        #expect(!outcomes.contains("unfinished"), "\(outcomes)")
    }

    @Test("Once, at different moments", arguments: [150, 500, 900, 1300, 1800, 2400, 3200])
    func once(milliseconds: Int) async throws {
        try await RealSet.with { tool in
            _ = try await tool.run("up", killedAfter: .milliseconds(milliseconds))
            try await expectComplete(tool)
        }
    }

    @Test("Again and again, each time a little later")
    func againAndAgain() async throws {
        try await RealSet.with { tool in
            var kills = 0
            for attempt in 1...25 {
                let run = try await tool.run("up", killedAfter: .milliseconds(attempt * 150))
                if run.status == 0 { break }
                kills += 1
            }
            #expect(kills > 0)
            try await expectComplete(tool)
        }
    }

    @Test("A stop that is killed leaves a set that comes back")
    func stop() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            for delay in [100, 400, 800] {
                _ = try await tool.run("stop", killedAfter: .milliseconds(delay))
                let start = try await tool.run("start")
                #expect(start.status == 0, "\(start.error)")
                #expect(try await tool.run("check-write").status == 0)
            }
        }
    }
}
