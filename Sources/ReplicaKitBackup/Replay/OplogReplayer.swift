public import ReplicaKit

/// Replays the oplog of a set on another server, in batches.
///
/// It takes the oplog's entries in order and applies those that commit after the base was taken, up to and including
/// the wanted moment. Operations go in atomic batches, which is many times faster than one by one, and each batch notes
/// in the target how far it is: a replay that broke off goes on exactly there when it is fed the same entries again.
/// Transactions are applied whole, at the entry that ends them, or not at all. Indexes are not built, only followed:
/// see ``ReplayResult/catalogue``.
public struct OplogReplayer: Sendable {
    /// What to replay, and how.
    public struct Settings: Sendable {
        /// Only what commits after this is applied: the base has the rest. Entries before it may be fed, and must be
        /// from the first of every transaction on that commits later.
        public var after: BSONTimestamp
        /// Up to here the base was still being copied: an operation on what is not there is left out, not an error.
        public var tolerantUntil: BSONTimestamp?
        /// The last entry that is applied.
        public var through: BSONTimestamp
        /// Which collections, and under which names.
        public var selection = NamespaceSelection()
        /// The indexes at ``after``, by the names that the source had.
        public var catalogue: IndexCatalogue
        /// Users of the database `admin` that the target keeps as they are, whatever became of them at the source.
        public var keptUsers: Set<String> = []
        /// Tells this replay from others in the progress collection: the id of the restore.
        public var id: String
        /// Where progress is noted. The caller removes the collection when the restore is done.
        public var progress = Namespace(database: "replicakit_restore", collection: "progress")
        /// How long one batch may take.
        public var timeout: Duration = .seconds(120)
        /// How many bytes the operations of transactions that have not ended yet may take in memory; what is beyond waits
        /// in files without names in the directory for temporary files.
        public var transactionBytes = 32 << 20

        /// Creates settings.
        public init(id: String, after: BSONTimestamp, through: BSONTimestamp, catalogue: IndexCatalogue) {
            self.id = id
            self.after = after
            self.through = through
            self.catalogue = catalogue
        }
    }

    let settings: Settings
    let connection: any MemberConnection
    var target: ReplayTarget
    var result: ReplayResult
    private let start: ReplayProgress?
    /// Whether the next command may have been run by the replay that this one goes on from.
    private var mayBeDone: Bool
    private var transactions: TransactionBuffer
    private var batch = OperationBatch()
    /// The timestamp of the last entry that was fed, whether it took effect or not: feeding goes on after it.
    public private(set) var lastRead: BSONTimestamp?

    /// Whether an entry after the wanted moment has been seen: there is no need to feed more.
    public private(set) var isComplete = false

    /// Looks at the target and begins, or goes on where a replay of the same id broke off.
    ///
    /// - Parameters:
    ///   - connection: To the target's primary, or a standalone, as a user that may do everything (the set's own).
    ///   - settings: What to replay.
    /// - Throws: ``ReplicaKitError``.
    public init(on connection: any MemberConnection, settings: Settings) async throws {
        self.connection = connection
        self.settings = settings
        let version = try await connection.run(BuildInfo(), timeout: settings.timeout).version
        var collections = try await connection.collections(timeout: settings.timeout)
        if collections[settings.progress] == nil {
            _ = try await connection.run(
                ["create": .string(settings.progress.collection)],
                on: settings.progress.database,
                timeout: settings.timeout
            )
            collections[settings.progress] = false
        }
        start = try await connection.progress(of: settings.id, in: settings.progress, timeout: settings.timeout)
        mayBeDone = start != nil
        target = ReplayTarget(
            selection: settings.selection,
            version: version,
            progress: settings.progress,
            keptUsers: settings.keptUsers,
            collections: collections
        )
        result = ReplayResult(catalogue: settings.catalogue)
        result.resumedAfter = start?.timestamp
        transactions = TransactionBuffer(limit: settings.transactionBytes)
    }

    /// Applies entries of the oplog, in its order. When this returns, they are applied.
    ///
    /// - Throws: ``ReplicaKitError`` that names the entry, the operation and what the server said. What was fed before
    ///   is applied then, and part of this batch may be.
    public mutating func feed(_ entries: DocumentBatch) async throws {
        var bytes = entries.bytes[...]
        do {
            while !isComplete, let entry = try BSONDocument(takingFrom: &bytes) { try await take(entry) }
        } catch let error as BSONError {
            throw damaged(String(describing: error), error)
        }
        if !isComplete, !bytes.isEmpty { throw damaged("its last entry is cut off") }
        try await flush()
    }

    /// Ends the replay: waits until a majority has it.
    ///
    /// - Returns: What was done, and the indexes to build.
    public mutating func finish() async throws -> ReplayResult {
        try await flush()
        if let last = result.lastApplied ?? start?.timestamp {
            let progress = ReplayProgress(last)
            _ = try await connection.run(
                [
                    "applyOps": [.document(progress.operation(id: settings.id, in: settings.progress))],
                    "writeConcern": ["w": "majority"],
                ],
                on: "admin",
                timeout: settings.timeout
            )
        }
        result.unfinishedTransactions = transactions.open.values.map(\.begin).sorted()
        return result
    }

    // MARK: Entries

    private mutating func take(_ document: BSONDocument) async throws {
        let entry = try OplogOperation(document)
        guard let timestamp = entry.opTime?.timestamp else { throw damaged("an entry has no timestamp") }
        guard lastRead.map({ $0 < timestamp }) ?? true else {
            throw damaged("the entry of \(timestamp) comes after that of \(lastRead?.description ?? "")")
        }
        guard timestamp <= settings.through else {
            isComplete = true
            return
        }
        lastRead = timestamp
        guard entry.kind == .command else { return try await apply(entry, ReplayProgress(timestamp)) }
        switch try OplogCommand(entry) {
        case .applyOps(let command): try await takeOperations(command, of: entry, at: timestamp)
        case .commitTransaction:
            guard let id = entry.transaction else { throw damaged("the commit at \(timestamp) is of no transaction") }
            try await commit(id, at: timestamp)
        case .abortTransaction:
            if let id = entry.transaction { _ = transactions.end(id.number, of: id.session) }
        default: try await apply(entry, ReplayProgress(timestamp))
        }
    }

    private mutating func takeOperations(
        _ command: BSONDocument,
        of entry: OplogOperation,
        at timestamp: BSONTimestamp
    ) async throws {
        let operations = (command["applyOps"]?.arrayValue ?? BSONArray()).compactMap(\.documentValue)
        guard let id = entry.transaction, !entry.isVectored else {
            return try await apply(operations, at: timestamp, from: 0, of: operations.count)
        }
        try await transactions.add(operations, to: id, at: timestamp, isFirst: !entry.continuesTransaction)
        if command["partialTxn"]?.isTruthy != true, command["prepare"]?.isTruthy != true {
            try await commit(id, at: timestamp)
        }
    }

    private mutating func commit(_ id: OplogOperation.TransactionID, at timestamp: BSONTimestamp) async throws {
        let transaction = transactions.end(id.number, of: id.session)
        guard timestamp > settings.after else { return }
        guard let transaction, !transaction.lacksBegin else {
            throw ReplicaKitError(
                .backupDamaged,
                "the transaction that commits at \(timestamp) began before the entries that were read",
                hint: "Read the oplog from an earlier moment on."
            )
        }
        var reader = transaction.operations.reader()
        var done = 0
        while let operations = try await reader.next() {
            try await apply(operations, at: timestamp, from: done, of: transaction.operations.count)
            done += operations.count
        }
        result.transactions += 1
    }

    /// Applies operations that are part of one entry or transaction, which has `count`.
    private mutating func apply(
        _ operations: [BSONDocument],
        at timestamp: BSONTimestamp,
        from first: Int,
        of count: Int
    ) async throws {
        for (index, document) in zip(first..., operations) {
            let progress = ReplayProgress(timestamp, operations: index + 1 < count ? index + 1 : nil)
            try await apply(try OplogOperation(document), progress, index: index)
        }
    }

    // MARK: Operations

    private mutating func apply(
        _ operation: OplogOperation,
        _ progress: ReplayProgress,
        index: Int = 0
    ) async throws {
        guard progress.timestamp > settings.after, operation.kind != .noOp else { return }
        let isDone = start?.covers(progress.timestamp, index: index) ?? false
        switch operation.kind {
        case .command: try await run(operation, progress, isDone: isDone)
        case .insert, .update, .delete:
            if !isDone { try await write(operation, progress) }
        case .noOp, nil:
            throw failure(
                of: operation,
                progress,
                ReplicaKitError(.backupOvertaken, "this library does not know it", hint: "Use a newer version of it.")
            )
        }
    }

    private func isTolerant(_ progress: ReplayProgress) -> Bool {
        settings.tolerantUntil.map { progress.timestamp <= $0 } ?? false
    }

    private mutating func skip(_ reason: ReplayResult.SkipReason) {
        result.skipped[reason, default: 0] += 1
    }

    private mutating func write(_ operation: OplogOperation, _ progress: ReplayProgress) async throws {
        switch target.writes(to: operation.namespace) {
        case .skipped(let reason): skip(reason)
        case .missing where isTolerant(progress): skip(.collectionAbsent)
        case .missing: throw failure(of: operation, progress, ReplayTarget.missing(operation.namespace))
        case .views:
            guard let steps = try target.viewSteps(for: operation) else { return skip(.notSelected) }
            try await send(steps, for: operation, progress)
        case .applied(let name, let isCapped):
            if try target.isKept(operation) { return skip(.ownedByServer) }
            if isCapped, operation.kind == .delete, target.refusesCappedDeletes { return skip(.cappedDelete) }
            let item = OperationBatch.Item(operation: operation, target: name, progress: progress)
            let isAlone = isCapped && target.miscountsCapped
            if isAlone || !batch.hasRoom(for: item) { try await flush() }
            batch.append(item)
            if isAlone { try await flush() }
        }
    }

    private mutating func run(_ operation: OplogOperation, _ progress: ReplayProgress, isDone: Bool) async throws {
        let command = try OplogCommand(operation)
        let sources = result.catalogue.collections.keys
        defer { result.catalogue.apply(command) }
        guard !isDone else { return }
        switch command {
        case .addIndexes, .dropIndexes: result.indexChanges += 1
        case .nothing: return
        default:
            do {
                let steps = try target.steps(
                    for: command,
                    sources: sources,
                    isTolerant: isTolerant(progress),
                    mayBeDone: mayBeDone
                )
                guard !steps.isEmpty else { return }
                mayBeDone = false
                try await send(steps, for: operation, progress)
            } catch let error as ReplicaKitError {
                throw failure(of: operation, progress, error)
            }
        }
    }

    /// Applies operations that must go alone, each by itself, and notes the progress after the last.
    private mutating func send(
        _ steps: [BSONDocument],
        for operation: OplogOperation,
        _ progress: ReplayProgress
    ) async throws {
        try await flush()
        for step in steps + [progress.operation(id: settings.id, in: settings.progress)] {
            do {
                _ = try await connection.run(
                    // Whoever wrote it may have gone round the validator, or it came later.
                    ["applyOps": [.document(step)], "bypassDocumentValidation": true, "writeConcern": ["w": 1]],
                    on: "admin",
                    timeout: settings.timeout
                )
            } catch let error as ReplicaKitError {
                throw failure(of: operation, progress, error)
            }
        }
        result.count(operation.kind)
        result.lastApplied = progress.timestamp
    }

    // MARK: Batches

    private mutating func flush() async throws {
        let items = batch.take()
        guard let last = items.last else { return }
        mayBeDone = false
        do {
            try await send(items)
        } catch let error as ReplicaKitError where error.server != nil && items.count > 1 {
            // None of them was applied. One by one they tell which of them the server refuses.
            for item in items { try await sendAlone(item) }
            return
        } catch let error as ReplicaKitError {
            return try refuse(last, error)
        }
        for item in items { result.count(item.operation.kind) }
        result.lastApplied = last.progress.timestamp
    }

    private mutating func sendAlone(_ item: OperationBatch.Item) async throws {
        do {
            try await send([item])
            result.count(item.operation.kind)
            result.lastApplied = item.progress.timestamp
        } catch let error as ReplicaKitError {
            try refuse(item, error)
        }
    }

    /// Lets an operation pass whose document need not be there (UpdateOperationFailed, 218), and fails for any other.
    private mutating func refuse(_ item: OperationBatch.Item, _ error: ReplicaKitError) throws {
        guard isTolerant(item.progress), error.server?.code == 218 else {
            throw failure(of: item.operation, item.progress, error)
        }
        skip(.documentAbsent)
    }

    private func send(_ items: [OperationBatch.Item]) async throws {
        guard let last = items.last else { return }
        var writer = BSONWriter(capacity: items.reduce(512) { $0 + $1.byteCount })
        writer.appendArray(forKey: "applyOps") { writer in
            for item in items { item.append(to: &writer) }
            writer.append(.document(last.progress.operation(id: settings.id, in: settings.progress)))
        }
        // Whoever wrote it may have gone round the validator, or that came later.
        writer.append(true, forKey: "bypassDocumentValidation")
        // Only the last write waits for a majority: it comes after all others.
        writer.append(["w": 1] as BSONDocument, forKey: "writeConcern")
        _ = try await connection.run(writer.finish(), on: "admin", timeout: settings.timeout)
    }

    // MARK: Errors

    private func damaged(_ what: String, _ cause: (any Error)? = nil) -> ReplicaKitError {
        ReplicaKitError(
            .backupDamaged,
            "the oplog cannot be replayed after \(lastRead?.description ?? "its beginning"): \(what)",
            hint: "Verify the backup and the archive of the oplog.",
            cause: cause
        )
    }

    private func failure(
        of operation: OplogOperation,
        _ progress: ReplayProgress,
        _ error: ReplicaKitError
    ) -> ReplicaKitError {
        ReplicaKitError(
            error.code,
            "cannot replay the \(operation.summary) of \(progress.timestamp): \(error.message)",
            member: error.member ?? connection.address,
            server: error.server,
            hint: error.hint
                ?? (error.code.family == .connection
                    ? "Run the restore again: it goes on where it was." : "Verify the backup, then restore it anew."),
            cause: error
        )
    }
}
