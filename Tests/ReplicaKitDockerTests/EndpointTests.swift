import Foundation
import ReplicaKit
import ReplicaKitDocker
import TestSupport
import Testing

@Suite("Where the engine is")
struct EndpointTests {
    @Test("Endpoints are read as docker reads them")
    func reading() throws {
        #expect(try DockerEndpoint("unix:///run/x.sock") == .unix("/run/x.sock"))
        #expect(try DockerEndpoint("tcp://db1:2375") == .tcp(host: "db1", port: 2375, tls: nil))
        #expect(try DockerEndpoint("tcp://db1") == .tcp(host: "db1", port: 2375, tls: nil))
        #expect(try DockerEndpoint("tcp://db1", tls: DockerTLS()) == .tcp(host: "db1", port: 2376, tls: DockerTLS()))
        #expect(try DockerEndpoint("tcp://[::1]:99/") == .tcp(host: "::1", port: 99, tls: nil))
    }

    @Test(
        "What is no endpoint is refused",
        arguments: ["", "db1", "unix://x", "ftp://x", "tcp://", "tcp://a b"]
    )
    func refused(text: String) {
        #expect { _ = try DockerEndpoint(text) } throws: {
            ($0 as? ReplicaKitError)?.code == .invalidArgument && ($0 as? ReplicaKitError)?.hint != nil
        }
    }

    @Test("DOCKER_HOST comes before DOCKER_CONTEXT, and that before the current context")
    func order() async throws {
        try await TemporaryDirectory.with { directory in
            let meta = directory.path("contexts/meta/0a1b")
            try FileManager.default.createDirectory(atPath: meta, withIntermediateDirectories: true)
            try Data(
                #"{"Name":"far","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://far:2376","SkipTLSVerify":false}}}"#
                    .utf8
            )
            .write(to: URL(filePath: meta + "/meta.json"))
            let tls = directory.path("contexts/tls/0a1b/docker")
            try FileManager.default.createDirectory(atPath: tls, withIntermediateDirectories: true)
            for name in ["ca.pem", "cert.pem", "key.pem"] { try Data().write(to: URL(filePath: "\(tls)/\(name)")) }
            try Data(#"{"currentContext":"far"}"#.utf8).write(to: URL(filePath: directory.path("config.json")))
            var environment = ["DOCKER_CONFIG": directory.path, "HOME": "/nowhere"]
            func endpoint() throws -> DockerEndpoint { try DockerEndpointResolver(environment: environment).endpoint() }
            let far = DockerEndpoint.tcp(
                host: "far",
                port: 2376,
                tls: DockerTLS(caFile: tls + "/ca.pem", certificateFile: tls + "/cert.pem", keyFile: tls + "/key.pem")
            )
            #expect(try endpoint() == far)
            environment["DOCKER_CONTEXT"] = "nobody"
            #expect(throws: ReplicaKitError.self) { _ = try endpoint() }
            environment["DOCKER_HOST"] = "tcp://near:1"
            #expect(try endpoint() == .tcp(host: "near", port: 1, tls: nil))
            environment["DOCKER_TLS_VERIFY"] = "1"
            environment["DOCKER_CERT_PATH"] = tls
            guard case .tcp(_, _, let files?) = try endpoint() else {
                Issue.record("no TLS")
                return
            }
            #expect(files.isVerified && files.caFile == tls + "/ca.pem")
            #expect(try DockerEndpointResolver(environment: environment).endpoint("unix:///x") == .unix("/x"))
        }
    }

    @Test("A socket that is not there is said, with its path")
    func missing() async throws {
        let spec = ReplicaSetSpec(
            name: "rs0",
            members: [MemberSpec(name: "a", host: MemberAddress(host: "172.22.0.10", port: 27017))],
            runtime: .docker(
                DockerRuntime(
                    endpoint: "unix:///nowhere/docker.sock",
                    network: DockerNetwork(name: "x-y", subnet: "172.22.0.0/24")
                )
            )
        )
        let host = try DockerHost(spec: spec, baseDirectory: "/", logger: .silent)
        do {
            _ = try await host.state(of: "a")
            Issue.record("an engine that is not there answered")
        } catch let error as ReplicaKitError {
            #expect(error.code == .engineUnreachable)
            #expect(error.message.contains("/nowhere/docker.sock"))
        }
    }
}
