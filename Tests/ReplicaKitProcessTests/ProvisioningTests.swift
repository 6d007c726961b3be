import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitProcess

@Suite("Making and removing members' directories")
struct ProvisioningTests {
    /// A host that needs no server: nothing is started here.
    private struct Bench {
        let directory: TemporaryDirectory
        let host: LocalProcessHost
        let keyFile = RealMembers.makeKeyFile()
        var member: String { directory.path("data/a") }

        init(_ directory: TemporaryDirectory, set: ReplicaSetName = "rs0", members: [MemberName] = ["a", "b"]) throws {
            self.directory = directory
            let spec = ReplicaSetSpec(
                name: set,
                members: members.enumerated().map {
                    MemberSpec(name: $1, host: MemberAddress(host: "127.0.0.1", port: 27101 + $0))
                }
            )
            host = try LocalProcessHost(spec: spec, baseDirectory: directory.path, logger: .silent)
        }

        func create() async throws { try await host.create("a", keyFile: keyFile) }

        /// Every path below a directory, with its permissions and content.
        func contents(of path: String) throws -> [String: String] {
            var found: [String: String] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
                let status = try #require(FileStatus(of: path + "/" + name))
                let content = status.kind == .file ? try readSmallFile(path + "/" + name) : ""
                found[name] = "\(status.kind) \(String(status.permissions, radix: 8)) \(content)"
            }
            return found
        }
    }

    private func make(_ path: String, _ content: String = "") throws {
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try Data(content.utf8).write(to: URL(filePath: path))
    }

    @Test("makes files that only their owner can read")
    func permissions() async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try Bench(directory)
            try await bench.create()
            for (name, mode) in [
                ("", 0o700), ("/db", 0o700), ("/mongod.conf", 0o600), ("/member.json", 0o600), ("/keyfile", 0o400),
            ] {
                #expect(FileStatus(of: bench.member + name)?.permissions == UInt32(mode), "\(name)")
            }
            #expect(FileStatus(of: directory.path("data"))?.permissions == 0o700)
            #expect(try readSmallFile(bench.member + "/keyfile") == bench.keyFile.reveal())
            let marker = try readSmallFile(bench.member + "/member.json")
            #expect(marker.contains("\"set\" : \"rs0\"") && marker.contains("\"host\" : \"127.0.0.1:27101\""))
            for name in ["mongod.conf", "member.json"] {
                #expect(!(try readSmallFile(bench.member + "/" + name).contains(bench.keyFile.reveal())))
            }
        }
    }

    @Test("completes a creation that was cut short anywhere, and changes nothing when done again")
    func interrupted() async throws {
        let temporary = ".replicakit-12345.tmp"
        let steps: [[String]] = [
            [], [temporary], ["member.json"], ["member.json", "db"], ["member.json", "db", temporary],
            ["member.json", "db", "keyfile"], ["member.json", "db", "keyfile", temporary],
        ]
        for step in steps {
            try await TemporaryDirectory.with { directory in
                let bench = try Bench(directory)
                try await bench.create()
                let whole = try bench.contents(of: bench.member)
                for name in try FileManager.default.contentsOfDirectory(atPath: bench.member) where !step.contains(name)
                {
                    try FileManager.default.removeItem(atPath: bench.member + "/" + name)
                }
                if step.contains(temporary) { try make(bench.member + "/" + temporary, "half a f") }
                #expect(try await bench.host.state(of: "a") == .absent, "\(step)")
                try await bench.create()
                #expect(try bench.contents(of: bench.member) == whole, "\(step)")
                #expect(try await bench.host.state(of: "a") == .stopped(.unseen))
                try await bench.create()
                #expect(try bench.contents(of: bench.member) == whole, "\(step)")
            }
        }
    }

    @Test("can be asked by many at once")
    func concurrent() async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try Bench(directory)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 { group.addTask { try await bench.create() } }
                for _ in 0..<8 { group.addTask { try await bench.host.create("b", keyFile: bench.keyFile) } }
                try await group.waitForAll()
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: bench.member).count == 4)
        }
    }

    @Test("leaves a directory alone that is somebody else's")
    func foreign() async throws {
        let others: [(String, String)] = [
            ("notes.txt", "mine"), ("db/WiredTiger", "data of a mongod that nobody told us of"),
            ("member.json", #"{"format": 1, "set": "other", "member": "a", "host": "x:1"}"#),
            ("member.json", #"{"format": 1, "set": "rs0", "member": "b", "host": "x:1"}"#),
            ("member.json", #"{"format": 2, "set": "rs0", "member": "a", "host": "x:1"}"#),
            ("member.json", "{"), ("member.json/x", ""),
        ]
        for (name, content) in others {
            try await TemporaryDirectory.with { directory in
                let bench = try Bench(directory)
                try make(bench.member + "/" + name, content)
                let before = try bench.contents(of: bench.member)
                let error = try await failure(.directoryInUse) { try await bench.create() }
                #expect(error.message.contains(bench.member))
                if name.hasPrefix("member.json") {
                    _ = try await failure(.directoryInUse) { _ = try await bench.host.state(of: "a") }
                    _ = try await failure(.directoryInUse) { _ = try await bench.host.stop("a", grace: .zero) }
                    _ = try await failure(.directoryInUse) { try await bench.host.remove("a", includingData: true) }
                }
                #expect(try bench.contents(of: bench.member) == before)
            }
        }
    }

    @Test("refuses two sets in one directory")
    func twoSets() async throws {
        try await TemporaryDirectory.with { directory in
            try await Bench(directory).create()
            let error = try await failure(.directoryInUse) { try await Bench(directory, set: "rs1").create() }
            #expect(error.message.contains("\"rs0\""))
        }
    }

    @Test("does not follow symbolic links out of the directory")
    func symbolicLinks() async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try Bench(directory)
            let outside = directory.path("outside")
            try make(outside + "/precious", "keep me")
            try make(directory.path("data/x"))
            try FileManager.default.createSymbolicLink(atPath: bench.member, withDestinationPath: outside)
            _ = try await failure(.directoryInUse) { try await bench.create() }
            try FileManager.default.removeItem(atPath: bench.member)

            try await bench.create()
            try FileManager.default.removeItem(atPath: bench.member + "/db")
            try FileManager.default.createSymbolicLink(atPath: bench.member + "/db", withDestinationPath: outside)
            _ = try await failure(.directoryInUse) { try await bench.create() }
            try await bench.host.remove("a", includingData: true)
            #expect(try readSmallFile(outside + "/precious") == "keep me")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: bench.member).sorted() == ["db", "member.json"]
            )
            try FileManager.default.removeItem(atPath: bench.member)

            try await bench.create()
            for name in ["db/journal", "mongod.log", "db/collection-1.wt"] {
                try FileManager.default.createSymbolicLink(
                    atPath: bench.member + "/" + name,
                    withDestinationPath: name == "db/journal" ? outside : outside + "/precious"
                )
            }
            try await bench.host.remove("a", includingData: true)
            #expect(FileStatus(of: bench.member) == nil)
            #expect(try readSmallFile(outside + "/precious") == "keep me")
        }
    }

    @Test("removes what it and mongod made, and leaves what they did not")
    func removal() async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try Bench(directory)
            try await bench.create()
            let made = [
                "mongod.pid", "mongod.log", "mongod.log.2026-11-23T08-37-59", "mongodb-27101.sock", "db/mongod.lock",
                "db/WiredTiger.wt", "db/journal/WiredTigerLog.0000000001", "db/diagnostic.data/metrics.interim",
                "db/storage.bson", "db/_tmp/x", "db/rollback/y",
            ]
            for name in made { try make(bench.member + "/" + name) }
            try make(bench.member + "/db/my-dump.gz", "precious")
            try make(bench.member + "/notes.txt", "mine")

            try await bench.host.remove("a", includingData: false)
            #expect(try await bench.host.state(of: "a") == .absent)
            for name in ["mongod.pid", "mongod.conf", "mongodb-27101.sock"] {
                #expect(FileStatus(of: bench.member + "/" + name) == nil)
            }
            for name in ["db/WiredTiger.wt", "keyfile", "mongod.log"] {
                #expect(FileStatus(of: bench.member + "/" + name) != nil)
            }
            try await bench.create()
            #expect(FileStatus(of: bench.member + "/db/WiredTiger.wt") != nil)

            try await bench.host.remove("a", includingData: true)
            #expect(
                try FileManager.default.subpathsOfDirectory(atPath: bench.member).sorted()
                    == ["db", "db/my-dump.gz", "member.json", "notes.txt"]
            )
            #expect(try readSmallFile(bench.member + "/db/my-dump.gz") == "precious")
            try FileManager.default.removeItem(atPath: bench.member + "/notes.txt")
            try FileManager.default.removeItem(atPath: bench.member + "/db/my-dump.gz")
            try await bench.host.remove("a", includingData: true)
            #expect(FileStatus(of: bench.member) == nil)
            try await bench.host.remove("a", includingData: true)
        }
    }

    @Test("does not swap a member's keyfile")
    func otherKeyFile() async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try Bench(directory)
            try await bench.create()
            let error = try await failure(.keyFileMismatch) {
                try await bench.host.create("a", keyFile: Secret("c2VjcmV0YW5k"))
            }
            #expect(!error.description.contains("c2VjcmV0"))
            #expect(try readSmallFile(bench.member + "/keyfile") == bench.keyFile.reveal())
        }
    }

    @Test("says what a file system refuses")
    func unwritable() async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try Bench(directory)
            try make(directory.path("data"), "a file where a directory should be")
            _ = try await failure(.fileUnwritable) { try await bench.create() }
        }
    }

    @Test("refuses a spec or member that is not its own")
    func wrongSpec() async throws {
        try await TemporaryDirectory.with { directory in
            let bench = try Bench(directory)
            _ = try await failure(.unknownMember) { _ = try await bench.host.state(of: "nobody") }
            _ = try await failure(.memberAbsent) { try await bench.host.start("a") }
            _ = try await failure(.memberAbsent) { _ = try await bench.host.stop("a", grace: .zero) }
            _ = try await failure(.memberAbsent) { _ = try await bench.host.waitForExit(of: "a", timeout: .zero) }
            _ = try await failure(.memberAbsent) { _ = try await bench.host.log(of: "a", lastLines: 1, follow: false) }
            var spec = bench.host.spec
            #expect(throws: ReplicaKitError.self) { try LocalProcessHost(spec: spec, baseDirectory: "relative") }
            spec.runtime = .external
            #expect(throws: ReplicaKitError.self) { try LocalProcessHost(spec: spec, baseDirectory: directory.path) }
        }
    }

    @Test("refuses TLS without the files that members need")
    func missingCertificates() async throws {
        try await TemporaryDirectory.with { directory in
            var spec = try Bench(directory).host.spec
            for tls in [TLSSpec(caFile: "ca.pem"), TLSSpec(caFile: "ca.pem", certificateKeyFile: "member.pem")] {
                spec.security.tls = tls
                let host = try LocalProcessHost(spec: spec, baseDirectory: directory.path, logger: .silent)
                _ = try await failure(.tlsConfiguration) { try await host.create("a", keyFile: Secret("abcdefgh")) }
            }
        }
    }

    @Test("resolves links and dots above the members, whether they exist or not")
    func canonicalPaths() async throws {
        try await TemporaryDirectory.with { directory in
            try FileManager.default.createDirectory(atPath: directory.path("real"), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: directory.path("link"), withDestinationPath: "real")
            for (path, expected) in [
                ("link", "real"), ("link/new/er", "real/new/er"), ("./x/../link/.", "real"), ("no/../no/./x", "no/x"),
            ] {
                #expect(canonicalPath(directory.path(path)) == directory.path(expected))
            }
            #expect(canonicalPath("/../..") == "/")
        }
    }

    @Test("chooses ports that are free")
    func ports() throws {
        let ports = try LocalProcessHost.freePorts(3, from: 24000)
        #expect(ports.count == 3 && Set(ports).count == 3 && ports.allSatisfy { $0 >= 24000 })
        #expect(throws: ReplicaKitError.self) { try LocalProcessHost.freePorts(3, from: 65535) }
        #expect(throws: ReplicaKitError.self) { try LocalProcessHost.freePorts(2, from: 1_000_000) }
    }
}
