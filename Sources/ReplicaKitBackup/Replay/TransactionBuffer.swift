import ReplicaKit

/// The operations of transactions whose end has not come yet.
///
/// A transaction is logged when it commits or prepares, in one entry or, when it is large, in several, and counts from
/// the entry that ends it. Until then its operations wait here, in memory.
struct TransactionBuffer: Sendable {
    struct Transaction: Sendable {
        var number: Int64
        /// The timestamp of the first entry that was read.
        var begin: BSONTimestamp
        /// Whether that is not the transaction's first entry.
        var lacksBegin: Bool
        var operations: [BSONDocument] = []
        var bytes = 0
    }

    /// How many bytes all of them may take.
    let limit: Int
    private(set) var open: [BSONDocument: Transaction] = [:]
    private(set) var bytes = 0

    init(limit: Int) { self.limit = limit }

    /// Adds the operations of an entry. A session has one transaction at a time: a later number ends an earlier one.
    ///
    /// - Throws: ``ReplicaKitError/Code/invalidArgument`` when they take more memory than allowed.
    mutating func add(
        _ operations: [BSONDocument],
        to id: OplogOperation.TransactionID,
        at timestamp: BSONTimestamp,
        isFirst: Bool
    ) throws {
        if let other = open[id.session], other.number != id.number { _ = end(other.number, of: id.session) }
        let session = id.session.detached()
        var transaction =
            open[session] ?? Transaction(number: id.number, begin: timestamp, lacksBegin: !isFirst)
        let added = operations.reduce(0) { $0 + $1.byteCount }
        guard bytes + added <= limit else {
            throw ReplicaKitError(
                .invalidArgument,
                "the transactions that are open at \(timestamp) take more than \(limit) bytes",
                hint: "Allow the replay more memory for transactions."
            )
        }
        transaction.operations += operations.map { $0.detached() }
        transaction.bytes += added
        bytes += added
        open[session] = transaction
    }

    /// Takes a transaction out at its end.
    mutating func end(_ number: Int64, of session: BSONDocument) -> Transaction? {
        guard let transaction = open[session], transaction.number == number else { return nil }
        open[session] = nil
        bytes -= transaction.bytes
        return transaction
    }
}
