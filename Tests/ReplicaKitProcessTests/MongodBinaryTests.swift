import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitProcess

@Suite("Finding and checking mongod")
struct MongodBinaryTests {
    private func code(_ body: () async throws -> Void) async -> ReplicaKitError.Code? {
        do {
            try await body()
            return nil
        } catch {
            #expect((error as? ReplicaKitError)?.hint != nil, "no hint: \(error)")
            return (error as? ReplicaKitError)?.code
        }
    }

    private func check(_ name: String, in directory: TemporaryDirectory) async throws {
        _ = try await MongodBinary(name: name, baseDirectory: directory.path, clock: ContinuousClock()).usable()
    }

    @Test("refuses what is not there, not executable, not a mongod, or too old or too new")
    func unsuitable() async throws {
        try await TemporaryDirectory.with { directory in
            #expect(await code { try await check("missing/mongod", in: directory) } == .binaryNotFound)
            #expect(await code { try await check("no-such-mongod-anywhere", in: directory) } == .binaryNotFound)
            try directory.writeScript("plain", "echo db version v6.0.5", executable: false)
            #expect(await code { try await check("./plain", in: directory) } == .binaryUnsuitable)
            #expect(await code { try await check(directory.path, in: directory) } == .binaryUnsuitable)
            for script in [
                "echo hello", "exit 3", "echo db version v4.2.1", "echo db version v9.0.0", "kill -9 $$",
                "head -c 1000000 /dev/zero",
            ] {
                try directory.writeScript("mongod", script)
                #expect(await code { try await check("./mongod", in: directory) } == .binaryUnsuitable, "\(script)")
            }
            try Data("not a program".utf8).write(to: URL(filePath: directory.path("mongod")))
            #expect(await code { try await check("./mongod", in: directory) } == .binaryUnsuitable)
        }
    }

    @Test("finds a name on PATH, and skips what cannot be run")
    func searchPath() async throws {
        try await TemporaryDirectory.with { directory in
            try FileManager.default.createDirectory(atPath: directory.path("a"), withIntermediateDirectories: true)
            try FileManager.default.createDirectory(atPath: directory.path("b"), withIntermediateDirectories: true)
            try directory.writeScript("a/mongod", "", executable: false)
            try directory.writeScript("b/mongod", "")
            let path = "relative::\(directory.path)/none:\(directory.path)/a:\(directory.path)/b"
            #expect(
                try MongodBinary.locate("mongod", baseDirectory: "/", searchPath: path) == directory.path("b/mongod")
            )
        }
    }

    @Test("asks a binary for its version once, and again when it was replaced")
    func cache() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.writeScript("mongod", "echo x >> \(directory.path)/calls; echo db version v6.0.5")
            let binary = MongodBinary(name: "./mongod", baseDirectory: directory.path, clock: ContinuousClock())
            try await withThrowingTaskGroup(of: MongodBinary.Usable.self) { group in
                for _ in 0..<5 { group.addTask { try await binary.usable() } }
                for try await usable in group { #expect(usable.version.major == 6) }
            }
            #expect(try String(contentsOfFile: directory.path("calls"), encoding: .utf8) == "x\n")
            try directory.writeScript("mongod", "echo db version v7.0.12")
            #expect(try await binary.usable().version.major == 7)
        }
    }

    @Test("does not wait for ever for a program that hangs", .timeLimit(.minutes(5)))
    func hanging() async throws {
        try await TemporaryDirectory.with { directory in
            // A grandchild keeps the output open, as a daemon would.
            try directory.writeScript("hang", "sleep 20 & sleep 20")
            let outcome = try await runProcess(
                directory.path("hang"),
                [],
                deadline: .milliseconds(200),
                clock: ContinuousClock()
            )
            #expect(outcome.status == .timedOut)
        }
    }

    @Test("passes arguments as they are and next to nothing of the environment")
    func environment() async throws {
        try await TemporaryDirectory.with { directory in
            try directory.writeScript("show", "for a in \"$@\"; do printf '[%s]' \"$a\"; done; echo; env")
            let outcome = try await runProcess(
                directory.path("show"),
                ["a b", "$(id)", "", "\"'"],
                in: directory.path,
                deadline: .seconds(120),
                clock: ContinuousClock()
            )
            let lines = outcome.output.split(separator: "\n")
            #expect(lines.first == "[a b][$(id)][][\"']")
            let names = Set(lines.dropFirst().compactMap { $0.split(separator: "=").first.map(String.init) })
            #expect(!names.contains("HOME"))
            #expect(names.contains("PATH"))
            #expect(lines.contains("LC_ALL=C"))
        }
    }
}
