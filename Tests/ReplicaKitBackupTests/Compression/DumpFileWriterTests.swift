import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitBackup

@Suite struct DumpFileWriterTests {
    @Test func coresAreSharedByAllThatIsWritten() async {
        let writers = WriterCount(cores: 8)
        #expect(writers.share == 8)
        await writers.counting {
            #expect(writers.share == 8)
            await writers.counting {
                await writers.counting { #expect(writers.share == 2) }
                #expect(writers.share == 4)
            }
        }
        #expect(WriterCount(cores: 1).share == 1)
    }

    /// Whatever the order in which frames are ready, and however long the file is.
    @Test(arguments: BackupCompression.allCases, [0, 1, 3, 1000])
    func whatIsCompressedAtTheSameTimeIsReadInItsOrder(compression: BackupCompression, batches: Int) async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path("store"))
            var manifest = BackupManifest.stub(end: .at(10))
            manifest.compression = compression
            let writer = try await DumpFileWriter(
                "shop/c.bson",
                in: manifest.id.folder,
                of: store,
                compression: compression,
                beside: WriterCount(cores: 4)
            )
            var written: [UInt8] = []
            for number in 0..<batches {
                var batch = DocumentBatch()
                // About 11 MB in all, of which every other half compresses.
                let noise = (0..<200).map { _ in UInt8.random(in: number % 2 == 0 ? 0...255 : 0...1) }
                for index in 0..<50 {
                    batch.append([
                        "_id": .integer(number * 50 + index), "x": .binary(BSONBinary(subtype: .generic, bytes: noise)),
                    ])
                }
                written += batch.bytes
                try await writer.write(batch)
            }
            let file = try await writer.finish()
            #expect(file.documents == batches * 50)
            #expect(file.documentBytes == written.count)
            let reader = try await BackupFileReader(file, of: manifest, in: store)
            var read: [UInt8] = []
            while let batch = try await reader.next() { read += batch.bytes }
            #expect(read == written)
        }
    }
}
