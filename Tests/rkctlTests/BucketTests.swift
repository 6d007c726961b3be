import Foundation
import TestSupport
import Testing

/// Backups in a bucket by the tool: a real set, and a real S3 server that checks every signature.
@Suite("Backups in a bucket", .serialized, .realServers())
struct BucketTests {
    /// A set that is up, whose spec keeps backups in a bucket.
    private func withBucket(_ body: (Tool, ObjectServer) async throws -> Void) async throws {
        try await ObjectServer.with { server in
            try await RealSet.inTurn { tool in
                #expect(try await tool.run("up").status == 0)
                try tool.keepBackups(in: server)
                try await body(tool, server)
            }
        }
    }

    @Test("Made, listed, verified, archived, restored to a moment, interrupted, gone on with and pruned")
    func wholeLife() async throws {
        try await withBucket { tool, server in
            let filled = try await tool.judge(
                """
                c.shop.orders.insert_many([{"_id": i, "text": "x" * 500} for i in range(20000)])
                result = c.shop.orders.count_documents({})
                """,
                as: Int.self
            )
            #expect(filled == 20000)
            #expect(try await tool.run("oplog", "archive", "--once").status == 0)
            let made = try await tool.run("backup", "create", "--json", "--tag", "first")
            let id = try #require(try made.json()["id"] as? String, "\(made.output)\(made.error)")
            #expect(try made.json()["directory"] as? String == "s3://kept/sets/rs0/backups/\(id)")
            let keys = try await names(server)
            #expect(
                keys.contains("sets/rs0/backups/\(id)/backup-metadata.json") && !keys.contains { $0.contains("resume") }
            )
            #expect(!FileManager.default.fileExists(atPath: tool.directory.appending(path: "backups").path))
            #expect(try await tool.run("backup", "list").output.contains(id))
            #expect(try await tool.run("backup", "show", id).output.contains("shop.orders"))
            let verified = try await tool.run("backup", "verify", "--restore", "--json")
            #expect(try verified.json()["good"] as? Bool == true, "\(verified.output)\(verified.error)")

            // One more document, then everything is lost; the moment between is restored.
            let moment = try await tool.judge(
                """
                with c.start_session() as s:
                    c.shop.orders.insert_one({"_id": "last"}, session=s)
                    t = s.operation_time
                c.shop.orders.delete_many({})
                result = [t.time, t.inc]
                """,
                as: [Int].self
            )
            #expect(try await tool.run("oplog", "archive", "--once").status == 0)
            let archive = try await tool.run("oplog", "status", "--verify", "--json").json()
            let timelines = try #require(archive["timelines"] as? [[String: Any]])
            #expect(timelines.count == 1 && (timelines.first?["windows"] as? [Any])?.count == 1)
            #expect((archive["problems"] as? [Any])?.isEmpty == true)
            let target = "\(moment[0]),\(moment[1])"
            let restored = try await tool.run("restore", "--to", target, "--mirror", "--yes", "--json")
            #expect(restored.status == 0, "\(restored.output)\(restored.error)")
            let found = try await tool.judge(
                "result = [c.shop.orders.count_documents({}), c.shop.orders.count_documents({'_id': 'last'})]",
                as: [Int].self
            )
            #expect(found == [20001, 1])

            try await interruptAndGoOn(tool)
            let dry = try await tool.run("backup", "prune", "--dry-run", "--json").json()
            #expect((dry["removed"] as? [String])?.isEmpty == true)
            #expect(try await tool.run("backup", "tag", id, "first", "--remove").status == 0)
            #expect(try await tool.run("backup", "prune", "--yes").status == 0)
            #expect(try await tool.run("backup", "schedule").status == 0)
            let health = try await tool.run("health", "--json").json()
            let rules = (health["findings"] as? [[String: Any]] ?? []).compactMap { $0["rule"] as? String }
            #expect(!rules.contains("backup.age") && !rules.contains("backup.proof"), "\(rules)")
        }
    }

    private func interruptAndGoOn(_ tool: Tool) async throws {
        var interrupted: [String] = []
        for delay in [1000, 1500, 2200, 3000, 4500] where interrupted.isEmpty {
            _ = try await tool.run("backup", "create", "--rate", "1", killedAfter: .milliseconds(delay))
            let listed = try await tool.run("backup", "list", "--json").json()
            interrupted = listed["interrupted"] as? [String] ?? []
        }
        let id = try #require(interrupted.first)
        let resumed = try await tool.run("backup", "create", "--resume", id, "--json")
        #expect(try resumed.json()["id"] as? String == id, "\(resumed.output)\(resumed.error)")
        #expect(try await tool.run("backup", "verify", id).status == 0)
    }

    @Test("Encrypted there, and enough to rebuild a set of which only the spec and the secrets are left")
    func rebuilt() async throws {
        try await withBucket { tool, server in
            try tool.writeSecret(String(repeating: "ab", count: 32), as: "backup-key")
            try tool.keepBackups(in: server, more: "encryptionKeyFile: secrets/backup-key, compression: none, ")
            let word = "a word that can be looked for"
            let count = try await tool.judge(
                """
                c.shop.orders.insert_many([{"_id": i, "text": "\(word)"} for i in range(3000)])
                result = c.shop.orders.count_documents({})
                """,
                as: Int.self
            )
            #expect(count == 3000)
            #expect(try await tool.run("oplog", "archive", "--once").status == 0)
            let made = try await tool.run("backup", "create")
            #expect(made.status == 0, "\(made.error)")
            let moment = try await tool.judge(
                """
                with c.start_session() as s:
                    c.shop.orders.insert_one({"_id": "later", "text": "\(word)"}, session=s)
                    result = [s.operation_time.time, s.operation_time.inc]
                """,
                as: [Int].self
            )
            #expect(try await tool.run("oplog", "archive", "--once").status == 0)
            #expect(try await tool.run("down", "--volumes", "--yes").status == 0)

            // Nobody who has the bucket alone can read any of it.
            let readable = try await server.ask(
                """
                result = 0
                for o in s3.list_objects_v2(Bucket='kept')['Contents']:
                    if b"\(word)" in s3.get_object(Bucket='kept', Key=o['Key'])['Body'].read(): result += 1
                """,
                as: Int.self
            )
            #expect(readable == 0)
            try tool.writeSecret(String(repeating: "cd", count: 32), as: "backup-key")
            let refused = try await tool.run("rebuild", "--dry-run", "--json")
            #expect(refused.status != 0 && refused.output.contains("backup.keyWrong"), "\(refused.output)")
            try tool.writeSecret(String(repeating: "ab", count: 32), as: "backup-key")

            let target = "\(moment[0]),\(moment[1])"
            let ways: [([String], Bool)] = [([], true), (["--to", target], true), (["--to-backup"], false)]
            for (arguments, replays) in ways {
                let steps = try await tool.run(["rebuild", "--dry-run"] + arguments, environment: [:]).output
                #expect(steps.contains("replay the archive") == replays, "\(arguments): \(steps)")
            }
            // As far as the archive goes, unless something else is said.
            _ = try await tool.run("rebuild", killedAfter: .milliseconds(2500))
            let rebuilt = try await tool.run("rebuild")
            #expect(rebuilt.status == 0, "\(rebuilt.output)\(rebuilt.error)")
            let found = try await tool.judge(
                "result = [c.shop.orders.count_documents({}), c.shop.orders.count_documents({'_id': 'later'})]",
                as: [Int].self
            )
            #expect(found == [3001, 1])
        }
    }

    private func names(_ server: ObjectServer) async throws -> [String] {
        try await server.ask(
            "result = sorted(o['Key'] for o in s3.list_objects_v2(Bucket='kept').get('Contents', []))",
            as: [String].self
        )
    }

    @Test("A place that does not let us in is said, changes nothing, and no secret is shown")
    func refusals() async throws {
        try await withBucket { tool, server in
            #expect(try await tool.run("backup", "create").status == 0)
            let before = try await names(server)
            let wrong = "the-wrong-secret-of-this-key-0123456789"
            let free = try FreePorts.next()
            for (change, code, words) in [
                ({ try tool.writeSecret(wrong) }, "backup.storeRefused", "SignatureDoesNotMatch"),
                ({ try tool.keepBackups(in: server, bucket: "none") }, "backup.storeRefused", "NoSuchBucket"),
                ({ try tool.keepBackups(in: server, port: free) }, "backup.storeFailed", "127.0.0.1:\(free)"),
                ({ try tool.writeSecret(server.secret, mode: 0o644) }, "input.fileTooOpen", "secrets/s3-secret"),
                ({ try tool.removeSecret() }, "input.secretMissing", "secrets/s3-secret"),
            ] as [(() throws -> Void, String, String)] {
                try tool.keepBackups(in: server)
                try change()
                for command in [
                    ["backup", "list"], ["backup", "create"], ["backup", "prune", "--yes"],
                    ["oplog", "archive", "--once"], ["restore", "--mirror", "--yes"],
                ] {
                    // What may pass is tried again for as long as it lasts.
                    if code == "backup.storeFailed", command[0] == "oplog" { continue }
                    let result = try await tool.run(command + ["--json"], environment: [:])
                    let error = try #require(try result.json()["error"] as? [String: Any], "\(command)")
                    #expect(error["code"] as? String == code, "\(command): \(result.output)")
                    #expect((error["message"] as? String)?.contains(words) == true, "\(command): \(result.output)")
                    #expect(result.status == (code.hasPrefix("input.") ? 64 : 1), "\(command)")
                    for secret in [wrong, server.secret] {
                        #expect(!(result.output + result.error).contains(secret), "\(command)")
                    }
                }
                let health = try await tool.run("health", "--json")
                let findings = try #require(try health.json()["findings"] as? [[String: Any]], "\(health.output)")
                let finding = try #require(findings.first { $0["rule"] as? String == "backup.age" }, "\(health.output)")
                #expect(finding["severity"] as? String == "critical")
                #expect((finding["message"] as? String)?.contains(words) == true, "\(health.output)")
            }
            try tool.keepBackups(in: server)
            #expect(try await names(server) == before)
            #expect(try await tool.judge("result = c.admin.command('ping')['ok']", as: Double.self) == 1)
        }
    }
}

extension Tool {
    /// Writes the spec with a bucket as the place of the backups, and its secret.
    func keepBackups(
        in server: ObjectServer,
        bucket: String = "kept",
        port: Int? = nil,
        more settings: String = ""
    ) throws {
        let spec = try String(contentsOf: directory.appending(path: "replicaset.yaml"), encoding: .utf8)
        let rest = spec.split(separator: "\n").filter { !$0.hasPrefix("backup:") }.joined(separator: "\n")
        try write(
            rest
                + "\nbackup: {\(settings)s3: {endpoint: \"http://127.0.0.1:\(port ?? server.port)\", bucket: \(bucket), "
                + "prefix: sets/rs0, accessKeyID: \(server.accessKeyID), secretAccessKeyFile: secrets/s3-secret}}\n",
            to: "replicaset.yaml"
        )
        try writeSecret(server.secret)
    }

    /// Writes a secret, such as that of the access key.
    func writeSecret(_ text: String, as name: String = "s3-secret", mode: Int = 0o600) throws {
        try FileManager.default.createDirectory(
            at: directory.appending(path: "secrets"),
            withIntermediateDirectories: true
        )
        try write(text + "\n", to: "secrets/\(name)")
        let path = directory.appending(path: "secrets/\(name)").path
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }

    /// Removes it.
    func removeSecret() throws {
        try FileManager.default.removeItem(at: directory.appending(path: "secrets/s3-secret"))
    }
}
