import Foundation
import TestSupport
import Testing

@Suite("rkctl on a Docker engine", .dockerEngine(), .serialized)
struct DockerTests {
    @Test("From nothing to a set of containers, and back")
    func lifecycle() async throws {
        let engine = try DockerEngine.required()
        let name = "rk-tool-\(UInt16.random(in: .min ... .max))"
        try await ServerSlots.with(3) {
            try await Tool.with { tool in
                let environment = ["DOCKER_HOST": engine]
                func run(_ arguments: String...) async throws -> Tool.Result {
                    try await tool.run(arguments, environment: environment)
                }
                // A subnet of its own: other tests use the usual one at the same time.
                let made = try await run(
                    "spec",
                    "init",
                    "--docker",
                    "--name",
                    name,
                    "--image",
                    DockerEngine.image,
                    "--subnet",
                    "172.22.1.0/24"
                )
                #expect(made.status == 0, "\(made.error)")
                let plan = try await run("up", "--dry-run", "--json")
                let steps = try #require((plan.json()["plan"] as? [String: Any])?["steps"] as? [[String: Any]])
                #expect((steps[1]["command"] as? String)?.hasPrefix("docker start \(name)-m1") == true)
                let up = try await run("up")
                #expect(up.status == 0, "\(up.error)")
                #expect(try await run("check-write").status == 0)
                #expect(try await run("status").output.contains("172.22.1.10:27017"))
                #expect(try await run("logs", "m1", "-n", "2").output.split(separator: "\n").count == 2)
                #expect(try await run("stop", "m2").status == 0)
                #expect(try await run("start").status == 0)
                let down = try await run("down", "--volumes", "--yes")
                #expect(down.status == 0, "\(down.error)")
                #expect(try await run("up", "--dry-run", "--json").output.contains("createMembers"))
            }
        }
    }

    @Test("An engine that is not there is said with its path, and nothing is made")
    func missing() async throws {
        try await Tool.with { tool in
            let environment = ["DOCKER_HOST": "unix:///nowhere/docker.sock"]
            #expect(try await tool.run(["spec", "init", "--docker"], environment: environment).status == 0)
            let up = try await tool.run(["up", "--json"], environment: environment)
            #expect(up.status == 1 && up.output.contains("host.engineUnreachable"))
            #expect(up.output.contains("unix:///nowhere/docker.sock"))
            #expect(!FileManager.default.fileExists(atPath: tool.directory.appending(path: "secrets").path))
        }
    }
}
