import ReplicaKit
import ReplicaKitDocker
import ReplicaKitMongo
import TestSupport
import Testing

/// The runbook's deployment: three containers with fixed addresses, priorities 2, 1 and 1, named volumes.
@Suite("A set of containers", .dockerEngine(), .serialized)
struct DeploymentTests {
    private func with(_ body: (Containers, ReplicaSet) async throws -> Void) async throws {
        let names: [MemberName] = ["mongodb-primary", "mongodb-secondary1", "mongodb-secondary2"]
        try await Containers.with(members: names) {
            $0.members[0].priority = 2
        } _: { containers in
            let toolbox = Toolbox(driver: LibMongoCDriver(logger: .silent), host: containers.host, logger: .silent)
            let set = ReplicaSet(spec: containers.spec, baseDirectory: containers.directory.path, toolbox: toolbox)
            try await body(containers, set)
            _ = try await set.apply(.down(includingData: true))
            #expect(try await containers.leftovers() == "")
        }
    }

    @Test("comes up, takes majority writes, survives kills, stops cleanly, and leaves nothing behind")
    func wholeLife() async throws {
        try await with { containers, set in
            let runtime = try containers.runtime
            _ = try await set.apply(.up)
            guard case .nothingToDo = try await set.propose(.up) else {
                Issue.record("up finds something left to do")
                return
            }
            _ = try await set.checkWrite()
            #expect(try await set.snapshot().currentConfig?.members.map(\.priority) == [2, 1, 1])

            for member in containers.spec.members {
                try await Containers.docker("kill", runtime.container(of: member))
                #expect(try await containers.host.state(of: member.name) == .stopped(.signal(9)))
                _ = try await set.apply(.start([]))
                _ = try await set.checkWrite()
            }

            _ = try await set.apply(.stop([], emergency: false))
            for member in containers.spec.members {
                #expect(try await containers.host.state(of: member.name) == .stopped(.clean))
            }
            _ = try await set.apply(.start([]))
            _ = try await set.checkWrite()

            // Without its containers the data is still there.
            _ = try await set.apply(.down(includingData: false))
            #expect(try await containers.host.state(of: "mongodb-primary") == .absent)
            _ = try await set.apply(.up)
            _ = try await set.checkWrite()

            // And goes when it is to go, with or without containers around it.
            _ = try await set.apply(.down(includingData: false))
            #expect(try await containers.leftovers() != "")
        }
    }

    @Test("shows nothing secret to whoever may inspect it")
    func secrets() async throws {
        try await with { containers, set in
            _ = try await set.apply(.up)
            let runtime = try containers.runtime
            let keyFile = try set.secrets.readKeyFile(set.spec.security.keyFile).reveal()
            let password = try set.secrets.read(set.spec.security.admin.password).reveal()
            for member in containers.spec.members {
                let name = runtime.container(of: member)
                let seen =
                    try await Containers.docker("inspect", name) + Containers.docker("logs", name)
                    + Containers.docker("top", name)
                #expect(seen.contains("--keyFile"))
                #expect(!seen.contains(keyFile) && !seen.contains(password))
            }
        }
    }

    @Test("one member stops through its successor, and comes back")
    func oneMember() async throws {
        try await with { _, set in
            _ = try await set.apply(.up)
            let before = try #require(try await set.snapshot().primary?.name)
            _ = try await set.apply(.stop([before], emergency: false))
            let after = try #require(try await set.snapshot().primary?.name)
            #expect(after != before)
            _ = try await set.checkWrite()
            _ = try await set.apply(.start([before]))
        }
    }
}
