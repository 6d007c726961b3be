import ReplicaKit

/// One operation of the oplog, still encoded but for what it is about: an entry, or a part of a transaction's entry.
struct OplogOperation: Sendable {
    enum Kind: UInt8, Sendable {
        case insert = 0x69  // i
        case update = 0x75  // u
        case delete = 0x64  // d
        case command = 0x63  // c
        case noOp = 0x6E  // n
    }

    /// The session and number of a transaction, or of a retryable write.
    struct TransactionID: Hashable, Sendable {
        var session: BSONDocument
        var number: Int64
    }

    /// `nil` for one that this library does not know.
    var kind: Kind?
    /// The kind as it is written.
    var kindText: String
    /// `db.coll`; `db.$cmd` for commands.
    var namespace: String
    /// What to write, or the command.
    var object: BSONElement
    /// What an update is looked up by.
    var object2: BSONElement?
    /// Whether an update may insert.
    var upsert: BSONElement?
    /// When it was written; only entries have it.
    var opTime: OpTime?
    /// Only entries of transactions and of retryable writes have it.
    var transaction: TransactionID?
    /// Whether another entry of the same transaction came before.
    var continuesTransaction = false
    /// Whether the entry is a row of writes that stand for themselves although they have a transaction number.
    var isVectored = false

    /// Reads the top-level fields of an operation; nothing below them is looked at.
    ///
    /// - Throws: ``BSONError`` when it is malformed, or lacks `op`, `ns` or `o`.
    init(_ document: BSONDocument) throws(BSONError) {
        var kindText: String?
        var namespace: String?
        var object: BSONElement?
        var timestamp: BSONTimestamp?
        var term: Int64 = -1
        var session: BSONDocument?
        var number: Int64?
        var reader = document.reader()
        while let element = try reader.next() {
            switch element.key {
            case "op": kindText = try element.value().stringValue
            case "ns": namespace = try element.value().stringValue
            case "o" where element.type == .document: object = element
            case "o2" where element.type == .document: object2 = element
            case "b": upsert = element
            case "ts": timestamp = try element.value().timestampValue
            case "t": term = try element.value().int64Value ?? -1
            case "lsid": session = try element.value().documentValue
            case "txnNumber": number = try element.value().int64Value
            case "prevOpTime":
                continuesTransaction = (OpTime(try element.value())?.timestamp.rawValue ?? 0) != 0
            case "multiOpType": isVectored = try element.value().int64Value == 1
            default: break
            }
        }
        guard let kindText, let namespace, let object else {
            throw BSONError(.invalidValue, "An operation of the oplog lacks op, ns or o.")
        }
        kind = kindText.utf8.count == 1 ? kindText.utf8.first.flatMap(Kind.init(rawValue:)) : nil
        self.kindText = kindText
        self.namespace = namespace
        self.object = object
        opTime = timestamp.map { OpTime(timestamp: $0, term: term) }
        if let session, let number { transaction = TransactionID(session: session, number: number) }
    }

    /// The database, which is all in front of the first dot.
    var database: String { String(namespace.prefix { $0 != "." }) }

    /// The document in `o`.
    func objectDocument() throws(BSONError) -> BSONDocument {
        try BSONDocument(framed: object.valueBytes)
    }

    /// `insert shop.orders`, for messages.
    var summary: String {
        let verb =
            switch kind {
            case .insert: "insert into"
            case .update: "update of"
            case .delete: "delete from"
            case .command: "command \((try? objectDocument())?.keys.first ?? "") in"
            case .noOp: "no-op in"
            case nil: "operation \"\(kindText)\" on"
            }
        return "\(verb) \(namespace)"
    }
}

extension Namespace {
    /// Reads `db.coll`; `nil` without both parts.
    init?(oplog text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { return nil }
        self.init(database: String(parts[0]), collection: String(parts[1]))
    }
}
