import ReplicaKit
import ReplicaKitBackup

extension RestoreReport {
    /// For people.
    func lines(_ seconds: Double) -> [String] {
        [
            "restored \(collections) collections, \(documents) documents, \(indexes) indexes"
                + (users > 0 ? ", \(users) users and roles" : "")
                + (replayed > 0 ? ", \(replayed) operations replayed" : "") + ", in \(Format.seconds(seconds))"
        ] + skipped.map { "left out: \($0)" } + failedIndexes.map { "NOT BUILT: \($0)" }
    }

    /// For programs.
    func json(_ seconds: Double) -> BSONDocument {
        [
            "collections": .integer(collections),
            "documents": .integer(documents), "users": .integer(users), "replayed": .integer(replayed),
            "lastReplayed": lastReplayed.map { .timestamp($0) } ?? .null, "indexes": .integer(indexes),
            "failedIndexes": .array(BSONArray(failedIndexes.map { .string($0) })),
            "skipped": .array(BSONArray(skipped.map { .string($0) })), "tookSeconds": .double(seconds),
        ]
    }
}
