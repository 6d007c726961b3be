public import ReplicaKit

/// What a replay did.
public struct ReplayResult: Sendable, Hashable {
    /// Why an operation was left out.
    public enum SkipReason: String, Sendable, Hashable, Codable, CaseIterable {
        /// It concerns what each set keeps for itself: `local`, `config`, its keys and its version.
        case ownedByServer
        /// The selection leaves the collection out.
        case notSelected
        /// The collection was not there, and did not have to be: the base was still being copied at that time.
        case collectionAbsent
        /// A capped collection drops its oldest documents itself.
        case cappedDelete
        /// What it changes was not there, and did not have to be, as above.
        case documentAbsent
    }

    /// The indexes of every collection at the end, by the names that the source had for them.
    public var catalogue: IndexCatalogue
    /// Documents inserted.
    public var inserts = 0
    /// Documents updated.
    public var updates = 0
    /// Documents deleted.
    public var deletes = 0
    /// Commands run, such as `create` and `renameCollection`.
    public var commands = 0
    /// Changes to indexes, which went into ``catalogue`` only.
    public var indexChanges = 0
    /// Transactions applied, whose operations are counted above too.
    public var transactions = 0
    /// Operations left out, by reason.
    public var skipped: [SkipReason: Int] = [:]
    /// The timestamp of the last entry that took effect; `nil` when there was none.
    public var lastApplied: BSONTimestamp?
    /// The first entries of transactions that had not ended at the target time, and so were not applied.
    public var unfinishedTransactions: [BSONTimestamp] = []
    /// Where an earlier replay that broke off had come to, when this one went on from there.
    public var resumedAfter: BSONTimestamp?

    init(catalogue: IndexCatalogue) { self.catalogue = catalogue }

    mutating func count(_ kind: OplogOperation.Kind?) {
        switch kind {
        case .insert: inserts += 1
        case .update: updates += 1
        case .delete: deletes += 1
        case .command: commands += 1
        case .noOp, nil: break
        }
    }
}
