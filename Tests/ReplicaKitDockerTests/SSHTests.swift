import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitDocker

@Suite("Engines over ssh", .serialized)
struct SSHTests {
    private static let options = [
        "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=10", "-o",
        "ControlMaster=no", "-o", "LogLevel=ERROR",
    ]

    @Test(
        "The program's arguments",
        arguments: [
            ("ssh://db1", ["--", "db1"]), ("ssh://db1/", ["--", "db1"]),
            ("ssh://deploy@db1.example:2222", ["-p", "2222", "-l", "deploy", "--", "db1.example"]),
            ("ssh://a@[::1]:22", ["-p", "22", "-l", "a", "--", "::1"]),
        ]
    )
    func arguments(text: String, wanted: [String]) throws {
        guard case .ssh(let target) = try DockerEndpoint(text) else {
            Issue.record("\(text) is not read as ssh")
            return
        }
        #expect(target.arguments == Self.options + wanted + ["docker", "system", "dial-stdio"])
        #expect(target.description == (text.hasSuffix("/") ? String(text.dropLast()) : text))
    }

    @Test(
        "What could be an option or a command, and what has no place there, is refused",
        arguments: [
            "ssh://", "ssh://-oProxyCommand=id", "ssh://u@-oProxyCommand=id", "ssh://-oProxyCommand=id@h",
            "ssh://%2DoProxyCommand=id", "ssh://h;id", "ssh://$(id)", "ssh://h id", "ssh://h\nid", "ssh://u:pw@h",
            "ssh://h/var/run/docker.sock", "ssh://h:0", "ssh://h:99999", "ssh://h:-1", "ssh://h:", "ssh://@h",
            "ssh://[::1", "ssh://[::$(id)]", "ssh://[]", "ssh://u@h@-x", "ssh://ü",
        ]
    )
    func refused(text: String) {
        #expect { _ = try DockerEndpoint(text) } throws: {
            ($0 as? ReplicaKitError)?.code == .invalidArgument && ($0 as? ReplicaKitError)?.hint != nil
        }
    }

    /// A client whose `ssh` is a script.
    private func with(
        script: String,
        _ body: (EngineClient, TemporaryDirectory) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with(prefix: "rk-ssh") { directory in
            try directory.writeScript("ssh", script)
            var resolver = DockerEndpointResolver(environment: [:])
            resolver.sshProgram = directory.path("ssh")
            try await body(EngineClient(resolver.endpoint("ssh://deploy@db1")), directory)
        }
    }

    @Test("A container lives and dies, streams and short requests share the way, and nothing stays", .dockerEngine())
    func life() async throws {
        // As sshd would run it, with the arguments written down.
        let script = """
            printf '%s\\n' "$@" > "$(dirname "$0")/arguments"
            echo $$ >> "$(dirname "$0")/programs"
            exec docker --host \(try DockerEngine.required()) system dial-stdio
            """
        try await TemporaryDirectory.with(prefix: "rk-ssh") { directory in
            try directory.writeScript("ssh", script)
            try await Containers.with { containers in
                var resolver = DockerEndpointResolver(environment: [:])
                resolver.sshProgram = directory.path("ssh")
                var spec = containers.spec
                var runtime = try containers.runtime
                runtime.endpoint = "ssh://deploy@db1"
                spec.runtime = .docker(runtime)
                let host = try DockerHost(
                    spec: spec,
                    baseDirectory: containers.directory.path,
                    resolver: resolver,
                    logger: .silent
                )
                var events = try await host.events(since: nil).makeAsyncIterator()
                try await host.create("a", keyFile: containers.keyFile)
                try await host.start("a")
                #expect(try await events.next()?.kind == .started)
                #expect(try await host.stop("a", grace: .seconds(60)) == .clean)
                try await host.remove("a", includingData: true)
                #expect(try await host.state(of: "a") == .absent)
            }
            #expect(try directory.text("arguments").hasPrefix("-T\n"))
            // With the client, its programs go.
            let programs = try directory.text("programs").split(separator: "\n").compactMap { Int32($0) }
            #expect(programs.count >= 2)
            for pid in programs {
                while kill(pid, 0) == 0 { try await Task.sleep(for: .milliseconds(20)) }
            }
        }
    }

    @Test("The program's own words are in the error", .timeLimit(.minutes(20)))
    func refusal() async throws {
        try await with(script: "echo 'deploy@db1: Permission denied (publickey).' >&2; exit 255") { client, _ in
            do {
                try await client.ping()
                Issue.record("nobody could have answered")
            } catch let error as ReplicaKitError {
                #expect(error.code == .engineUnreachable)
                #expect(error.message.contains("ssh://deploy@db1"))
                #expect(error.message.contains("Permission denied (publickey)"))
            }
        }
        try await with(script: "") { client, directory in
            try FileManager.default.removeItem(atPath: directory.path("ssh"))
            do {
                try await client.ping()
                Issue.record("there is no program")
            } catch let error as ReplicaKitError {
                #expect(error.code == .engineUnreachable && error.message.contains("cannot be run"))
            }
        }
    }

    @Test("Its socket is this user's alone, and goes with the client")
    func socket() throws {
        let bridge = try SSHBridge(SSHTarget("db1"))
        let directory = URL(filePath: bridge.path).deletingLastPathComponent().path
        let mode = try FileManager.default.attributesOfItem(atPath: directory)[.posixPermissions] as? Int
        #expect(mode == 0o700)
        #expect(FileManager.default.fileExists(atPath: bridge.path))
        bridge.end()
        #expect(!FileManager.default.fileExists(atPath: directory))
    }
}
