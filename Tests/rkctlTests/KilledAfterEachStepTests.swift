import Foundation
import TestSupport
import Testing

/// Procedures that are killed with SIGKILL as soon as a step is done, the first, the second and so on, each time on a set
/// where all of it is to do; and then gone on with, once by `resume` and once by the same command again.
@Suite("Killed after each step", .serialized, .realServers())
struct KilledAfterEachStepTests {
    /// - Parameters:
    ///   - command: The command, with all that it needs not to ask.
    ///   - prepare: Makes ready a set on which all of it is to do.
    ///   - isRepeatable: Whether the command has nothing to do on a set where it is done: a replacement would begin anew, and
    ///     a member that is gone cannot be named.
    ///   - check: What must be so once it is complete.
    private func eachStep(
        of command: [String],
        _ tool: Tool,
        isRepeatable: Bool = true,
        prepare: () async throws -> Void,
        check: () async throws -> Void
    ) async throws {
        for step in 1...12 {
            try await prepare()
            let run = try await tool.run(command, killedAfterStep: step)
            let told = Comment(rawValue: "\(command), step \(step):\n\(run.output)\(run.error)")
            // It had fewer steps than that, and came to its end.
            if run.status == 0 {
                #expect(step > 1, told)
                try await check()
                return
            }
            #expect(run.status == SIGKILL, told)
            if step.isMultiple(of: 2) {
                let again = try await tool.run(command, environment: [:])
                #expect(again.status == 0, "\(told)\nagain:\n\(again.output)\(again.error)")
            } else {
                let resumed = try await tool.run("resume", "--yes")
                // Nothing is left to resume where the last step was the one that it had done.
                let isDone = try await outcomes(tool).last == "done"
                #expect(resumed.status == 0 || isDone, "\(told)\nresume:\n\(resumed.output)\(resumed.error)")
                if isRepeatable || resumed.status != 0 {
                    // What is done beside the set itself, as to the spec, the command alone can do.
                    let again = try await tool.run(command, environment: [:])
                    #expect(again.status == 0, "\(told)\nafter resume:\n\(again.output)\(again.error)")
                }
            }
            try await check()
            #expect(try await !outcomes(tool).contains("unfinished"), told)
            #expect(try await tool.run("check-write").status == 0, told)
        }
        Issue.record("\(command) was never done")
    }

    private func outcomes(_ tool: Tool) async throws -> [String] {
        let history = try await tool.run("history", "--json").json()
        return try #require(history["plans"] as? [[String: Any]]).compactMap { $0["outcome"] as? String }
    }

    private func members(_ tool: Tool) async throws -> [String: String] {
        let list = try await tool.run("member", "list", "--json").json()
        return try #require(list["members"] as? [[String: Any]]).reduce(into: [:]) { members, member in
            let (name, state) = (member["name"] as? String ?? "?", member["state"] as? String ?? "none")
            members[name] = "\(state) \(member["votes"] as? Int ?? -1)"
        }
    }

    private func primary(_ tool: Tool) async throws -> String {
        try #require(try await members(tool).first { $0.value.hasPrefix("PRIMARY") }?.key)
    }

    private func succeed(_ tool: Tool, _ arguments: String...) async throws {
        let run = try await tool.run(arguments, environment: [:])
        try #require(run.status == 0, "\(arguments): \(run.output)\(run.error)")
    }

    @Test("A member is added, and removed")
    func membership() async throws {
        try await RealSet.with { tool in
            try await succeed(tool, "up")
            let port = try FreePorts.next()
            let add = ["member", "add", "m4", "--host", "127.0.0.1:\(port)"]
            let remove = ["member", "remove", "m4", "--volumes", "--yes"]
            try await eachStep(of: add, tool) {
                guard try await members(tool)["m4"] != nil else { return }
                #expect(try await tool.run(remove, environment: [:]).status == 0)
            } check: {
                let all = try await members(tool)
                #expect(all["m4"] == "SECONDARY 1")
            }
            try await eachStep(of: remove, tool, isRepeatable: false) {
                guard try await members(tool)["m4"] == nil else { return }
                #expect(try await tool.run(add, environment: [:]).status == 0)
            } check: {
                let all = try await members(tool)
                #expect(all.keys.sorted() == ["m1", "m2", "m3"])
                #expect(!FileManager.default.fileExists(atPath: tool.directory.appending(path: "data/m4").path))
            }
        }
    }

    @Test("A member is replaced, while the primary is another")
    func replacement() async throws {
        try await RealSet.with { tool in
            try await succeed(tool, "up")
            let name = try await primary(tool) == "m2" ? "m3" : "m2"
            var process: Int?
            try await eachStep(of: ["member", "replace", name, "--yes"], tool, isRepeatable: false) {
                process = try tool.process(of: name)
            } check: {
                let (all, now) = (try await members(tool), try tool.process(of: name))
                #expect(all[name] == "SECONDARY 1")
                #expect(now != process)
            }
        }
    }

    @Test("A primary is stopped, and the member started again; priorities change")
    func stopAndStart() async throws {
        try await RealSet.with { tool in
            try await succeed(tool, "up")
            var name = ""
            // Run again it would stop the primary of then: it names the one of before.
            for _ in 1...2 {
                name = try await primary(tool)
                let stopped = name
                try await eachStep(of: ["stop", stopped], tool) {
                    try await succeed(tool, "start")
                    if try await primary(tool) != stopped { try await succeed(tool, "failover", "--to", stopped) }
                } check: {
                    let now = try await primary(tool)
                    #expect(now != stopped)
                }
                try await eachStep(of: ["start"], tool) {
                    try await succeed(tool, "stop", stopped)
                } check: {
                    let all = try await members(tool)
                    #expect(all[stopped] == "SECONDARY 1")
                }
            }
            let other = try #require(["m1", "m2", "m3"].first { $0 != name })
            try await eachStep(of: ["failover", "--to", other], tool) {
                if try await primary(tool) == other { try await succeed(tool, "failover") }
            } check: {
                let now = try await primary(tool)
                #expect(now == other)
            }
        }
    }

    @Test("A set that lost its majority goes on by force, and gets its members back")
    func force() async throws {
        try await RealSet.with { tool in
            try await succeed(tool, "up")
            try await eachStep(of: ["failover", "--force", "--yes"], tool) {
                if try await members(tool).values.contains(where: { $0.hasSuffix(" 0") }) {
                    try await succeed(tool, "start")
                    try await succeed(tool, "apply")
                }
                let lost = [try await primary(tool), "m1", "m2", "m3"].reduce(into: [String]()) {
                    if !$0.contains($1) { $0.append($1) }
                }
                for name in lost.prefix(2) { kill(try #require(pid_t(exactly: tool.process(of: name) ?? 0)), SIGKILL) }
                // While heartbeats of the dead are recent it is refused.
                let deadline = ContinuousClock.now + .seconds(60)
                while try await tool.run("failover", "--force", "--dry-run").status != 0 {
                    try #require(ContinuousClock.now < deadline)
                }
            } check: {
                let states = try await members(tool).values.sorted()
                #expect(states.count { $0 == "PRIMARY 1" } == 1, "\(states)")
                #expect(states.count { $0.hasSuffix(" 0") } == 2, "\(states)")
            }
        }
    }
}

extension Tool {
    /// The process of a member, by its own file.
    fileprivate func process(of member: String) throws -> Int? {
        let path = directory.appending(path: "data/\(member)/mongod.pid")
        let text = try String(contentsOf: path, encoding: .utf8)
        return Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
