import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@testable import ReplicaKitDocker

/// Where the histories of stopped containers end, read by a server apart from their set.
@Suite("Histories of containers", .dockerEngine(), .serialized)
struct HistoriesTests {
    @Test("the newest of three that were killed one after the other is found, and starts first")
    func newestFirst() async throws {
        try await Containers.with(members: ["a", "b", "c"]) { containers in
            let set = Self.set(containers)
            _ = try await set.apply(.up)
            let primary = try #require(try await set.view().primary)
            let late = try #require(set.spec.members.first { $0.host == primary }?.name)
            let others = set.spec.members.map(\.name).filter { $0 != late }
            _ = try await set.apply(.stop([others[0]], emergency: false))
            _ = try await insert(10, into: set, on: primary, concern: "w=2")
            _ = try await containers.host.stop(others[1], grace: .zero)
            let written = try await insert(10, into: set, on: primary, concern: "w=1, j=True")
            _ = try await containers.host.stop(late, grace: .zero)

            // Without the newest nothing starts, and nothing is left of the look.
            await #expect {
                _ = try await set.apply(.start(others, comparingHistories: true))
            } throws: { error in
                let error = error as? ReplicaKitError
                return error?.code == .refused && error?.message.hasPrefix("\(late) has writes up to") == true
            }
            #expect(try await set.view().running.isEmpty)
            #expect(try await Self.standalones() == "")

            let notes = Notes()
            _ = try await set.apply(.start([], comparingHistories: true), events: notes.add)
            let told = Comment(rawValue: notes.lines.joined(separator: "\n"))
            #expect(notes.has("\(late) has the newest history"), told)
            #expect(notes.has("\(others[0]) lacks the last") && notes.has("\(others[1]) lacks the last"), told)
            for member in set.spec.members {
                let count: Int = try await ask(
                    Self.count(upTo: written),
                    of: set,
                    on: member.host
                )
                #expect(count == written, told)
            }
            _ = try await set.apply(.down(includingData: true))
            #expect(try await containers.leftovers() == "")
            #expect(try await Self.standalones() == "")
        }
    }

    @Test("a server that a program left on a member's data ends when the member starts, or goes")
    func leftRunning() async throws {
        try await Containers.with { containers in
            let (set, host, name) = (Self.set(containers), containers.host, containers.spec.members[0].name)
            _ = try await set.apply(.up)
            await #expect(throws: ReplicaKitError.self) { _ = try await host.withStandalone(of: name) { _ in } }
            _ = try await set.apply(.stop([], emergency: false))
            let seen = try await host.withStandalone(of: name) { address in
                // No member looks for it there, and nobody gets in without the keyfile or a user.
                #expect(address.host == containers.spec.members[0].host.host && address.port == 27018)
                let hello = try await set.toolbox.driver.withConnection(to: address, as: .none, timeout: .seconds(5)) {
                    try await $0.run(Hello(), timeout: .seconds(5))
                }
                #expect(hello.setName == nil)
                #expect(try await host.state(of: name) == .stopped(.clean))
                let inspected = try await Containers.docker(
                    "inspect",
                    "--format",
                    "{{.HostConfig.RestartPolicy.Name}} {{.Config.Cmd}}",
                    "\(containers.runtime.container(of: containers.spec.members[0]))-standalone"
                )
                #expect(inspected.hasPrefix("no ") && !inspected.contains("--replSet"))
                // As if this program had died here, and the next one were begun.
                try await host.start(name)
                return try await Self.standalones()
            }
            #expect(seen == "")
            _ = try await set.checkWrite()

            _ = try await set.apply(.stop([], emergency: false))
            _ = try await host.withStandalone(of: name) { _ in try await host.remove(name, includingData: true) }
            #expect(try await containers.leftovers() == "")
            #expect(try await Self.standalones() == "")
        }
    }

    @Test("a container without data has no history, and somebody else's cannot be run apart")
    func nothingToRead() async throws {
        let foreign = "rk-foreign-\(UInt32.random(in: .min ... .max))"
        try await Containers.with(members: ["a", "b"]) {
            $0.members[1].docker.container = foreign
        } _: { containers in
            try await containers.host.create("a", keyFile: containers.keyFile)
            #expect(try await containers.host.withStandalone(of: "a") { _ in true } == nil)

            // Wherever it has its data: that nothing is at the usual place does not mean that it has none.
            try await Containers.docker("create", "--network", "none", "--name", foreign, DockerEngine.image, "mongod")
            let error = await #expect(throws: ReplicaKitError.self) {
                _ = try await containers.host.withStandalone(of: "b") { _ in }
            }
            #expect(error?.code == .hostUnsupported)

            // Nor is a container that happens to have the name of one in which a server would run apart touched.
            let namesake = "\(foreign)-standalone"
            try await Containers.docker("create", "--network", "none", "--name", namesake, DockerEngine.image, "mongod")
            try await containers.host.remove("b", includingData: true)
            #expect(try await Containers.docker("ps", "--all", "--filter", "name=\(namesake)").contains(namesake))
            try await Containers.docker("rm", namesake)
            #expect(try await Self.standalones() == "")
        }
    }

    // MARK: Helpers

    /// A member that serves may still fetch what it lacks.
    private static func count(upTo wanted: Int) -> String {
        """
        import time
        limit = time.monotonic() + 30
        while True:
            result = c.shop.orders.count_documents({})
            if result == \(wanted) or time.monotonic() > limit: break
            time.sleep(0.1)
        """
    }

    private static func set(_ containers: Containers) -> ReplicaSet {
        let toolbox = Toolbox(driver: LibMongoCDriver(logger: .silent), host: containers.host, logger: .silent)
        return ReplicaSet(spec: containers.spec, baseDirectory: containers.directory.path, toolbox: toolbox)
    }

    private static func standalones() async throws -> String {
        try await Containers.docker(
            "ps",
            "--all",
            "--quiet",
            "--filter",
            "label=\(ContainerPlace.standaloneLabel)"
        )
    }

    private struct Login: Codable, Sendable {
        var host: String
        var port: Int
        var user: String
        var password: String
    }

    private func ask<Answer: Decodable & Sendable>(
        _ script: String,
        of set: ReplicaSet,
        on member: MemberAddress
    ) async throws -> Answer {
        let login = Login(
            host: member.host,
            port: member.port,
            user: set.spec.security.admin.user,
            password: try set.secrets.read(set.spec.security.admin.password).reveal()
        )
        return try await Judge.ask(
            """
            import pymongo
            c = pymongo.MongoClient(input["host"], input["port"], directConnection=True,
                                    username=input["user"], password=input["password"])
            \(script)
            """,
            input: login
        )
    }

    private func insert(
        _ count: Int,
        into set: ReplicaSet,
        on primary: MemberAddress,
        concern: String
    ) async throws -> Int {
        try await ask(
            """
            orders = c.shop.get_collection("orders", write_concern=pymongo.WriteConcern(\(concern)))
            for i in range(\(count)): orders.insert_one({"i": i})
            result = orders.count_documents({})
            """,
            of: set,
            on: primary
        )
    }
}
