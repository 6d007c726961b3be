import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitBackup

@Suite struct CompressionNameTests {
    @Test func suffixesAreThoseOfTheFormats() {
        #expect(BackupCompression.allCases.map(\.suffix) == ["", ".gz", ".zst"])
    }

    @Test func theOplogIsCalledAsMongorestoreLooksForIt() {
        let names = BackupCompression.allCases.map { DumpFileWriter.stored(DumpFileWriter.oplog, $0) }
        #expect(names == ["oplog.bson", "oplog.bson", "oplog.bson.zst"])
        #expect(DumpFileWriter.stored("shop/oplog.bson", .gzip) == "shop/oplog.bson.gz")
    }

    /// Backups of before have the suffix: what a file is called says nothing of its content, the manifest does.
    @Test(arguments: ["oplog.bson", "oplog.bson.gz"]) func anOplogIsReadByBothNames(name: String) async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path("store"))
            var manifest = BackupManifest.stub(end: .at(10))
            manifest.compression = .gzip
            var batch = DocumentBatch()
            for number in 0..<100 { batch.append(["_id": .integer(number)]) }
            let writer = try await DumpFileWriter(
                DumpFileWriter.oplog,
                in: manifest.id.folder,
                of: store,
                compression: .gzip
            )
            try await writer.write(batch)
            var file = try await writer.finish()
            #expect(file.name == "oplog.bson")
            let bytes = try await store.content(of: "\(manifest.id.folder)/\(file.name)")
            #expect(bytes.starts(with: [0x1F, 0x8B]))
            try await store.put(bytes, as: "\(manifest.id.folder)/\(name)")
            file.name = name
            let reader = try await BackupFileReader(file, of: manifest, in: store)
            var count = 0
            while let batch = try await reader.next() { count += batch.count }
            #expect(count == 100)
        }
    }
}
