import ReplicaKit

/// The operations of transactions whose end has not come yet.
///
/// A transaction is logged when it commits or prepares, in one entry or, when it is large, in several, and counts from
/// the entry that ends it. Until then its operations wait here: in memory, and beyond a limit in files.
struct TransactionBuffer: Sendable {
    struct Transaction: Sendable {
        var number: Int64
        /// The timestamp of the first entry that was read.
        var begin: BSONTimestamp
        /// Whether that is not the transaction's first entry.
        var lacksBegin: Bool
        var operations = OperationSpool()
    }

    /// How many bytes all of them may take in memory.
    let limit: Int
    private(set) var open: [BSONDocument: Transaction] = [:]

    init(limit: Int) { self.limit = limit }

    /// How many bytes all of them take in memory.
    var bytes: Int { open.values.reduce(0) { $0 + $1.operations.bytes } }

    /// Adds the operations of an entry. A session has one transaction at a time: a later number ends an earlier one.
    ///
    /// - Throws: ``ReplicaKitError/Code/diskFull``, ``ReplicaKitError/Code/backupStoreFailed`` when there is no place for
    ///   what does not fit into memory.
    mutating func add(
        _ operations: [BSONDocument],
        to id: OplogOperation.TransactionID,
        at timestamp: BSONTimestamp,
        isFirst: Bool
    ) async throws {
        if let other = open[id.session], other.number != id.number { _ = end(other.number, of: id.session) }
        let session = id.session.detached()
        var transaction =
            open[session] ?? Transaction(number: id.number, begin: timestamp, lacksBegin: !isFirst)
        transaction.operations.append(operations)
        open[session] = transaction
        while bytes > limit, let largest = open.max(by: { $0.value.operations.bytes < $1.value.operations.bytes })?.key,
            var spilled = open[largest]
        {
            try await spilled.operations.spill()
            open[largest] = spilled
        }
    }

    /// Takes a transaction out at its end.
    mutating func end(_ number: Int64, of session: BSONDocument) -> Transaction? {
        guard let transaction = open[session], transaction.number == number else { return nil }
        open[session] = nil
        return transaction
    }
}
