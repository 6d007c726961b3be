import Logging
import ReplicaKit
import TestSupport

@testable import ReplicaKitDocker

/// A set of containers in a network of its own, with everything removed at the end. Only functional traffic goes there.
struct Containers: Sendable {
    let spec: ReplicaSetSpec
    let host: DockerHost
    let directory: TemporaryDirectory
    let keyFile = RealMembers.makeKeyFile()

    /// One network at a time: tests that use the same subnet wait for each other.
    private static let turn = AsyncLock()

    static func with<Result: Sendable>(
        members names: [MemberName] = ["a"],
        prefix: String? = nil,
        editing edit: (inout ReplicaSetSpec) -> Void = { _ in },
        _ body: (Containers) async throws -> Result
    ) async throws -> Result {
        let tag = String(UInt32.random(in: .min ... .max), radix: 36)
        var spec = ReplicaSetSpec(
            name: ReplicaSetName(rawValue: "rs-\(tag)"),
            members: names.enumerated().map { index, name in
                MemberSpec(name: name, host: MemberAddress(host: "172.22.0.\(10 + index)", port: 27017))
            },
            runtime: .docker(
                DockerRuntime(
                    image: DockerEngine.image,
                    prefix: prefix ?? "rk-\(tag)-",
                    endpoint: try DockerEngine.required(),
                    network: DockerNetwork(name: "rk-\(tag)", subnet: "172.22.0.0/24"),
                    cacheSizeMB: 256,
                    oplogSizeMB: 64
                )
            )
        )
        edit(&spec)
        try spec.validate()
        let made = spec
        return try await turn.withLock {
            try await ServerSlots.with(names.count) {
                try await TemporaryDirectory.with { directory in
                    let host = try DockerHost(spec: made, baseDirectory: directory.path, logger: .silent)
                    let containers = Containers(spec: made, host: host, directory: directory)
                    do {
                        let result = try await body(containers)
                        try await containers.remove()
                        return result
                    } catch {
                        try? await containers.remove()
                        throw error
                    }
                }
            }
        }
    }

    /// The settings of the containers.
    var runtime: DockerRuntime {
        get throws {
            guard case .docker(let runtime) = spec.runtime else { throw TestFailure("the spec is not of containers") }
            return runtime
        }
    }

    private func remove() async throws {
        for member in spec.members {
            do {
                _ = try await host.stop(member.name, grace: .zero)
            } catch let error as ReplicaKitError where error.code == .memberAbsent {}
            try await host.remove(member.name, includingData: true)
        }
    }

    /// Runs the docker command at the engine, and gives what it prints.
    @discardableResult
    static func docker(_ arguments: String...) async throws -> String {
        try await Command.run(["docker", "--host", try DockerEngine.required()] + arguments)
    }

    /// What is on the engine that carries this set's label, or its name.
    func leftovers() async throws -> String {
        let label = "label=replicakit.set=\(spec.name)"
        return try await Self.docker("ps", "--all", "--quiet", "--filter", label)
            + Self.docker("volume", "ls", "--quiet", "--filter", label)
            + Self.docker("network", "ls", "--quiet", "--filter", label)
    }
}
