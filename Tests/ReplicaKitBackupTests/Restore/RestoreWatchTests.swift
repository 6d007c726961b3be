import ReplicaKit
import Testing

@testable import ReplicaKitBackup

@Suite struct RestoreWatchTests {
    /// What the oplog has of a restore, at seconds from 1 on: the mark, a collection, and the end.
    private func watch(_ count: Int, mirrors: Bool, removing names: [String]? = nil) -> RestoreWatch {
        let (documents, commands) = ("replicakit_restore.progress", "replicakit_restore.$cmd")
        var entries: [BSONDocument] = [
            ["op": "i", "ns": "shop.orders", "o": ["_id": "restore"]],
            ["op": "c", "ns": .string(commands), "o": ["create": "progress"]],
            ["op": "i", "ns": .string(documents), "o": ["_id": "restore", "mirrors": .bool(mirrors)]],
            ["op": "i", "ns": .string(documents), "o": ["_id": "data old.orders", "state": "begun"]],
            ["op": "u", "ns": .string(documents), "o2": ["_id": "data old.orders"], "o": ["state": "done"]],
            ["op": "c", "ns": .string(commands), "o": ["drop": "progress"]],
            ["op": "c", "ns": .string(commands), "o": ["dropDatabase": 1]],
        ]
        var watch = RestoreWatch()
        if let names {
            let removes = BSONValue.array(BSONArray(names.map { .string($0) }))
            entries[2] = [
                "op": "i", "ns": .string(documents),
                "o": ["_id": "restore", "mirrors": .bool(mirrors), "removes": removes],
            ]
        }
        for (number, entry) in entries.prefix(count).enumerated() {
            let timestamp = BSONTimestamp(seconds: UInt32(number + 1), increment: 1)
            watch.follow(entry.setting(.timestamp(timestamp), for: "ts"))
        }
        return watch
    }

    @Test func knowsWhatIsUnderWay() {
        #expect((0...7).map { watch($0, mirrors: true).since?.seconds } == [nil, nil, nil, 3, 3, 3, nil, nil])
    }

    @Test func aMirrorConcernsEverythingAndOthersWhatTheyFill() throws {
        let all = NamespaceSelection()
        let shop = NamespaceSelection(includes: [try .init("shop")])
        #expect((0...7).filter { watch($0, mirrors: true).concerns(shop) } == [3, 4, 5])
        #expect((0...7).filter { watch($0, mirrors: false).concerns(all) } == [4, 5])
        #expect((0...7).allSatisfy { !watch($0, mirrors: false).concerns(shop) })
        // One that says what it removes concerns that.
        #expect((0...7).filter { watch($0, mirrors: true, removing: ["shop.orders"]).concerns(shop) } == [3, 4, 5])
        #expect((0...7).allSatisfy { !watch($0, mirrors: true, removing: ["old.orders"]).concerns(shop) })
    }
}
