import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@testable import ReplicaKitDocker

/// A set of `docker run`: no Compose, no labels, a keyfile at a place of its own, names that follow no scheme.
@Suite("Adopting a set of docker run", .dockerEngine(), .serialized)
struct AdoptionTests {
    private let driver = LibMongoCDriver(logger: .silent)

    @Test("It is found by asking, described, operated on, and a member made again joins it")
    func adopt() async throws {
        let tag = "rk-run-\(UInt32.random(in: .min ... .max))"
        try await Containers.with(members: ["one", "two"]) { spec in
            for index in spec.members.indices {
                spec.members[index].docker = DockerMember(container: "\(tag)-\(index)", volume: "\(tag)-\(index)-disk")
            }
        } _: { containers in
            do {
                try await run(containers)
                let found = try await discover(containers)
                #expect(found.keyFile == containers.keyFile)
                try check(found.spec, against: containers)
                let words = found.remarks.joined(separator: "\n")
                for remark in ["nobody has set a default write concern", "no restart policy", "after 10 s"] {
                    #expect(words.contains(remark), "\(remark): \(words)")
                }
                #expect(words.contains("several users have the role root (boss, chief): the spec names boss"))
                try await operate(found, containers)
            } catch {
                try? await clear(containers)
                throw error
            }
            try await clear(containers)
        }
    }

    /// What somebody typed once: a network, containers, and the set by hand.
    private func run(_ containers: Containers) async throws {
        let network = try containers.runtime.network
        try await Containers.docker("network", "create", "--subnet", network.subnet ?? "", network.name)
        let keyFile = containers.directory.path("key")
        try SecretStore(baseDirectory: "").keepKeyFile(containers.keyFile, at: keyFile)
        for member in containers.spec.members {
            let name = try containers.runtime.container(of: member)
            try await Containers.docker(
                "create",
                "--name",
                name,
                "--network",
                network.name,
                "--ip",
                member.host.host,
                "--volume",
                "\(containers.runtime.volume(of: member)):/data/db",
                DockerEngine.image,
                "mongod",
                "--replSet",
                containers.spec.name.rawValue,
                "--bind_ip_all",
                "--keyFile=/etc/key",
                "--wiredTigerCacheSizeGB",
                "0.25",
                "--oplogSize",
                "64"
            )
            try await Containers.docker("cp", keyFile, "\(name):/etc/key")
            try await containers.host.start(member.name)
        }
        let config = try ReplicaSetConfig(spec: containers.spec, serverVersion: ServerVersion(6, 0, 5))
        let first = containers.spec.members[0].host
        try await ask(containers, first) {
            _ = try await $0.run(ReplSetInitiate(config: config), timeout: .seconds(20))
        }
        let primary = try #require(
            try await ContinuousClock().poll(for: .seconds(60), every: .milliseconds(100)) {
                try await writable(containers)
            }
        )
        for user in ["chief", "boss"] {
            let command = CreateUser(user: user, password: Secret("password-of-\(user)"), roles: [.root])
            try await ask(containers, primary) { _ = try await $0.run(command, timeout: .seconds(20)) }
        }
    }

    private func ask(
        _ containers: Containers,
        _ address: MemberAddress,
        _ body: (any MemberConnection) async throws -> Void
    ) async throws {
        try await driver.withConnection(to: address, as: .keyFile(containers.keyFile), timeout: .seconds(10), body)
    }

    private func writable(_ containers: Containers) async throws -> MemberAddress? {
        for member in containers.spec.members {
            let hello = try await driver.withConnection(to: member.host, as: .none, timeout: .seconds(10)) {
                try await $0.run(Hello(), timeout: .seconds(10))
            }
            if hello.isWritablePrimary { return member.host }
        }
        return nil
    }

    private func discover(_ containers: Containers) async throws -> DiscoveredSet {
        let search = try SetDiscovery(endpoint: DockerEngine.required(), driver: driver, logger: .silent)
        let one = try containers.runtime.container(of: containers.spec.members[0])
        // By one of them alone the other is a member without a container.
        let half = try await search.find(.named([one]))
        #expect(half.spec.members.count == 1)
        #expect(half.remarks.contains { $0.contains("no container was found for it") })
        // Among all that runs, other tests' sets may be there too: then this one is among those that are named.
        do {
            #expect(try await search.find(.all).spec.name == containers.spec.name)
        } catch let error as ReplicaKitError where error.code == .refused {
            #expect(error.message.contains(containers.spec.name.rawValue), "\(error)")
        }
        let names = try containers.spec.members.map { try containers.runtime.container(of: $0) }
        return try await search.find(.named(names))
    }

    private func check(_ spec: ReplicaSetSpec, against containers: Containers) throws {
        let original = containers.spec
        #expect(spec.name == original.name && spec.members.map(\.host) == original.members.map(\.host))
        #expect(spec.members.map(\.docker) == original.members.map(\.docker))
        #expect(spec.security.admin.user == "boss")
        var runtime = try containers.runtime
        runtime.prefix = ""
        #expect(spec.runtime == .docker(runtime))
    }

    /// With the spec that was found and nothing else, in a directory of its own.
    private func operate(_ found: DiscoveredSet, _ containers: Containers) async throws {
        try await TemporaryDirectory.with { directory in
            let store = SecretStore(baseDirectory: directory.path)
            try store.keepKeyFile(try #require(found.keyFile), at: found.spec.security.keyFile)
            try store.put(Secret("password-of-boss"), at: "secrets/admin-password")
            let host = try DockerHost(spec: found.spec, baseDirectory: directory.path, logger: .silent)
            let set = ReplicaSet(
                spec: found.spec,
                baseDirectory: directory.path,
                toolbox: Toolbox(driver: driver, host: host, logger: .silent)
            )
            _ = try await set.apply(.stop([], emergency: false))
            _ = try await set.apply(.start([]))
            _ = try await set.checkWrite()
            let other = try #require(found.spec.members.first { $0.host == found.spec.members[1].host })
            _ = try await set.apply(.stop([other.name], emergency: true))
            try await host.remove(other.name, includingData: false)
            // The only thing that the set lacked of the spec is its default write concern.
            _ = try await set.apply(.up)
            _ = try await set.checkWrite()
            #expect(try await host.state(of: other.name) != .absent)
            #expect(try await set.snapshot().primary?.address != nil)
        }
    }

    private func clear(_ containers: Containers) async throws {
        for member in containers.spec.members {
            _ = try? await Containers.docker("rm", "--force", "--volumes", containers.runtime.container(of: member))
            _ = try? await Containers.docker("volume", "rm", containers.runtime.volume(of: member))
        }
        try await Containers.docker("network", "rm", containers.runtime.network.name)
    }
}
