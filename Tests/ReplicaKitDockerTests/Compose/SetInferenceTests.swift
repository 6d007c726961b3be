import ReplicaKit
import Testing

@testable import ReplicaKitDocker

@Suite("Sets that somebody else started, from what was seen")
struct SetInferenceTests {
    private func config(_ members: [BSONDocument], settings: BSONDocument = BSONDocument()) throws -> ReplicaSetConfig {
        try ReplicaSetConfig(document: [
            "_id": "cexp", "version": 3, "members": .array(BSONArray(members.map { .document($0) })),
            "settings": .document(settings),
        ])
    }

    private func inference(
        _ config: ReplicaSetConfig,
        _ containers: [ContainerDetails],
        hasKeyFile: Bool = true
    ) throws -> SetInference {
        SetInference(
            config: config,
            containers: containers,
            networks: [try InspectedContainer.network()],
            hasKeyFile: hasKeyFile
        )
    }

    private func users(_ names: [String: String]) throws -> [UsersInfo.User] {
        let list: [BSONValue] = names.sorted { $0.key < $1.key }.map { name, role in
            [
                "user": .string(name), "db": "admin",
                "roles": .array(BSONArray([["role": .string(role), "db": "admin"]])),
            ]
        }
        return try UsersInfo.Reply(document: ["users": .array(BSONArray(list)), "ok": 1]).users
    }

    @Test("A set of Compose is described whole, and nothing is left to say")
    func compose() throws {
        let config = try config(
            [
                ["_id": 0, "host": "172.22.1.10:27017", "priority": 2, "tags": ["dc": "east"]],
                ["_id": 4, "host": "172.22.1.11:27017", "priority": 0, "votes": 0, "hidden": true],
                ["_id": 5, "host": "172.22.1.12:27017", "arbiterOnly": true],
            ],
            settings: [
                "chainingAllowed": true, "heartbeatIntervalMillis": 2000, "heartbeatTimeoutSecs": 10,
                "electionTimeoutMillis": 3000, "catchUpTimeoutMillis": -1,
            ]
        )
        var inference = try inference(
            config,
            [
                InspectedContainer.compose("m1", address: "172.22.1.10"),
                InspectedContainer.compose("m2", address: "172.22.1.11"),
                InspectedContainer.compose("m3", address: "172.22.1.12"),
            ]
        )
        inference.imageLabels = [try #require(inference.containers[0].Image): ["from.image": "1", "hostile": "other"]]
        inference.users = try users(["boss": "root", "app": "readWrite"])
        inference.writeConcern = DefaultRWConcernReply(document: [
            "defaultWriteConcern": ["w": 2, "wtimeout": 500], "defaultWriteConcernSource": "global",
        ])
        let (spec, remarks) = try inference.result()
        #expect(spec.name == "cexp" && spec.members.map(\.name) == ["m1", "m2", "m3"])
        #expect(spec.members[0].priority == 2 && spec.members[0].tags == ["dc": "east"])
        #expect(spec.members[1].hidden && spec.members[1].votes == 0 && spec.members[1].priority == 0)
        #expect(spec.members[2].arbiter)
        #expect(
            spec.members[0].docker
                == DockerMember(
                    container: "cexp-m1",
                    volume: "cexp-m1-data",
                    labels: [
                        "com.docker.compose.config-hash": "3791e8ca", "com.docker.compose.oneoff": "False",
                        "com.docker.compose.project": "exp", "com.docker.compose.service": "m1",
                        "hostile": "a$b \"c\" yes:",
                    ]
                )
        )
        #expect(
            spec.runtime
                == .docker(
                    DockerRuntime(
                        image: "mongo:6.0.5",
                        network: DockerNetwork(name: "cexp-net", subnet: "172.22.1.0/24"),
                        cacheSizeMB: 256
                    )
                )
        )
        #expect(spec.settings == SettingsSpec(electionTimeoutMillis: 3000))
        #expect(spec.security.admin.user == "boss")
        #expect(spec.writeConcern == WriteConcernSpec(w: .members(2), j: nil, wtimeoutMS: 500))
        #expect(remarks.count == 1 && remarks[0].contains("secrets/admin-password"), "\(remarks)")
        // Made again, it is what Compose takes for its own.
        guard case .docker(let runtime) = spec.runtime else { return }
        let again = MemberContainer(spec.members[0], of: spec, runtime, image: nil, memory: nil, sharing: 3)
        #expect(again.labels["com.docker.compose.config-hash"] == "3791e8ca" && again.aliases == ["m1"])
        #expect(again.address == "172.22.1.10" && again.name == "cexp-m1" && again.volume == "cexp-m1-data")
    }

    @Test("All that a spec cannot say of a container is said in words")
    func remarks() throws {
        let config = try config([
            ["_id": 0, "host": "172.22.1.10:27017"], ["_id": 1, "host": "172.22.1.99:27017"],
        ])
        let (spec, remarks) = try inference(
            config,
            [
                InspectedContainer.plain("db", address: "172.22.1.10"),
                InspectedContainer.plain("spare", address: "172.22.1.50"),
            ],
            hasKeyFile: false
        ).result()
        #expect(spec.members.map(\.name) == ["db"] && spec.members[0].docker.volume == nil)
        guard case .docker(let runtime) = spec.runtime else { return }
        #expect(runtime.parameters == ["ttlMonitorSleepSecs": "30"] && runtime.cacheSizeMB == nil)
        for words in [
            "runs without authentication", "users could not be listed", "default write concern could not",
            "directory /srv/mongo of the machine", "--quiet", "27017/tcp at 0.0.0.0:37017", "by chance", "after 10 s",
            "no restart policy", "a password in its environment",
            "172.22.1.99:27017 is in the config, and no container was found for it",
            "spare was started for cexp and is not in its config",
        ] {
            #expect(remarks.contains { $0.contains(words) }, "\(words): \(remarks)")
        }
        #expect(!remarks.joined().contains("pass-4711"))
    }

    @Test("Members that go by names are found by their aliases, and by what they say of themselves")
    func names() throws {
        let config = try config([["_id": 0, "host": "m1:27017"], ["_id": 1, "host": "elsewhere.example:27017"]])
        var inference = try inference(
            config,
            [
                InspectedContainer.compose("m1", address: "172.22.1.10"),
                InspectedContainer.compose("m2", address: "172.22.1.11"),
            ]
        )
        inference.ownAddresses = [inference.containers[1].Id: MemberAddress(host: "elsewhere.example", port: 27017)]
        let (spec, remarks) = try inference.result()
        #expect(spec.members.map(\.docker.container) == ["cexp-m1", "cexp-m2"])
        #expect(remarks.count { $0.contains("this machine must resolve it too") } == 2)
    }

    @Test("Two containers of one service are told apart by their own names")
    func scaled() throws {
        var second = try InspectedContainer.compose("m1", address: "172.22.1.11")
        (second.Id, second.Name) = ("other", "/cexp-m1-2")
        second.Mounts?[1].Name = "cexp-m1-2-data"
        let config = try config([["_id": 0, "host": "172.22.1.10:27017"], ["_id": 1, "host": "172.22.1.11:27017"]])
        let containers = [try InspectedContainer.compose("m1", address: "172.22.1.10"), second]
        #expect(try inference(config, containers).result().spec.members.map(\.name) == ["cexp-m1", "cexp-m1-2"])
    }

    @Test("A set that the spec of containers has no words for is refused, with the reason")
    func refusals() throws {
        func message(_ host: String, _ edit: (inout ContainerDetails) -> Void = { _ in }) throws -> String {
            var container = try InspectedContainer.compose("m1", address: "172.22.1.10")
            edit(&container)
            let inference = try inference(config([["_id": 0, "host": .string(host)]]), [container])
            let error = #expect(throws: ReplicaKitError.self) { try inference.result() }
            #expect(error?.code == .refused && error?.hint?.contains("external") == true)
            return error?.message ?? ""
        }
        #expect(try message("192.0.2.7:27017").contains("none of the members of cexp (192.0.2.7:27017)"))
        #expect(try message("172.22.1.10:27018").contains("none of the members"))
        let bridge = try message("172.22.1.10:27017") {
            let place = $0.NetworkSettings?.Networks?["cexp-net"] ?? .init()
            $0.NetworkSettings?.Networks = ["bridge": place]
        }
        #expect(bridge.contains("no name for a network of its own"))
    }

    @Test(
        "What a command line says",
        arguments: [
            (
                ["mongod", "--replSet", "rs0", "--auth", "--keyFile=/k"],
                ["replSet": "rs0", "auth": nil, "keyFile": "/k"]
            ),
            (["docker-entrypoint.sh", "-f", "/etc/mongod.conf"], ["config": "/etc/mongod.conf"]),
            (["sh", "-c", "mongod --replSet rs0"], [:]), (["--port"], ["port": nil]), (["--", "--x="], ["x": ""]),
            ([], [:]),
        ] as [([String], [String: String?])]
    )
    func commandLine(words: [String], options: [String: String?]) {
        let line = MongodCommandLine(words)
        #expect(Dictionary(line.options.map { ($0.name, $0.value) }) { $1 } == options)
    }
}
