import Foundation
import Testing

@testable import ReplicaKit

@Suite("Secret store")
struct SecretStoreTests {
    /// A directory of its own for every test, removed after it.
    private func withStore(_ body: (SecretStore) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "secrets-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        try await body(SecretStore(baseDirectory: directory.path))
    }

    private func put(_ text: String, _ path: String, mode: Int, in store: SecretStore) throws {
        let path = store.resolve(path)
        try Data(text.utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    private func mode(_ path: String, in store: SecretStore) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: store.resolve(path))[.posixPermissions] as? Int
    }

    private func code(_ body: () throws -> Void) -> ReplicaKitError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? ReplicaKitError)?.code
        }
    }

    @Test(
        "One final line end is not part of a secret",
        arguments: [
            ("plain", "plain"), ("unix\n", "unix"), ("dos\r\n", "dos"), ("two\n\n", "two\n"), (" spaces kept ", nil),
            ("ünïcödé $:/?#[]@%\n", "ünïcödé $:/?#[]@%"),
        ]
    )
    func reading(content: String, secret: String?) async throws {
        try await withStore { store in
            try put(content, "password", mode: 0o600, in: store)
            #expect(try store.read(.file("password")).reveal() == secret ?? content)
            #expect(try store.read(.file(store.resolve("password"))).reveal() == secret ?? content)
        }
    }

    @Test("A file that others can read or change is refused", arguments: [0o640, 0o604, 0o660, 0o644, 0o620, 0o777])
    func tooOpen(mode: Int) async throws {
        try await withStore { store in
            try put("secret", "password", mode: mode, in: store)
            let error = #expect(throws: ReplicaKitError.self) { try store.read(.file("password")) }
            #expect(error?.code == .fileTooOpen)
            #expect(error?.hint?.contains("chmod 600") == true)
            #expect(
                error?.message.contains("secret") == true
                    && error?.message.contains("0\(String(mode, radix: 8))") == true
            )
            #expect(code { _ = try store.readOrCreatePassword(.file("password")) } == .fileTooOpen)
            #expect(code { _ = try store.readOrCreateKeyFile("password") } == .fileTooOpen)
        }
    }

    @Test("What is not a secret is refused, each with its code")
    func unusable() async throws {
        try await withStore { store in
            #expect(code { _ = try store.read(.file("absent")) } == .secretMissing)
            #expect(code { _ = try store.readKeyFile("absent") } == .secretMissing)
            #expect(code { _ = try store.read(.file("no/such/directory")) } == .secretMissing)
            try put("\n", "empty", mode: 0o600, in: store)
            #expect(code { _ = try store.read(.file("empty")) } == .secretMissing)
            #expect(code { _ = try store.readOrCreatePassword(.file("empty")) } == .secretMissing)
            try put("a\0b", "nul", mode: 0o600, in: store)
            #expect(code { _ = try store.read(.file("nul")) } == .fileUnreadable)
            try Data([0xFF, 0xFE, 0x41]).write(to: URL(filePath: store.resolve("nul")))
            #expect(code { _ = try store.read(.file("nul")) } == .fileUnreadable)
            try put(String(repeating: "x", count: SecretFile.maximumSize + 1), "huge", mode: 0o600, in: store)
            #expect(code { _ = try store.read(.file("huge")) } == .fileUnreadable)
            #expect(code { _ = try store.read(.file(".")) } == .fileUnreadable)
            #expect(code { _ = try store.read(.env("REPLICAKIT_NO_SUCH_VARIABLE")) } == .secretMissing)
            #expect(code { _ = try store.readOrCreatePassword(.env("REPLICAKIT_NO_SUCH_VARIABLE")) } == .secretMissing)
        }
    }

    @Test("An environment variable is a secret")
    func environment() throws {
        let home = try #require(ProcessInfo.processInfo.environment["PATH"])
        #expect(try SecretStore(baseDirectory: ".").read(.env("PATH")).reveal() == home)
    }

    @Test("A password is made once, random, for its owner alone")
    func password() async throws {
        try await withStore { store in
            let made = try store.readOrCreatePassword(.file("deep/secrets/password"))
            #expect(made.reveal().utf8.count == 40)
            #expect(try store.readOrCreatePassword(.file("deep/secrets/password")) == made)
            #expect(try store.read(.file("deep/secrets/password")) == made)
            #expect(try mode("deep/secrets/password", in: store) == 0o600)
            #expect(try mode("deep/secrets", in: store) == 0o700)
            #expect(try mode("deep", in: store) == 0o700)
            #expect(try store.readOrCreatePassword(.file("other")) != made)
            let left = try FileManager.default.contentsOfDirectory(atPath: store.resolve("deep/secrets"))
            #expect(left == ["password"])
        }
    }

    @Test("A keyfile is made once, as servers want it")
    func keyFile() async throws {
        try await withStore { store in
            let made = try store.readOrCreateKeyFile("secrets/keyfile")
            #expect(made.reveal().utf8.count == 756)
            #expect(try store.readOrCreateKeyFile("secrets/keyfile") == made)
            #expect(try store.readKeyFile("secrets/keyfile") == made)
            #expect(try mode("secrets/keyfile", in: store) == 0o400)
        }
    }

    @Test(
        "A keyfile that servers would refuse is refused here",
        arguments: [
            ("abcde", false), ("abc def\n", true), (String(repeating: "a", count: 1024), true),
            (String(repeating: "a", count: 1025), false), ("abc!def", false), ("- abcdef\n- ghijkl\n", false),
            ("abcd==", true), ("äbcdefgh", false), ("", false),
        ]
    )
    func keyFileContent(content: String, good: Bool) async throws {
        try await withStore { store in
            try put(content, "keyfile", mode: 0o400, in: store)
            #expect(code { _ = try store.readKeyFile("keyfile") } == (good ? nil : .fileUnreadable))
        }
    }

    @Test("Creators that race get one content", arguments: 0..<20)
    func race(round: Int) async throws {
        try await withStore { store in
            let secrets = try await withThrowingTaskGroup(of: [Secret].self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        [
                            try store.readOrCreatePassword(.file("new/password")),
                            try store.readOrCreateKeyFile("new/keyfile"),
                        ]
                    }
                }
                return try await group.reduce(into: Set<[Secret]>()) { $0.insert($1) }
            }
            #expect(secrets.count == 1)
            let left = try FileManager.default.contentsOfDirectory(atPath: store.resolve("new"))
            #expect(left.sorted() == ["keyfile", "password"])
        }
    }

    @Test("What was found elsewhere is kept where nothing is, and never put over something else")
    func keeping() async throws {
        try await withStore { store in
            let key = Secret("c2VjcmV0LWtleQ")
            for _ in 1...2 {
                try store.keepKeyFile(key, at: "secrets/keyfile")
                try store.put(key, at: "copies/keyfile")
            }
            #expect(try store.readKeyFile("secrets/keyfile") == key)
            #expect(try mode("secrets/keyfile", in: store) == 0o400)
            #expect(try mode("copies/keyfile", in: store) == 0o400)
            #expect(code { try store.keepKeyFile(Secret("b3RoZXIta2V5"), at: "secrets/keyfile") } == .refused)
            #expect(code { try store.put(Secret("b3RoZXIta2V5"), at: "copies/keyfile") } == .refused)
            #expect(try store.readKeyFile("copies/keyfile") == key)
        }
    }
}
