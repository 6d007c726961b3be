import ReplicaKit
import TestSupport
import Testing

@testable import ReplicaKitBackup

/// The archive as objects of a store: what is whole is read, and what is not is found.
@Suite struct OplogArchiveTests {
    private static func timestamp(_ number: Int) -> BSONTimestamp {
        BSONTimestamp(seconds: UInt32(1_700_000_000 + number / 10), increment: UInt32(number % 10 + 1))
    }

    private static func entry(_ number: Int) -> BSONDocument {
        [
            "op": "i", "ns": "shop.orders", "o": ["_id": .integer(number)], "ts": .timestamp(timestamp(number)),
            "t": .int64(1),
        ]
    }

    /// A store with slices of ten entries each, the first after entry 0.
    private static func with(
        slices count: Int = 5,
        _ body: (LocalBackupStore, OplogArchive, TemporaryDirectory) async throws -> Void
    ) async throws {
        try await TemporaryDirectory.with { directory in
            let store = LocalBackupStore(directory: directory.path("store"))
            let writer = OplogArchiveWriter(store: store)
            var chain = try await writer.begin(
                after: OpTime(timestamp: timestamp(0), term: 1),
                set: "rs",
                setID: "id"
            )
            for slice in 0..<count { _ = try await append(slice, writer, &chain) }
            try await body(store, OplogArchive(store: store), directory)
        }
    }

    private static func append(
        _ slice: Int,
        _ writer: OplogArchiveWriter,
        _ chain: inout OplogArchiveWriter.Chain
    ) async throws -> OplogSlice {
        var buffer = OplogEntryBuffer()
        for number in (slice * 10 + 1)...(slice * 10 + 10) {
            buffer.append(entry(number), at: OpTime(timestamp: timestamp(number), term: 1))
        }
        let all = OpTime(timestamp: timestamp(1_000_000), term: 1)
        let taken = buffer.take(through: all, limit: 1 << 20)
        let entries = try #require(taken)
        return try await writer.append(entries, to: &chain)
    }

    private static func numbers(
        _ archive: OplogArchive,
        _ first: Int,
        _ last: Int,
        of setID: String? = "id"
    ) async throws -> [Int] {
        var reader = try await archive.entries(from: timestamp(first), through: timestamp(last), of: setID)
        var numbers: [Int] = []
        while let batch = try await reader.next() {
            numbers += try batch.documents().compactMap { $0[path: "o", "_id"]?.intValue }
        }
        return numbers
    }

    private func code(_ body: () async throws -> Void) async -> ReplicaKitError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? ReplicaKitError)?.code }
    }

    @Test func givesEveryRangeAndNothingBeyond() async throws {
        try await Self.with { (_, archive, _) async throws in
            #expect(try await archive.windows().map(\.after) == [Self.timestamp(0)])
            #expect(try await archive.windows().map(\.last) == [Self.timestamp(50)])
            for (first, last) in [(1, 50), (1, 1), (10, 11), (11, 20), (50, 50), (7, 33)] {
                #expect(try await Self.numbers(archive, first, last) == Array(first...last))
            }
            for (first, last) in [(0, 5), (1, 51), (60, 70)] {
                #expect(await code { _ = try await Self.numbers(archive, first, last) } == .momentNotCovered)
            }
            #expect(await code { _ = try await Self.numbers(archive, 1, 5, of: "other") } == .momentNotCovered)
            #expect(try await archive.verify().isEmpty)
        }
    }

    @Test func goesOnWhereItStopped() async throws {
        try await Self.with(slices: 2) { (store, archive, _) async throws in
            let writer = OplogArchiveWriter(store: store)
            var chain = try #require(try await writer.open())
            #expect(chain.last.timestamp == Self.timestamp(20))
            _ = try await Self.append(2, writer, &chain)
            #expect(try await Self.numbers(archive, 15, 30) == Array(15...30))
            #expect(try await archive.verify().isEmpty)
            _ = try await writer.end(chain, .rolledOver, "test")
            #expect(try await writer.open() == nil)
            #expect(try await archive.timelines().map(\.end?.reason) == [.rolledOver])
            #expect(try await Self.numbers(archive, 1, 30).count == 30)
        }
    }

    @Test func aMissingSliceIsAGap() async throws {
        try await Self.with { (store, archive, _) async throws in
            try await store.delete([try #require(try await archive.timelines().first?.slices[2].name)])
            #expect(try await archive.windows().map(\.last) == [Self.timestamp(20), Self.timestamp(50)])
            #expect(await code { _ = try await Self.numbers(archive, 15, 35) } == .momentNotCovered)
            #expect(try await Self.numbers(archive, 31, 50) == Array(31...50))
            #expect(try await archive.verify().map(\.code) == [.backupDamaged])
        }
    }

    @Test func everyFlippedByteIsFound() async throws {
        try await Self.with(slices: 3) { (store, archive, _) async throws in
            let name = try #require(try await archive.timelines().first?.slices[1].name)
            let bytes = try await store.content(of: name)
            var harmless = 0
            for index in bytes.indices {
                var damaged = bytes
                damaged[index] ^= 0x10
                try await store.put(damaged, as: name)
                do {
                    // A few bits of a frame mean nothing.
                    let numbers = try await Self.numbers(archive, 1, 30)
                    #expect(numbers == Array(1...30), "byte \(index)")
                    harmless += 1
                } catch let error as ReplicaKitError {
                    #expect(error.code == .backupDamaged, "byte \(index): \(error)")
                }
            }
            #expect(harmless < bytes.count / 50)
            for count in stride(from: 0, to: bytes.count, by: 7) {
                try await store.put(Array(bytes.prefix(count)), as: name)
                #expect(await code { _ = try await Self.numbers(archive, 1, 30) } == .backupDamaged, "cut at \(count)")
            }
        }
    }

    @Test func aSliceOfAnotherArchiveIsFound() async throws {
        try await Self.with { (store, archive, _) async throws in
            try await Self.with { (other, foreign, _) async throws in
                let mine = try #require(try await archive.timelines().first?.slices)
                let theirs = try #require(try await foreign.timelines().first?.slices)
                // Of another timeline, under the right name.
                let bytes = try await other.content(of: theirs[2].name)
                let own = try await store.content(of: mine[2].name)
                try await store.put(bytes, as: mine[2].name)
                #expect(await code { _ = try await Self.numbers(archive, 1, 50) } == .backupDamaged)
                #expect(try await archive.verify().count == 1)
                // Two that have changed places.
                try await store.put(own, as: mine[3].name)
                #expect(await code { _ = try await Self.numbers(archive, 31, 35) } == .backupDamaged)
            }
        }
    }

    /// The same range written again, by somebody who knows the format: its hash fits itself and not its successor.
    @Test func aRewrittenSliceBreaksTheChain() async throws {
        try await Self.with(slices: 2) { (store, archive, _) async throws in
            let writer = OplogArchiveWriter(store: store)
            let timeline = try #require(try await archive.timelines().first)
            var chain = OplogArchiveWriter.Chain(
                begin: timeline.begin,
                last: timeline.begin.after,
                previous: try timeline.begin.hash()
            )
            var buffer = OplogEntryBuffer()
            for number in [1, 2, 10] {
                buffer.append(Self.entry(number), at: OpTime(timestamp: Self.timestamp(number), term: 1))
            }
            let all = OpTime(timestamp: Self.timestamp(10), term: 1)
            let taken = buffer.take(through: all, limit: 1 << 20)
            _ = try await writer.append(try #require(taken), to: &chain)
            #expect(await code { _ = try await Self.numbers(archive, 1, 20) } == .backupDamaged)
            #expect(try await archive.verify().count == 1)
        }
    }

    @Test func takesOnlyWhatAMajorityHasAndNotTooMuch() throws {
        var buffer = OplogEntryBuffer()
        for number in 1...10 {
            buffer.append(Self.entry(number), at: OpTime(timestamp: Self.timestamp(number), term: number < 8 ? 1 : 2))
        }
        let size = Self.entry(1).byteCount
        let committed = OpTime(timestamp: Self.timestamp(9), term: 1)
        let first = buffer.take(through: committed, limit: size * 3)
        #expect(first?.count == 3 && first?.bytes.count == size * 3)
        // Entries of a later term are newer than a commit point of an earlier one, whatever their timestamps.
        let second = buffer.take(through: committed, limit: 1 << 20)
        #expect(second?.first.timestamp == Self.timestamp(4) && second?.last.timestamp == Self.timestamp(7))
        let third = buffer.take(through: committed, limit: 1 << 20)
        #expect(third == nil)
        let fourth = buffer.take(through: OpTime(timestamp: Self.timestamp(9), term: 2), limit: 1)
        #expect(fourth?.count == 1)
    }

    @Test(arguments: [
        "oplog/x/1700000000.0000000001-1700000000.0000000002.bson", "oplog/x/begin.json",
        "oplog/x/1700000000.1-1700000000.2.bson.zst",
        "oplog/x/1700000001.0000000001-1700000000.0000000002.bson.zst", "other/x/y.bson.zst",
    ])
    func otherNamesAreNoSlices(name: String) {
        #expect(OplogSlice(name: name) == nil)
    }
}
