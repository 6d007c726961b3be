import Foundation
import TestSupport
import Testing

/// Nothing secret where others could see it.
@Suite("Secrets", .serialized, .realServers())
struct SecretsTests {
    @Test("Not in process lists, output, logs, journals or files of others")
    func nowhere() async throws {
        try await RealSet.with { tool in
            var seen = Set<String>()
            // The password is only known afterwards: all that processes show meanwhile is kept.
            let up = try await tool.run(["up", "--verbose"]) { seen.formUnion(processTexts()) }
            #expect(up.status == 0)
            let status = try await tool.run(["status", "--verbose", "--json"]) { seen.formUnion(processTexts()) }
            let secrets = try ["admin-password", "keyfile"].map { name in
                try String(contentsOf: tool.directory.appending(path: "secrets/\(name)"), encoding: .utf8)
                    .trimmingCharacters(in: .whitespacesAndNewlines)
            }
            #expect(secrets.allSatisfy { $0.count >= 32 })
            #expect(seen.contains { $0.contains("mongod.conf") }, "no process was seen: the check would be empty")
            let outputs = [up.output, up.error, status.output, status.error]
            for secret in secrets {
                #expect(!seen.contains { $0.contains(secret) })
                #expect(!outputs.contains { $0.contains(secret) })
            }
            let files = try #require(FileManager.default.enumerator(atPath: tool.directory.path))
            var held = 0
            for case let path as String in files {
                let full = tool.directory.appending(path: path).path
                let attributes = try FileManager.default.attributesOfItem(atPath: full)
                guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
                // The server keeps the user's hashed password in its data files, never the password.
                guard let content = FileManager.default.contents(atPath: full) else { continue }
                for secret in secrets where content.range(of: Data(secret.utf8)) != nil {
                    held += 1
                    #expect(path.hasPrefix("secrets/") || path.hasSuffix("/keyfile"), "\(path) holds a secret")
                    let mode = try #require(attributes[.posixPermissions] as? Int)
                    #expect(mode & 0o077 == 0, "\(path) has mode \(String(mode, radix: 8))")
                }
            }
            // The password once; the keyfile once, and once for each member.
            #expect(held == 5)
        }
    }

    /// Arguments and environment of all processes.
    private func processTexts() -> [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { Int($0) != nil }.flatMap { process in
            ["cmdline", "environ"].compactMap { file in
                FileManager.default.contents(atPath: "/proc/\(process)/\(file)").map {
                    String(decoding: $0, as: UTF8.self)
                }
            }
        }
    }
}
