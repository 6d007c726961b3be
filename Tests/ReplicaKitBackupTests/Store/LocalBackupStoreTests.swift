import Foundation
import Glibc
import ReplicaKit
import ReplicaKitBackup
import TestSupport
import Testing

@Suite struct LocalBackupStoreTests {
    @Test func whatIsWrittenCanBeRead() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path("kept/here"))
            var random = SeededRandom(seed: 1)
            let content = Bytes.random(2_500_000, &random)
            let writer = try await store.write("oplog/one/slice")
            for piece in Bytes.pieces(of: content, &random) { try await writer.write(piece) }
            #expect(try await store.list("") == [])
            try await writer.commit()
            #expect(try await store.list("") == [StoredObject(name: "oplog/one/slice", bytes: content.count)])
            #expect(try await store.content(of: "oplog/one/slice") == content)
            for offset in [0, 1, 1_048_576, content.count - 1, content.count, content.count + 5] {
                let reader = try await store.read("oplog/one/slice", from: offset)
                var rest: [UInt8] = []
                while let piece = try await reader.next() { rest += piece }
                await reader.close()
                #expect(rest == Array(content.dropFirst(offset)))
            }
        }
    }

    @Test func anObjectIsReplacedAtOnce() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path)
            try await store.put([1], as: "a/b")
            let writer = try await store.write("a/b")
            try await writer.write([2, 2])
            #expect(try await store.content(of: "a/b") == [1])
            try await writer.commit()
            await writer.cancel()
            #expect(try await store.content(of: "a/b") == [2, 2])
            await #expect(throws: ReplicaKitError.self) { try await writer.write([3]) }
        }
    }

    @Test func cancelledAndForgottenWritersLeaveNothing() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path)
            let writer = try await store.write("a/b")
            try await writer.write([1])
            await writer.cancel()
            _ = try await store.write("a/c")
            #expect(try await store.list("") == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("a")) == [])
        }
    }

    @Test func aBackupAppearsWhenItIsPublished() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path)
            try await store.put([1], as: "backups/B1/shop/orders.bson")
            try await store.put([2], as: "backups/B1/shop/items.bson")
            let names = ["backups/B1/shop/items.bson", "backups/B1/shop/orders.bson"]
            #expect(try await store.list("backups/").map(\.name) == names)
            #expect(try await store.list("backups/B1/shop/o").map(\.name) == [names[1]])
            #expect(try await store.content(of: names[0]) == [2])
            #expect(!FileManager.default.fileExists(atPath: directory.path("backups/B1")))

            try await store.publish("backups/B1", manifest: [9], named: "manifest.json")
            #expect(try await store.list("backups/B1/").map(\.name) == ["backups/B1/manifest.json"] + names)
            #expect(FileManager.default.fileExists(atPath: directory.path("backups/B1/manifest.json")))
            #expect(!FileManager.default.fileExists(atPath: directory.path("backups/B1.partial")))

            // What is added later joins it; it cannot be published again.
            try await store.put([3], as: "backups/B1/tags.json")
            #expect(FileManager.default.fileExists(atPath: directory.path("backups/B1/tags.json")))
            await #expect(throws: ReplicaKitError.self) {
                try await store.publish("backups/B1", manifest: [8], named: "manifest.json")
            }
            #expect(try await store.content(of: "backups/B1/manifest.json") == [9])
        }
    }

    @Test func deletingTakesTheEmptyDirectoriesToo() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path)
            for name in ["backups/B1/a/x", "backups/B1/a/y", "backups/B2/z", "oplog/t/s"] {
                try await store.put([1], as: name)
            }
            try await store.publish("backups/B2", manifest: [9], named: "m")
            try await store.delete(["backups/B1/a/x", "backups/B1/a/never", "no/such"])
            #expect(
                try await store.list("").map(\.name) == ["backups/B1/a/y", "backups/B2/m", "backups/B2/z", "oplog/t/s"]
            )
            try await store.delete(["backups/B1/a/y", "backups/B2/z", "backups/B2/m", "oplog/t/s"])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("backups")) == [])
            #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path("oplog")) == [])
        }
    }

    @Test func onlyTheOwnerSeesIt() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path("kept"))
            try await store.put([1], as: "backups/B1/shop/orders.bson")
            for (path, mode) in [
                ("kept", 0o700), ("kept/backups", 0o700), ("kept/backups/B1.partial/shop", 0o700),
                ("kept/backups/B1.partial/shop/orders.bson", 0o600),
            ] {
                let attributes = try FileManager.default.attributesOfItem(atPath: directory.path(path))
                #expect(attributes[.posixPermissions] as? Int == mode, "\(path)")
            }
        }
    }

    @Test(arguments: [
        "", "/", "/etc/passwd", "a//b", "a/", "../a", "a/../b", "a/./b", "a/b\0c", "a/.replicakit-1.tmp",
        "backups/B1.partial/x", String(repeating: "x", count: 256),
        String(repeating: "x/", count: 600) + "x",
    ])
    func aNameThatWouldGoElsewhereIsRefused(_ name: String) async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path("kept"))
            for call in [
                { _ = try await store.write(name) }, { _ = try await store.read(name, from: 0) },
                { try await store.delete([name]) },
            ] {
                let error = await #expect(throws: ReplicaKitError.self) { try await call() }
                #expect(error?.code == .invalidArgument)
            }
            #expect(!FileManager.default.fileExists(atPath: directory.path("kept")))
        }
    }

    @Test func symbolicLinksAreNotFollowed() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path("kept"))
            try await store.put([1], as: "a/b")
            let outside = directory.path("outside")
            try FileManager.default.createDirectory(atPath: outside, withIntermediateDirectories: false)
            try Data([5]).write(to: URL(filePath: outside + "/file"))
            try FileManager.default.createSymbolicLink(
                atPath: directory.path("kept/link"),
                withDestinationPath: outside
            )
            try FileManager.default.createSymbolicLink(
                atPath: directory.path("kept/a/link"),
                withDestinationPath: outside + "/file"
            )
            #expect(try await store.list("").map(\.name) == ["a/b"])
            for name in ["link/file", "a/link"] {
                await #expect(throws: ReplicaKitError.self) { try await store.content(of: name) }
            }
            await #expect(throws: ReplicaKitError.self) { try await store.put([6], as: "link/new") }
            await #expect(throws: ReplicaKitError.self) { try await store.delete(["link/file"]) }
            // A link in the place of an object is replaced, not written through.
            try await store.put([7], as: "a/link")
            #expect(try Data(contentsOf: URL(filePath: outside + "/file")) == Data([5]))
            #expect(try FileManager.default.contentsOfDirectory(atPath: outside) == ["file"])
        }
    }

    @Test func whatIsNoFileIsNotRead() async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path)
            try await store.put([1], as: "a/b/c")
            #expect(mkfifo(directory.path("a/pipe"), 0o600) == 0)
            for name in ["a/pipe", "a/b"] {
                let error = await #expect(throws: ReplicaKitError.self) { try await store.content(of: name) }
                #expect(error?.code == .backupStoreFailed)
            }
            let error = await #expect(throws: ReplicaKitError.self) { try await store.content(of: "a/none") }
            #expect(error?.code == .backupObjectMissing)
        }
    }

    @Test(.smallFileSystem) func aFullDiskIsSaidAndLeavesNothing() async throws {
        try await SmallFileSystem.with(megabytes: 4) { disk in
            let store = LocalBackupStore(directory: disk.path)
            try await store.put([1], as: "backups/B1/small")
            let writer = try await store.write("backups/B1/large")
            let error = await #expect(throws: ReplicaKitError.self) {
                for _ in 0..<16 { try await writer.write([UInt8](repeating: 1, count: 1 << 20)) }
                try await writer.commit()
            }
            #expect(error?.code == .diskFull)
            #expect(error?.message.contains("\(disk.path)/backups/B1.partial/large") == true)
            await writer.cancel()
            #expect(try await store.list("").map(\.name) == ["backups/B1/small"])
            try await store.put([UInt8](repeating: 1, count: 1 << 20), as: "backups/B1/fits")
        }
    }

    @Test func whatAKilledProcessLeavesIsSweptAndWhatALivingOneWritesIsNot() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = directory.path as String] in
                let store = LocalBackupStore(directory: path)
                for name in ["backups/B1/shop/orders.bson", "backups/B2/x"] {
                    let writer = try await store.write(name)
                    try await writer.write([1, 2, 3])
                    if name == "backups/B2/x" { kill(getpid(), SIGKILL) }
                    try await writer.commit()
                    let second = try await store.write("backups/B1/shop/items.bson")
                    try await second.write([1])
                    // Both are open when the process dies.
                    _ = Unmanaged.passRetained(second as AnyObject)
                }
            }
            let store = LocalBackupStore(directory: path)
            #expect(try await store.list("").map(\.name) == ["backups/B1/shop/orders.bson"])
            #expect(try Self.unfinished(path).count == 2)

            let living = try await store.write("backups/B3/x")
            try await living.write([4])
            #expect(try Self.unfinished(path).count == 3)
            try await store.publish("backups/B1", manifest: [9], named: "m")
            #expect(try Self.unfinished(path).count == 1)
            try await living.commit()
            #expect(try await store.content(of: "backups/B3/x") == [4])
        }
    }

    private static func unfinished(_ path: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: path).filter { $0.hasSuffix(".tmp") }
    }
}
