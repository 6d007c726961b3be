import Foundation
import Glibc
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitProcess

/// What members run with, as the servers themselves and an independent client tell it.
@Suite("Settings, with real servers")
struct RealSettingsTests {
    /// Asks a member what it was started with, by an internal user that the keyfile makes possible.
    private static let options = """
        import pymongo
        client = pymongo.MongoClient(input["host"], directConnection=True, serverSelectionTimeoutMS=20000,
            username="__system", password=input["key"], authSource="local", authMechanism="SCRAM-SHA-256",
            **{k: (v == "true" if v in ("true", "false") else v) for k, v in input["options"].items()})
        parsed = client.admin.command("getCmdLineOpts")["parsed"]
        result = {"setName": parsed["replication"]["replSetName"], "dbPath": parsed["storage"]["dbPath"],
            "bindIp": parsed["net"]["bindIp"],
            "cache": str(parsed["storage"]["wiredTiger"]["engineConfig"]["cacheSizeGB"])}
        """

    private struct Question: Encodable {
        var host: String
        var key: String
        var options: [String: String] = [:]
    }

    private func options(of members: RealMembers, at host: String? = nil, _ options: [String: String] = [:])
        async throws
        -> [String: String]
    {
        try await Judge.ask(
            Self.options,
            input: Question(
                host: host ?? members.addresses[0].description,
                key: members.keyFile.reveal(),
                options: options
            )
        )
    }

    @Test(
        "nothing in a name, path or parameter breaks the config",
        .realServers(),
        arguments: [
            ("we ird", "a b"), ("q\"uote'", "it's \"x\""), ("new\nline: {}", "a\nb: c"), ("ünï/../çödé 🐟", "🐟/%2F"),
            ("# no comment", "- a: &b *c"), ("back\\slash", "\\n\\"),
        ]
    )
    func hostileText(directory: String, name: String) async throws {
        // A server takes anything but a slash in a set's name.
        let setName = "rs " + name.replacing("/", with: "|")
        try await RealMembers.with(
            started: false,
            editing: { spec in
                spec.name = ReplicaSetName(rawValue: setName)
                spec.members[0].name = MemberName(rawValue: name)
                var runtime = try spec.runtime.process
                runtime.directory = directory
                spec.runtime = .process(runtime)
            }
        ) { members in
            try await members.createAndStart()
            let paths = try members.host.directory(of: members.names[0]).paths
            let answer = try await options(of: members)
            #expect(
                answer == ["setName": setName, "dbPath": paths.database, "bindIp": "127.0.0.1", "cache": "0.25"]
            )
            #expect(try await members.host.stop(members.names[0], grace: .seconds(30)) == .clean)
            try await members.host.remove(members.names[0], includingData: true)
            #expect(FileStatus(of: paths.directory) == nil)
        }
    }

    @Test(
        "a member listens at its address, whatever its form",
        .realServers(),
        arguments: ["localhost", "127.0.0.9", "[::1]", "socket"]
    )
    func addresses(form: String) async throws {
        try await TemporaryDirectory.with { sockets in
            let text = form == "socket" ? sockets.path("m.sock") : "\(form):\(try FreePorts.next())"
            let address = try MemberAddress(text)
            try await RealMembers.with(started: false, editing: { $0.members[0].host = address }) { members in
                try await members.createAndStart()
                let encoded = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
                let host = address.isUnixSocket ? "mongodb://\(encoded)" : text
                #expect(try await options(of: members, at: host)["bindIp"] == address.host)
                // Again, for one that runs: found by its listening socket.
                try await members.host.start("a")
                let own = try members.host.directory(of: "a").paths.socket(port: address.port) ?? ""
                if !address.isUnixSocket {
                    #expect(FileStatus(of: own)?.kind == .other)
                    #expect(FileStatus(of: "/tmp/mongodb-\(address.port).sock") == nil)
                }
                if form == "socket" {
                    let other = try members.host(mongod: RealServers.mongod())
                    #expect(try await other.stop("a", grace: .seconds(30)) == .clean)
                }
            }
        }
    }

    @Test(
        "TLS: required of all, and a client's certificate where the spec gives clients one",
        .realServers(),
        arguments: [false, true]
    )
    func tls(clientCertificate: Bool) async throws {
        try await TemporaryDirectory.with { files in
            let certificates = try TestCertificates(in: files)
            let tls = TLSSpec(
                caFile: certificates.caFile,
                certificateKeyFile: certificates.memberFile,
                clientCertificateKeyFile: clientCertificate ? certificates.clientFile : nil
            )
            try await RealMembers.with(editing: { $0.security.tls = tls }) { members in
                var secure = ["tls": "true", "tlsCAFile": certificates.caFile]
                if clientCertificate {
                    await #expect(throws: TestFailure.self) {
                        _ = try await options(of: members, secure.merging(Self.impatient) { $1 })
                    }
                    secure["tlsCertificateKeyFile"] = certificates.clientFile
                }
                let answer = try await options(of: members, secure)
                #expect(answer["bindIp"] == "127.0.0.1")
                await #expect(throws: TestFailure.self) { _ = try await options(of: members, Self.impatient) }
            }
        }
    }

    private static let impatient = ["serverSelectionTimeoutMS": "1500"]

    @Test("the keyfile's content is nowhere but in the keyfile", .realServers())
    func secrets() async throws {
        try await RealMembers.with { members in
            let key = members.keyFile.reveal()
            let pid = try await members.pid("a")
            for file in ["cmdline", "environ", "status"] {
                #expect(!(try readSmallFile("/proc/\(pid)/\(file)").contains(key)))
            }
            let arguments = try #require(ProcessFacts(of: pid)).arguments
            let paths = try members.host.directory(of: "a").paths
            #expect(Array(arguments.dropFirst()) == ["--config", paths.config])
            _ = try await options(of: members)
            for name in try namesInDirectory(paths.directory) where name != "keyfile" && name != "db" {
                let path = paths.directory + "/" + name
                guard FileStatus(of: path)?.kind == .file else { continue }
                #expect(!(try readSmallFile(path, limit: 8 << 20).contains(key)), "\(name)")
                #expect((FileStatus(of: path)?.permissions ?? 0o777) & 0o033 == 0, "\(name)")
            }
            #expect(FileStatus(of: paths.directory)?.permissions == 0o700)
            #expect(FileStatus(of: paths.log)?.permissions == 0o600)
        }
    }

    @Test("a member may open as many files as the system's hard limit lets it, up to 64000", .realServers())
    func openFiles() async throws {
        try await RealMembers.with { members in
            let limits = try readSmallFile("/proc/\(try await members.pid("a"))/limits")
            let line = try #require(limits.split(separator: "\n").first { $0.hasPrefix("Max open files") })
            let numbers = line.split(separator: " ").compactMap { Int($0) }
            #expect(numbers[0] >= min(64000, numbers[1]))
        }
    }

    @Test("a changed spec is what the next start runs with", .realServers())
    func changedSpec() async throws {
        try await RealMembers.with { members in
            #expect(try await members.host.stop("a", grace: .seconds(30)) == .clean)
            var spec = members.spec
            var runtime = try spec.runtime.process
            runtime.cacheSizeMB = 320
            spec.runtime = .process(runtime)
            let host = try LocalProcessHost(spec: spec, baseDirectory: members.directory.path, logger: .silent)
            try await host.start("a")
            #expect(try await options(of: members)["cache"] == "0.3125")
        }
    }

    @Test("the log of a real member is read and followed", .realServers())
    func log() async throws {
        try await RealMembers.with(started: false) { members in
            let host = members.host
            try await host.create("a", keyFile: members.keyFile)
            for try await line in try await host.log(of: "a", lastLines: 10, follow: false) { Issue.record("\(line)") }
            let following = try await host.log(of: "a", lastLines: 10, follow: true)
            let listening = Task {
                for try await line in following where MongodLogLine(line)?.id == 23016 { return true }
                return false
            }
            try await host.start("a")
            #expect(try await listening.value)
            var last: [String] = []
            for try await line in try await host.log(of: "a", lastLines: 3, follow: false) { last.append(line) }
            #expect(last.count == 3 && last.allSatisfy { $0.hasPrefix("{\"t\":") })
        }
    }
}
