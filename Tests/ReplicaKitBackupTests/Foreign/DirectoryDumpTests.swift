import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitBackup

@Suite struct DirectoryDumpTests {
    @Test(arguments: [false, true]) func aDumpIsRead(isGzip: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            try await DumpFixture.directory(directory.path, isGzip: isGzip)
            let dump = try await DirectoryDump(directory.path)
            let names = ["system.version"]
            #expect(
                dump.contents.collections.filter { $0.namespace.database == "admin" }.map(\.namespace.collection)
                    == names
            )
            let shop = dump.contents.collections.filter { $0.namespace.database == "shop" }
            #expect(
                Set(shop.map(\.namespace.collection)) == [
                    "orders", "empty", "a b+c/%d", DumpFixture.longName, "open", "series", "$admin.system.users",
                ]
            )
            #expect(dump.contents.serverVersion == "6.0.5")
            #expect(dump.contents.hasOplog)
            #expect(dump.contents.others == ["notes.txt"])
            let series = try #require(shop.first { $0.namespace.collection == "series" })
            #expect(series.metadata.kind == .timeseries)
            #expect(series.data?.collection == "system.buckets.series")
            let view = try #require(shop.first { $0.namespace.collection == "open" })
            #expect(view.metadata.kind == .view && view.data == nil)
            #expect(shop.first { $0.namespace.collection == "orders" }?.metadata.indexes.count == 1)

            #expect(try await DumpFixture.numbers(dump, "shop", "orders") == Array(0..<700))
            #expect(try await DumpFixture.numbers(dump, "shop", "empty") == [])
            #expect(try await DumpFixture.numbers(dump, "shop", "a b+c/%d") == [5, 6, 7])
            #expect(try await DumpFixture.numbers(dump, "shop", DumpFixture.longName) == Array(9..<13))
            #expect(try await DumpFixture.numbers(dump, "shop", "system.buckets.series") == Array(20..<25))
            #expect(try await DumpFixture.numbers(dump.oplog()) == Array(1000..<1050))
            try await dump.check()
        }
    }

    /// What is done to a good dump before it is read.
    private func refused(_ change: (TemporaryDirectory) throws -> Void) async throws -> ReplicaKitError? {
        try await TemporaryDirectory.with { directory in
            try await DumpFixture.directory(directory.path, isGzip: false)
            try change(directory)
            return await #expect(throws: ReplicaKitError.self) { try await DirectoryDump(directory.path).check() }
        }
    }

    @Test func whatWasLostOrSlippedInIsFound() async throws {
        let manager = FileManager.default
        let changes: [(String, (TemporaryDirectory) throws -> Void)] = [
            ("documents of shop.orders", { try manager.removeItem(atPath: $0.path("shop/orders.metadata.json")) }),
            ("metadata of shop.orders", { try manager.removeItem(atPath: $0.path("shop/orders.bson")) }),
            (
                "another name",
                {
                    try manager.moveItem(
                        atPath: $0.path("shop/orders.metadata.json"),
                        toPath: $0.path("shop/x.metadata.json")
                    )
                }
            ),
            (
                "neither a file",
                { try manager.createSymbolicLink(atPath: $0.path("shop/x.bson"), withDestinationPath: "/etc/passwd") }
            ),
            (
                "neither a file",
                { try manager.createSymbolicLink(atPath: $0.path("evil"), withDestinationPath: "/etc") }
            ),
            ("twice", { try Data().write(to: URL(filePath: $0.path("shop/orders.bson.gz"))) }),
            ("no name of a collection", { try manager.moveItem(atPath: $0.path("shop"), toPath: $0.path("..shop")) }),
            ("no name of a collection", { try manager.moveItem(atPath: $0.path("shop"), toPath: $0.path("sh op")) }),
            (
                "another name",
                {
                    let text = #"{"options":{},"indexes":[],"collectionName":"../orders"}"#
                    try Data(text.utf8).write(to: URL(filePath: $0.path("shop/orders.metadata.json")))
                }
            ),
            (
                "no metadata",
                {
                    let text = #"{"options":{},"indexes":[1],"collectionName":"orders"}"#
                    try Data(text.utf8).write(to: URL(filePath: $0.path("shop/orders.metadata.json")))
                }
            ),
            (
                "no document is 1684234849 bytes",
                { try Data("abcdefgh".utf8).write(to: URL(filePath: $0.path("shop/orders.bson"))) }
            ),
            ("ends inside a document", { try Data([9, 0, 0, 0, 1]).write(to: URL(filePath: $0.path("oplog.bson"))) }),
            // A good frame, and no BSON in it.
            (
                "document 1 of shop.orders",
                { try Data([9, 0, 0, 0, 0x77, 1, 1, 1, 0]).write(to: URL(filePath: $0.path("shop/orders.bson"))) }
            ),
        ]
        for (words, change) in changes {
            let error = try await refused(change)
            #expect(error?.code == .backupDamaged, "\(words)")
            #expect(error?.message.contains(words) == true, "\(words): \(error?.message ?? "")")
        }
    }

    @Test func aDirectoryThatIsNotThereIsSaid() async throws {
        let error = await #expect(throws: ReplicaKitError.self) { try await DirectoryDump("/no/such/directory") }
        #expect(error?.code == .backupNotFound)
    }

    @Test func namesOfFilesAreReadAsTheyAreWritten() {
        for name in ["orders", "a b", "a+b", "ü%/\\:", "$x.y", String(repeating: "x", count: 238)] {
            #expect(DumpFileName.collection(of: DumpFileName.stem(of: name)) == name)
        }
        for stem in ["%", "%2", "%zz", "%FF", DumpFileName.stem(of: String(repeating: "x", count: 239))] {
            #expect(DumpFileName.collection(of: stem) == nil)
        }
    }
}
