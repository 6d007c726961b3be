import ReplicaKit
import ReplicaKitDocker
import TestSupport
import Testing

/// What must not be removed, and what must not go on by itself.
@Suite("Containers that are not as usual", .dockerEngine(), .serialized)
struct OwnershipTests {
    private func code(_ body: () async throws -> Void) async -> ReplicaKitError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? ReplicaKitError)?.code
        }
    }

    @Test("A network stays while somebody else's stopped container is in it")
    func network() async throws {
        try await Containers.with { containers in
            let (network, foreign) = (try containers.runtime.network.name, "rk-foreign-\(containers.spec.name)")
            try await containers.host.create("a", keyFile: containers.keyFile)
            try await Containers.docker("create", "--name", foreign, "--network", network, DockerEngine.image)
            try await containers.host.remove("a", includingData: true)
            let left = try await Containers.docker("network", "ls", "--quiet", "--filter", "name=\(network)")
            try await Containers.docker("rm", foreign)
            #expect(!left.isEmpty)
            // Nothing of it is left now, and the next removal takes it away.
            try await containers.host.remove("a", includingData: true)
            #expect(try await containers.leftovers() == "")
        }
    }

    @Test("A server that ends at its start is said with its words, and does not start again and again")
    func crashing() async throws {
        try await Containers.with {
            guard case .docker(var runtime) = $0.runtime else { return }
            runtime.parameters = ["noSuchParameter": "1"]
            $0.runtime = .docker(runtime)
        } _: { containers in
            try await containers.host.create("a", keyFile: containers.keyFile)
            do {
                try await containers.host.start("a")
                Issue.record("it started")
            } catch let error as ReplicaKitError {
                #expect(error.code == .startFailed)
                #expect(error.message.contains("noSuchParameter"), "\(error)")
            }
            guard case .stopped = try await containers.host.state(of: "a") else {
                Issue.record("it starts again and again")
                return
            }
        }
    }

    @Test("A container whose data is elsewhere is not removed without them")
    func adopted() async throws {
        let name = "rk-adopted-\(UInt32.random(in: .min ... .max))"
        try await Containers.with {
            $0.members[0].docker.container = name
        } _: { containers in
            let data = "\(name)-elsewhere"
            try await Containers.docker("create", "--name", name, "--volume", "\(data):/data/db", DockerEngine.image)
            #expect(await code { try await containers.host.remove("a", includingData: false) } == .directoryInUse)
            #expect(try await Containers.docker("ps", "--all", "--quiet", "--filter", "name=\(name)") != "")
            try await containers.host.remove("a", includingData: true)
            // The volume is not the one of the spec: it stays whatever happens.
            #expect(try await Containers.docker("volume", "ls", "--quiet", "--filter", "name=\(data)") != "")
            try await Containers.docker("volume", "rm", data)
        }
    }
}
