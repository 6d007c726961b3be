import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitDocker

@Suite("Compose files")
struct ComposeFileTests {
    private func spec(_ edit: (inout ReplicaSetSpec, inout DockerRuntime) -> Void = { _, _ in }) -> ReplicaSetSpec {
        var runtime = DockerRuntime(
            image: "mongo:7.0",
            prefix: "simplepro-",
            endpoint: "unix:///nowhere/docker.sock",
            network: DockerNetwork(name: "storage-network", subnet: "172.22.0.0/24"),
            cacheSizeMB: 512
        )
        var spec = ReplicaSetSpec(
            name: "simplepro-rs",
            members: [
                MemberSpec(name: "mongodb-primary", host: MemberAddress(host: "172.22.0.10", port: 27017), priority: 2),
                MemberSpec(name: "mongodb-secondary1", host: MemberAddress(host: "172.22.0.11", port: 27018)),
            ]
        )
        edit(&spec, &runtime)
        spec.runtime = .docker(runtime)
        return spec
    }

    private func export(_ spec: ReplicaSetSpec, in directory: TemporaryDirectory) async throws -> ComposeExport {
        let host = try DockerHost(spec: spec, baseDirectory: directory.path, logger: .silent)
        return try await host.exportCompose(keyFile: Secret("c2VjcmV0LWtleQ"), into: directory.path("out"))
    }

    @Test("The runbook's deployment, by an engine that is not there")
    func runbook() async throws {
        try await TemporaryDirectory.with { directory in
            let export = try await export(spec(), in: directory)
            let service = try #require(export.file.services["mongodb-secondary1"])
            #expect(service.image == "mongo:7.0" && service.containerName == "simplepro-mongodb-secondary1")
            #expect(
                service.command == [
                    "mongod", "--replSet", "simplepro-rs", "--port", "27018", "--bind_ip_all", "--dbpath", "/data/db",
                    "--keyFile", "/replicakit/keyfile", "--wiredTigerCacheSizeGB", "0.5",
                ]
            )
            #expect(service.stopGracePeriod == "60s" && service.restart == "unless-stopped")
            #expect(service.healthcheck.test == ["CMD", "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/27018"])
            #expect(
                service.labels == ["replicakit.set": "simplepro-rs", "replicakit.member": "mongodb-secondary1"]
            )
            #expect(
                service.networks == [
                    "storage-network": .init(ipv4Address: "172.22.0.11", aliases: ["mongodb-secondary1"])
                ]
            )
            #expect(
                service.volumes == [
                    .init(type: "volume", source: "mongodb-secondary1-data", target: "/data/db"),
                    .init(
                        type: "bind",
                        source: "./secrets/compose/keyfile",
                        target: "/replicakit/keyfile",
                        readOnly: true
                    ),
                ]
            )
            #expect(export.file.volumes["mongodb-secondary1-data"]?.name == "simplepro-mongodb-secondary1-data")
            #expect(export.file.networks["storage-network"]?.ipam?.config == [.init(subnet: "172.22.0.0/24")])
            // Nobody is told a secret, and everybody what could not be known.
            let text = String(decoding: try JSONEncoder().encode(export.file), as: UTF8.self)
            #expect(!text.contains("c2VjcmV0LWtleQ"))
            #expect(export.remarks.contains { $0.contains("no such socket") }, "\(export.remarks)")
            #expect(export.remarks.contains { $0.contains("taken for the official one") })
        }
    }

    @Test("The copy of the keyfile is the server's alone, and is never replaced")
    func copy() async throws {
        try await TemporaryDirectory.with { directory in
            let export = try await export(spec(), in: directory)
            let path = directory.path("out/secrets/compose/keyfile")
            #expect(export.files == [path])
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.posixPermissions] as? Int == 0o400)
            if geteuid() == 0 {
                #expect(attributes[.ownerAccountID] as? Int == 999 && attributes[.groupOwnerAccountID] as? Int == 999)
            } else {
                #expect(export.remarks.contains { $0.contains("sudo chown 999:999 '\(path)'") })
            }
            // A file of an earlier time, made before this was root, is given to the server too.
            if geteuid() == 0 { #expect(chown(path, 0, 0) == 0) }
            #expect(try await self.export(spec(), in: directory).files == [path])
            if geteuid() == 0 {
                #expect(try FileManager.default.attributesOfItem(atPath: path)[.ownerAccountID] as? Int == 999)
            }
            let host = try DockerHost(spec: spec(), baseDirectory: directory.path, logger: .silent)
            await #expect(throws: ReplicaKitError.self) {
                try await host.exportCompose(keyFile: Secret("b3RoZXIta2V5"), into: directory.path("out"))
            }
            #expect(try directory.text("out/secrets/compose/keyfile") == "c2VjcmV0LWtleQ")
        }
    }

    @Test("Without a size for the cache and without an engine it says what the members would take")
    func cache() async throws {
        try await TemporaryDirectory.with { directory in
            let export = try await export(spec { $1.cacheSizeMB = nil }, in: directory)
            #expect(export.file.services["mongodb-primary"]?.command.contains("--wiredTigerCacheSizeGB") == false)
            #expect(export.remarks.contains { $0.contains("cacheSizeMB") })
        }
    }

    @Test("Text that Compose would replace, and labels that are Compose's own")
    func hostile() async throws {
        try await TemporaryDirectory.with { directory in
            let hostile = spec { spec, runtime in
                runtime.parameters = ["p": "$HOME ${x} $$ \"'\\"]
                spec.members[0].docker.labels = [
                    "a.b": "$x: yes\n- {", "com.docker.compose.project": "old", "com.docker.compose.service": "mongo",
                ]
            }
            let service = try #require(try await export(hostile, in: directory).file.services["mongodb-primary"])
            #expect(service.command.last == "p=$$HOME $${x} $$$$ \"'\\")
            #expect(service.labels["a.b"] == "$$x: yes\n- {")
            #expect(!service.labels.keys.contains { $0.hasPrefix("com.docker.compose.") })
            // The name that its neighbours know it by stays.
            #expect(service.networks["storage-network"]?.aliases == ["mongodb-primary", "mongo"])
        }
    }

    @Test("Members that go by names have no address, and with TLS their certificates go beside the keyfile")
    func names() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.write("ca", to: "ca.pem")
            try directory.write("server", to: "server.pem")
            let named = spec { spec, runtime in
                runtime.network.subnet = nil
                spec.members[0].host = MemberAddress(host: "db1.example", port: 27017)
                spec.security.tls = TLSSpec(caFile: "ca.pem", certificateKeyFile: "server.pem")
            }
            let export = try await export(named, in: directory)
            let service = try #require(export.file.services["mongodb-primary"])
            #expect(
                service.networks["storage-network"]
                    == .init(ipv4Address: nil, aliases: ["mongodb-primary", "db1.example"])
            )
            #expect(export.file.networks["storage-network"]?.ipam == nil)
            #expect(
                service.volumes.dropFirst().map(\.target) == [
                    "/replicakit/server.pem", "/replicakit/ca.pem", "/replicakit/keyfile",
                ]
            )
            #expect(try directory.text("out/secrets/compose/server.pem") == "server")
        }
    }

    @Test("Refused for members on several engines, and for members that are no containers")
    func refusals() async throws {
        try await TemporaryDirectory.with { directory in
            let far = spec { spec, _ in spec.members[1].docker.endpoint = "tcp://far:2375" }
            await #expect {
                try await export(far, in: directory)
            } throws: {
                ($0 as? ReplicaKitError)?.code == .refused && "\($0)".contains("tcp://far:2375")
            }
            #expect(!FileManager.default.fileExists(atPath: directory.path("out")))
            #expect(throws: ReplicaKitError.self) {
                try DockerHost(spec: ReplicaSetSpec(name: "x", members: []), baseDirectory: "", logger: .silent)
            }
        }
    }

    @Test("The engine and Compose make the same container")
    func same() {
        let spec = spec()
        guard case .docker(let runtime) = spec.runtime else { return }
        let container = MemberContainer(spec.members[0], of: spec, runtime, image: nil, memory: 8 << 30, sharing: 2)
        let request = ContainerRequest(container)
        let file = ComposeFile(
            [(service: "mongodb-primary", container: container)],
            network: runtime.network,
            files: ["keyfile"]
        )
        let service = file.services["mongodb-primary"]
        #expect(request.Cmd == service?.command && request.Labels == service?.labels)
        #expect(request.Healthcheck.Test == service?.healthcheck.test)
        #expect(service?.stopGracePeriod == "\(request.StopTimeout)s")
        #expect(request.HostConfig.RestartPolicy.Name == service?.restart)
        #expect(
            request.NetworkingConfig.EndpointsConfig["storage-network"]?.IPAMConfig?.IPv4Address
                == service?.networks["storage-network"]?.ipv4Address
        )
        #expect(request.HostConfig.Mounts[0].Source == file.volumes["mongodb-primary-data"]?.name)
    }
}

extension TemporaryDirectory {
    fileprivate func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path(name)))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path(name))
    }
}
