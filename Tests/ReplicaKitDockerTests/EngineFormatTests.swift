import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitDocker

@Suite("What goes to an engine and comes from one")
struct EngineFormatTests {
    @Test("An archive is one that tar reads, with modes and owners")
    func archive() async throws {
        var writer = TarWriter()
        writer.addDirectory("replicakit")
        writer.addFile("replicakit/keyfile", Array("secret".utf8), mode: 0o400, owner: (user: 999, group: 998))
        let bytes = writer.finish()
        #expect(bytes.count.isMultiple(of: 512))
        #expect(TarReader.firstFile(in: bytes) == Array("secret".utf8))
        #expect(TarReader.firstFile(in: Array(bytes.prefix(1027))) == nil)
        #expect(TarReader.firstFile(in: []) == nil)
        let script = """
            import io, tarfile
            archive = tarfile.open(fileobj=io.BytesIO(bytes(input["bytes"])))
            result = [[m.name, m.isdir(), oct(m.mode), m.uid, m.gid, m.size] for m in archive.getmembers()]
            """
        let seen: [[JSONScalar]] = try await Judge.ask(script, input: ["bytes": bytes.map(Int.init)])
        #expect(
            seen.map { $0.map(\.text) } == [
                ["replicakit", "true", "0o755", "0", "0", "0"],
                ["replicakit/keyfile", "false", "0o400", "999", "998", "6"],
            ]
        )
    }

    /// Text, a number or a truth value, as text.
    struct JSONScalar: Decodable, Sendable {
        let text: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let flag = try? value.decode(Bool.self) {
                text = String(flag)
            } else if let number = try? value.decode(Int.self) {
                text = String(number)
            } else {
                text = try value.decode(String.self)
            }
        }
    }

    @Test("A container with nulls wherever the schema says array or object is read")
    func nulls() throws {
        let json = """
            {"Id": "abc", "Name": null, "State": {"Status": "exited", "ExitCode": 137, "Running": false, "Health": null},
             "Config": {"Labels": null, "Cmd": null, "Entrypoint": null, "Env": null, "Volumes": null},
             "Mounts": null, "NetworkSettings": {"Networks": null}}
            """
        let container = try JSONDecoder().decode(ContainerDetails.self, from: Data(json.utf8))
        #expect(!container.isUp && container.exit == .signal(9))
    }

    @Test(
        "The server's user is found, so that it can read its keyfile",
        arguments: [
            (nil, nil, 0, 0), ("", nil, 0, 0), ("1000", nil, 1000, 0), ("1000:100", nil, 1000, 100),
            ("mongodb", nil, 999, 998), ("nobody-known", nil, 0, 0),
            ("", "/usr/local/bin/docker-entrypoint.sh", 999, 998),
        ] as [(String?, String?, Int, Int)]
    )
    func user(user: String?, entrypoint: String?, uid: Int, gid: Int) {
        let image = ContainerConfig(User: user, Entrypoint: entrypoint.map { [$0] })
        let passwd = "root:x:0:0:root:/root:/bin/sh\nmongodb:x:999:998::/home/mongodb:/bin/sh\nbroken\n"
        #expect(ServerUser(image: image, passwd: passwd) == ServerUser(user: uid, group: gid))
    }

    @Test("mongod is named once, whatever the image runs")
    func command() {
        let arguments = ServerArguments(
            set: "rs0",
            port: 27017,
            cacheGigabytes: 0.25,
            parameters: ["b": "2", "a": "x y"],
            hasTLS: false
        )
        #expect(arguments.command(for: nil).first == "mongod")
        #expect(arguments.command(for: ContainerConfig(Entrypoint: ["/usr/bin/mongod"])).first == "--replSet")
        #expect(arguments.list.suffix(4) == ["--setParameter", "a=x y", "--setParameter", "b=2"])
    }

    @Test("A reference without a tag gets one, whatever port its registry has")
    func tags() {
        #expect(EngineClient.withTag("mongo") == "mongo:latest")
        #expect(EngineClient.withTag("localhost:5000/mongo") == "localhost:5000/mongo:latest")
        #expect(EngineClient.withTag("localhost:5000/mongo:7.0") == "localhost:5000/mongo:7.0")
        #expect(EngineClient.withTag("mongo@sha256:00") == "mongo@sha256:00")
    }

    @Test("The time that logs are asked for is one that engines take, or none")
    func since() {
        #expect(EngineTime("2026-11-24T12:00:00.123456789Z")?.since == "1795521600.123456789")
        #expect(EngineTime("2026-11-24T13:00:00.5+01:00")?.since == "1795521600.500000000")
        #expect(EngineTime("0001-01-01T00:00:00.9Z") == nil)
        #expect(EngineTime("never") == nil)
    }

    @Test("Versions compare as numbers")
    func versions() throws {
        #expect(try #require(APIVersion("1.9")) < #require(APIVersion("1.41")))
        #expect(APIVersion("one") == nil && APIVersion("1.") == nil)
    }
}

extension ContainerConfig {
    fileprivate init(User: String? = nil, Entrypoint: [String]? = nil) {
        self.init(Image: nil, User: User, Tty: nil, Labels: nil, Entrypoint: Entrypoint, Cmd: nil, Env: nil)
    }
}
