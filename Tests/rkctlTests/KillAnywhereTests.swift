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

    @Test("Once, at different moments", arguments: [150, 700, 1500, 3000])
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

    @Test("A rolling restart that is killed is resumed: no member twice, none left out")
    func restart() async throws {
        try await RealSet.with { tool in
            #expect(try await tool.run("up").status == 0)
            let before = try await processes(tool)
            _ = try await tool.run("restart", "--rolling", killedAfter: .milliseconds(2500))
            let between = try await processes(tool)
            var told: [String] = []
            // Longer each time: on a busy machine one member alone may take longer than the first.
            while true {
                let run = try await tool.run("resume", killedAfter: .milliseconds(6000 + 2000 * told.count))
                if run.status == 0 { break }
                told.append("\(run.status): \(run.output)\(run.error)")
                try #require(told.count < 10, Comment(rawValue: told.joined(separator: "\n----\n")))
            }
            let after = try await processes(tool)
            for (name, process) in after { #expect(process != before[name], "\(name)") }
            // What the first run restarted was not restarted again.
            for (name, process) in between where process != before[name] { #expect(after[name] == process, "\(name)") }
            #expect(try await tool.run("check-write").status == 0)
            #expect(try await tool.run("resume").status == 2)
        }
    }

    @Test("What is abandoned cannot be resumed, and the journal says so")
    func abandon() async throws {
        try await RealSet.with { tool in
            // On a busy machine it may not have begun after the first of these.
            for delay in [600, 1200, 2400] {
                _ = try await tool.run("up", killedAfter: .milliseconds(delay))
                let history = try await tool.run("history", "--json").json()
                if (history["plans"] as? [Any])?.isEmpty == false { break }
            }
            #expect(try await tool.run("abandon").status == 0)
            #expect(try await tool.run("resume").status == 2)
            #expect(try await tool.run("abandon").status == 2)
            let history = try await tool.run("history", "--json").json()
            let last = try #require((history["plans"] as? [[String: Any]])?.last)
            #expect(last["outcome"] as? String == "superseded")
            #expect(last["message"] as? String == "abandoned")
        }
    }

    /// The processes that run, by the names of their members.
    private func processes(_ tool: Tool) async throws -> [String: Int] {
        var processes: [String: Int] = [:]
        for member in ["m1", "m2", "m3"] {
            let path = tool.directory.appending(path: "data/\(member)/mongod.pid")
            processes[member] = (try? String(contentsOf: path, encoding: .utf8))
                .flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        }
        return processes
    }
}
