import Foundation
import TestSupport
import Testing

/// Backups by the tool, on real servers: what people type, what it prints, and what is left when it is killed.
@Suite("Backups by the tool", .serialized, .realServers())
struct BackupTests {
    /// A set that is up and holds documents.
    private func withData(_ body: (Tool) async throws -> Void) async throws {
        try await RealSet.inTurn { tool in
            #expect(try await tool.run("up").status == 0)
            let count = try await tool.judge(
                """
                d = c.shop
                d.orders.insert_many([{"_id": i, "text": "x" * 500, "n": i % 10} for i in range(60000)])
                d.orders.create_index("n"); d.small.insert_one({"_id": 1})
                result = d.orders.count_documents({})
                """,
                as: Int.self
            )
            #expect(count == 60000)
            try await body(tool)
        }
    }

    private func backups(_ tool: Tool) async throws -> [[String: Any]] {
        try #require(try await tool.run("backup", "list", "--json").json()["backups"] as? [[String: Any]])
    }

    @Test("Made, listed, shown, tagged, verified, restored and pruned")
    func wholeLife() async throws {
        try await withData { tool in
            let made = try await tool.run("backup", "create", "--json", "--tag", "first")
            let document = try made.json()
            let id = try #require(document["id"] as? String, "\(made.output)\(made.error)")
            #expect(document["mode"] as? String == "snapshot")
            #expect((document["documents"] as? Int ?? 0) > 60000)
            #expect(try await backups(tool).compactMap { $0["id"] as? String } == [id])
            #expect(try await tool.run("backup", "show", id).output.contains("shop.orders"))
            #expect(try await tool.run("backup", "verify", id).status == 0)
            let verified = try await tool.run("backup", "verify", id, "--restore", "--json")
            #expect(try verified.json()["good"] as? Bool == true, "\(verified.output)\(verified.error)")

            let refused = try await tool.run("restore", id, "--json")
            #expect(refused.status == 2)
            #expect(refused.output.contains("backup.targetNotEmpty"))
            let dry = try await tool.run("restore", id, "--mirror", "--dry-run")
            #expect(dry.output.contains("replace") && dry.output.contains("shop.orders"))
            let gone = try await tool.judge(
                """
                c.shop.orders.delete_many({}); c.shop.more.insert_one({})
                c.admin.command("createRole", "later", privileges=[], roles=["read"])
                result = 1
                """,
                as: Int.self
            )
            #expect(gone == 1)
            let restored = try await tool.run("restore", id, "--mirror", "--yes", "--json")
            #expect(restored.status == 0, "\(restored.output)\(restored.error)")
            let counts = try await tool.judge(
                """
                result = [c.shop.orders.count_documents({}), int("more" in c.shop.list_collection_names()),
                          int("n_1" in c.shop.orders.index_information()), len(c.admin.command("rolesInfo", 1)["roles"])]
                """,
                as: [Int].self
            )
            #expect(counts == [60000, 0, 1, 0])

            #expect(try await tool.run("backup", "create").status == 0)
            let pruned = try await tool.run("backup", "prune", "--yes", "--json").json()
            #expect((pruned["removed"] as? [String])?.isEmpty == true)
            #expect(try await tool.run("backup", "show", "no/such").status == 64)
            #expect(try await tool.run("backup", "show", "no-such").status == 1)
        }
    }

    @Test("A backup that is killed anywhere leaves none, or a whole one, and is gone on with")
    func killedBackups() async throws {
        try await withData { tool in
            for delay in [60, 200, 400, 700, 1000, 1500, 2200, 3000] {
                _ = try await tool.run("backup", "create", "--rate", "8", killedAfter: .milliseconds(delay))
            }
            for backup in try await backups(tool) {
                let id = try #require(backup["id"] as? String)
                #expect(try await tool.run("backup", "verify", id).status == 0)
            }
            let listed = try await tool.run("backup", "list", "--json").json()
            let interrupted = try #require(listed["interrupted"] as? [String])
            let first = try #require(interrupted.first)
            let resumed = try await tool.run("backup", "create", "--resume", first, "--json")
            #expect(try resumed.json()["id"] as? String == first, "\(resumed.output)\(resumed.error)")
            let verdict = try await tool.run("backup", "verify", first, "--restore")
            #expect(verdict.status == 0, "\(verdict.output)\(verdict.error)")
        }
    }

    @Test("A restore that is killed anywhere is completed by the next")
    func killedRestores() async throws {
        try await withData { tool in
            #expect(try await tool.run("backup", "create").status == 0)
            let id = try #require(try await backups(tool).first?["id"] as? String)
            for delay in [150, 300, 450, 600, 800] {
                _ = try await tool.run("restore", id, "--mirror", "--yes", killedAfter: .milliseconds(delay))
            }
            let last = try await tool.run("restore", id, "--mirror", "--yes", "--json")
            #expect(last.status == 0, "\(last.output)\(last.error)")
            let counts = try await tool.judge(
                """
                result = [c.shop.orders.count_documents({}), c.shop.small.count_documents({}),
                          int("n_1" in c.shop.orders.index_information()), int("replicakit_restore" in c.list_database_names())]
                """,
                as: [Int].self
            )
            #expect(counts == [60000, 1, 1, 0])
        }
    }

    @Test("A set that is lost is rebuilt from its spec and a backup")
    func rebuild() async throws {
        try await withData { tool in
            #expect(try await tool.run("backup", "create").status == 0)
            let refused = try await tool.run("rebuild", "--json")
            #expect(refused.output.contains("backup.targetNotEmpty"), "\(refused.output)")
            #expect(try await tool.run("down", "--volumes", "--yes").status == 0)
            // There is no archive: the end is the backup's own moment, and that is what there is to compare with.
            let steps = try await tool.run("rebuild", "--dry-run").output
            #expect(steps.contains("has nothing after it") && steps.contains("compare every document"), "\(steps)")
            #expect(try await tool.run("rebuild", "--to-backup", "--to", "latest").status == 64)
            _ = try await tool.run("rebuild", killedAfter: .milliseconds(1500))
            let rebuilt = try await tool.run("rebuild")
            #expect(rebuilt.status == 0, "\(rebuilt.output)\(rebuilt.error)")
            #expect(rebuilt.error.contains("compare with the backup"), "\(rebuilt.error)")
            #expect(try await tool.judge("result = c.shop.orders.count_documents({})", as: Int.self) == 60000)
        }
    }

    @Test("With a key in the spec nothing in the store can be read without it")
    func encrypted() async throws {
        try await withData { tool in
            let spec = try String(contentsOf: tool.directory.appending(path: "replicaset.yaml"), encoding: .utf8)
            try tool.write(String(repeating: "ab", count: 32), to: "secrets/backup-key")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600],
                ofItemAtPath: tool.directory.appending(path: "secrets/backup-key").path
            )
            try tool.write(
                spec + "backup: {encryptionKeyFile: secrets/backup-key, compression: none}\n",
                to: "replicaset.yaml"
            )
            let made = try await tool.run("backup", "create", "--json")
            let id = try #require(try made.json()["id"] as? String, "\(made.error)")
            let folder = tool.directory.appending(path: "backups/backups/\(id)/shop/orders.bson")
            #expect(try Data(contentsOf: folder).range(of: Data(String(repeating: "x", count: 100).utf8)) == nil)
            let verdict = try await tool.run("backup", "verify", id, "--restore")
            #expect(verdict.status == 0, "\(verdict.output)\(verdict.error)")
        }
    }

    @Test("What mongodump would have written is restored too", arguments: ["none", "gzip"])
    func foreignDumps(compression: String) async throws {
        try await withData { tool in
            // The layout of a backup is that of a dump: without the manifest it is nothing else.
            let made = try await tool.run("backup", "create", "--compression", compression, "--json").json()
            let folder = try #require(made["directory"] as? String)
            try FileManager.default.removeItem(atPath: folder + "/backup-metadata.json")
            let refused = try await tool.run("restore", "--dump", folder, "--json")
            #expect(refused.status == 2, "\(refused.output)")
            let renamed = try await tool.run(
                "restore",
                "--dump",
                folder,
                "--include",
                "shop",
                "--to-namespace",
                "shop=copy",
                "--json"
            )
            #expect(renamed.status == 0, "\(renamed.output)\(renamed.error)")
            let found = try await tool.judge(
                "result = [c.copy.orders.count_documents({}), int(\"n_1\" in c.copy.orders.index_information())]",
                as: [Int].self
            )
            #expect(found == [60000, 1])
            let file = folder + "/shop/orders.bson" + (compression == "gzip" ? ".gz" : "")
            let whole = try Data(contentsOf: URL(filePath: file))
            // Not at a boundary between documents: nothing in a dump tells that.
            try whole.prefix(whole.count / 2 - 3).write(to: URL(filePath: file))
            let damaged = try await tool.run(
                "restore",
                "--dump",
                folder,
                "--include",
                "shop",
                "--to-namespace",
                "shop=other",
                "--json"
            )
            #expect(damaged.output.contains("backup.damaged"), "\(damaged.output)")
            let names = try await tool.judge("result = c.list_database_names()", as: [String].self)
            #expect(!names.contains("other"))
        }
    }
}
