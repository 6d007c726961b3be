import ReplicaKit
import ReplicaKitTesting
import TestSupport
import Testing

@testable import ReplicaKitDocker

@Suite("Looking into containers", .dockerEngine(), .serialized)
struct InspectionTests {
    @Test("Conformance", arguments: MemberHostConformance.inspectionChecks)
    func check(_ check: MemberHostConformance.Check) async throws {
        try await Containers.with { containers in
            try await check.run(.init(host: containers.host, member: "a", keyFile: containers.keyFile))
        }
    }

    @Test("What others do with a container is told, with the signal and the exit code, and the past on request")
    func foreignHands() async throws {
        try await Containers.with { containers in
            let (host, name) = (containers.host, try containers.runtime.container(of: containers.spec.members[0]))
            try await host.create("a", keyFile: containers.keyFile)
            try await host.start("a")
            var events = try await host.events(since: nil).makeAsyncIterator()
            try await Containers.docker("pause", name)
            let paused = try await events.next()
            #expect(paused?.kind == .paused)
            try await Containers.docker("unpause", name)
            #expect(try await events.next()?.kind == .unpaused)
            try await Containers.docker("kill", name)
            #expect(try await events.next()?.kind == .killed(signal: 9))
            #expect(try await events.next()?.kind == .died(.signal(9)))

            var again = try await host.events(since: paused?.time).makeAsyncIterator()
            let first = try await again.next()
            #expect(first == paused)
            #expect(try await again.next()?.kind == .unpaused)
        }
    }

    @Test("A health check is followed")
    func health() async throws {
        let name = "rk-health-\(UInt32.random(in: .min ... .max))"
        try await Containers.with {
            $0.members[0].docker.container = name
        } _: { containers in
            try await Containers.docker(
                "create",
                "--name",
                name,
                "--health-cmd",
                "true",
                "--health-interval",
                "500ms",
                "--health-retries",
                "1",
                DockerEngine.image
            )
            var events = try await containers.host.events(since: nil).makeAsyncIterator()
            try await Containers.docker("start", name)
            #expect(try await events.next()?.kind == .started)
            #expect(try await containers.host.health(of: "a") == .starting)
            // The image has no shell, which the check needs.
            #expect(try await events.next()?.kind == .healthChanged(.unhealthy))
            #expect(try await containers.host.health(of: "a") == .unhealthy)
            try await Containers.docker("rm", "--force", "--volumes", name)
        }
    }

    @Test("A program that is not there has an exit code")
    func missingProgram() async throws {
        try await Containers.with { containers in
            try await containers.host.create("a", keyFile: containers.keyFile)
            try await containers.host.start("a")
            let result = try await containers.host.run(["no-such-program"], in: "a", timeout: .seconds(60))
            #expect([126, 127].contains(result.exitCode))
        }
    }
}
