import Foundation
import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitBackup

@Suite struct ArchiveDumpTests {
    @Test func theChecksumIsTheOneOfTheTools() {
        // The check value of CRC-64/XZ.
        var checksum = CRC64()
        checksum.update(Array("12345".utf8)[...])
        checksum.update(Array("6789".utf8)[...])
        #expect(checksum.value == 0x995D_C9BB_DF19_39FA)
    }

    @Test(arguments: [false, true]) func anArchiveIsRead(isGzip: Bool) async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("dump.archive")
            _ = try await DumpFixture.archive(path, isGzip: isGzip)
            let dump = try await ArchiveDump(path)
            #expect(
                Set(dump.contents.collections.map(\.namespace.collection)) == [
                    "orders", "empty", "a b+c/%d", DumpFixture.longName, "open", "series", "system.version",
                ]
            )
            #expect(dump.contents.serverVersion == "6.0.5")
            #expect(dump.contents.hasOplog)
            let series = dump.contents.collections.first { $0.namespace.collection == "series" }
            #expect(series?.metadata.kind == .timeseries)
            #expect(try await DumpFixture.numbers(dump, "shop", "orders") == Array(0..<40))
            #expect(try await DumpFixture.numbers(dump, "shop", "empty") == [])
            #expect(try await DumpFixture.numbers(dump, "shop", "a b+c/%d") == [5, 6, 7])
            #expect(try await DumpFixture.numbers(dump, "shop", "system.buckets.series") == Array(20..<25))
            #expect(try await DumpFixture.numbers(dump.oplog()) == Array(1000..<1050))
            try await dump.check()
        }
    }

    /// All that is in an archive, or the error.
    private func content(_ bytes: [UInt8], at path: String) async -> Result<[String: [Int]], any Error> {
        do {
            try Data(bytes).write(to: URL(filePath: path))
            let dump = try await ArchiveDump(path)
            var found = ["oplog": try await DumpFixture.numbers(dump.oplog())]
            for collection in dump.contents.collections {
                let name = "\(collection.namespace) \(collection.metadata.kind)"
                guard let data = collection.data else {
                    found[name] = []
                    continue
                }
                found[name] = try await DumpFixture.numbers(dump.documents(of: data))
            }
            return .success(found)
        } catch {
            return .failure(error)
        }
    }

    @Test func aCutIsFoundAtEveryByte() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("dump.archive")
            _ = try await DumpFixture.archive(path, isGzip: false, isSmall: true)
            let whole = Array(try Data(contentsOf: URL(filePath: path)))
            for cut in 0..<whole.count {
                let found = await content(Array(whole[..<cut]), at: path)
                #expect(throws: ReplicaKitError.self, "cut at \(cut)") { try found.get() }
            }
            for rest: [UInt8] in [[0], [0xFF, 0xFF, 0xFF, 0xFF], [1, 2, 3, 4, 5, 6]] {
                let found = await content(whole + rest, at: path)
                #expect(throws: ReplicaKitError.self) { try found.get() }
            }
        }
    }

    @Test func aFlippedBitBehindTheMetadataNeverGivesOtherDocuments() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("dump.archive")
            let first = try await DumpFixture.archive(path, isGzip: false, isSmall: true)
            let whole = Array(try Data(contentsOf: URL(filePath: path)))
            let right = try await content(whole, at: path).get()
            var refused = 0
            for byte in first..<whole.count {
                var damaged = whole
                damaged[byte] ^= 1 << (byte % 8)
                switch await content(damaged, at: path) {
                // Blocks that do not end a collection have a checksum that means nothing.
                case .success(let found): #expect(found == right, "byte \(byte)")
                case .failure(let error as ReplicaKitError):
                    #expect(error.code == .backupDamaged, "byte \(byte): \(error)")
                    refused += 1
                case .failure(let error): Issue.record("byte \(byte): \(error)")
                }
            }
            #expect(refused > (whole.count - first) / 2)
        }
    }

    @Test func whatIsNoArchiveIsSaid() async throws {
        try await TemporaryDirectory.with { directory in
            let path = directory.path("dump.archive")
            for bytes in [
                Array("not an archive".utf8), [], [0x1F, 0x8B], [0x6D, 0xE2, 0x99, 0x81, 0xFF, 0xFF, 0xFF, 0xFF],
            ] {
                try Data(bytes).write(to: URL(filePath: path))
                let error = await #expect(throws: ReplicaKitError.self) { try await ArchiveDump(path) }
                #expect(error?.code == .backupDamaged)
            }
            let error = await #expect(throws: ReplicaKitError.self) { try await ArchiveDump(directory.path("none")) }
            #expect(error?.code == .backupNotFound)
            await #expect(throws: ReplicaKitError.self) { try await ArchiveDump(directory.path) }
        }
    }
}
