import Foundation
import TestSupport
import Testing

/// `rkctl oplog`, on a real set.
@Suite("Archive of the oplog", .serialized, .realServers())
struct OplogArchiveTests {
    @Test("Killed again and again, it goes on without a gap")
    func killed() async throws {
        try await RealSet.inTurn { tool in
            #expect(try await tool.run("up").status == 0)
            let nothing = try await tool.run("oplog", "status")
            #expect(nothing.status == 0 && nothing.output.contains("no archive"))
            #expect(try await tool.run("oplog", "archive", "--interval", "0").status == 64)

            #expect(try await tool.run("oplog", "archive", "--once").status == 0)
            for _ in 0..<12 {
                let milliseconds = Int.random(in: 200...2500)
                async let writing = tool.run("check-write")
                _ = try await tool.run(
                    "oplog",
                    "archive",
                    "--interval",
                    "1",
                    "--json",
                    killedAfter: .milliseconds(milliseconds)
                )
                #expect(try await writing.status == 0)
            }
            #expect(try await tool.run("oplog", "archive", "--once").status == 0)

            let status = try await tool.run("oplog", "status", "--verify", "--json")
            #expect(status.status == 0, "\(status.error)")
            let timelines = try #require(try status.json()["timelines"] as? [[String: Any]])
            #expect(timelines.count == 1)
            #expect((timelines.first?["windows"] as? [Any])?.count == 1)
            #expect(timelines.first?["endReason"] is NSNull)
            #expect((timelines.first?["slices"] as? Int ?? 0) > 2)
            let age = try #require(timelines.first?["lastAgeSeconds"] as? Double)
            #expect(age < 60)

            let nothingYet = try status.json()["restorable"] as? [Any]
            #expect(nothingYet?.isEmpty == true)
            #expect(try await tool.run("oplog", "status").output.contains("nothing restorable: no backup reaches"))
            let made = try await tool.run("backup", "create", "--json").json()["id"] as? String
            let base = try #require(made)
            #expect(try await tool.run("check-write").status == 0)
            #expect(try await tool.run("oplog", "archive", "--once").status == 0)
            let restorable = try await tool.run("oplog", "status", "--json").json()["restorable"] as? [[String: Any]]
            #expect(restorable?.compactMap { $0["base"] as? String } == [base])
            let text = try await tool.run("oplog", "status").output
            #expect(text.contains("restorable from") && text.contains("base \(base)"))
        }
    }

    @Test("What is damaged is told")
    func damaged() async throws {
        try await RealSet.inTurn { tool in
            #expect(try await tool.run("up").status == 0)
            for _ in 0..<2 {
                #expect(try await tool.run("oplog", "archive", "--once").status == 0)
                #expect(try await tool.run("check-write").status == 0)
            }
            #expect(try await tool.run("oplog", "archive", "--once").status == 0)
            let folder = tool.directory.appending(path: "backups/oplog")
            let timeline = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
            let slices = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/" + timeline)
                .filter { $0.hasSuffix(".zst") }.sorted()
            let first = try #require(slices.first)
            let file = folder.appending(path: "\(timeline)/\(first)")
            var bytes = try Data(contentsOf: file)
            bytes[bytes.count / 2] ^= 0xFF
            try bytes.write(to: file)
            let status = try await tool.run("oplog", "status", "--verify")
            #expect(status.status == 1)
            #expect(status.output.contains("DAMAGED") && status.output.contains(first))
        }
    }
}
