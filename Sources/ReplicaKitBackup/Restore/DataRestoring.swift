import ReplicaKit

/// Makes collections and fills them, from several connections at a time.
struct DataRestoring: Sendable {
    let connections: [any MemberConnection]
    let timeout: Duration
    /// Whether what the target holds may be replaced.
    let mirrors: Bool
    let total: Int
    let report: @Sendable (BackupEvent) -> Void

    /// A collection that is larger is filled from all connections at once; smaller ones, several at a time.
    private static let largeBytes = 32 << 20

    /// Restores all that were not restored before.
    func run(_ items: [RestoreItem]) async throws {
        let progress = ByteProgress(total: total, report: report)
        let ordered = items.filter { $0.kind != .view }.sorted { $0.bytes > $1.bytes }
        for item in ordered where item.bytes > Self.largeBytes { try await restore(item, connections, progress) }
        let small = WorkList(ordered.filter { $0.bytes <= Self.largeBytes })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in connections {
                group.addTask {
                    while let item = await small.next() { try await restore(item, [connection], progress) }
                }
            }
            try await group.waitForAll()
        }
        // Last: what they show exists then.
        guard let first = connections.first else { return }
        for item in items where item.kind == .view { try await restore(item, [first], progress) }
    }

    private func restore(
        _ item: RestoreItem,
        _ connections: [any MemberConnection],
        _ progress: ByteProgress
    ) async throws {
        guard let connection = connections.first else { return }
        let mark = RestoreMark(connection: connection, timeout: timeout)
        let part = "data \(item.target)"
        let state = try await mark.state(of: part)
        guard state != RestoreMark.done else { return await progress.add(item.bytes) }
        if state == nil, !mirrors { try await requireStillEmpty(item.target, connection) }
        // What is there is empty, may be replaced, or is the beginning of an earlier run.
        try await mark.note(part, "begun", durably: true)
        try await connection.drop(item.target, timeout: timeout)
        try await create(item, on: connection)
        let inserted = try await fill(item, connections, progress)
        if let documents = item.documents, inserted != documents {
            throw ReplicaKitError(
                .backupDiffers,
                "\(item.target) took \(inserted) of \(documents) documents",
                member: connection.address
            )
        }
        try await mark.note(part, RestoreMark.done)
        report(.collection(item.target, documents: inserted, bytes: item.bytes))
    }

    /// Demands that nobody filled a collection since it was found empty.
    private func requireStillEmpty(_ target: Namespace, _ connection: any MemberConnection) async throws {
        guard try await connection.run(FindOne(in: target), timeout: timeout).found != nil else { return }
        throw ReplicaKitError(
            .targetNotEmpty,
            "\(target) was filled while the restore was at work",
            member: connection.address,
            hint: "Stop what writes there, or restore beside it (--to-namespace)."
        )
    }

    private func create(_ item: RestoreItem, on connection: any MemberConnection) async throws {
        var command: BSONDocument = ["create": .string(item.target.collection)]
        for (key, value) in item.metadata.options where key != "autoIndexId" { command.append(key, value) }
        command.append("writeConcern", ["w": 1])
        do {
            _ = try await connection.run(command, on: item.target.database, timeout: timeout)
        } catch let error as ReplicaKitError where error.server?.code == 48 && item.target.collection == "system.js" {
            // It was emptied.
        }
    }

    /// Spreads a collection's batches over the connections, and says how many documents were taken.
    private func fill(
        _ item: RestoreItem,
        _ connections: [any MemberConnection],
        _ progress: ByteProgress
    ) async throws -> Int {
        guard let read = item.read else { return 0 }
        let source = BatchSource(try await read())
        // The order of a capped collection's documents is the order of their insertion.
        let isCapped = item.metadata.options["capped"]?.isTruthy == true
        return try await withThrowingTaskGroup(of: Int.self) { group in
            for connection in isCapped ? Array(connections.prefix(1)) : connections {
                group.addTask {
                    let inserter = DocumentInserter(connection: connection, timeout: timeout)
                    var inserted = 0
                    while let batch = try await source.next() {
                        inserted += try await inserter.insert(batch, into: item.dataTarget)
                        await progress.add(batch.bytes.count)
                    }
                    return inserted
                }
            }
            return try await group.reduce(0, +)
        }
    }
}

/// What is left to do, for several that do it.
actor WorkList<Item: Sendable> {
    private var items: ArraySlice<Item>
    init(_ items: [Item]) { self.items = items[...] }
    func next() -> Item? { items.popFirst() }
}

/// A reader that several take batches from. One is read ahead while others are inserted.
private actor BatchSource {
    private var ahead: Task<DocumentBatch?, any Error>?
    private let reader: any DocumentReader

    init(_ reader: any DocumentReader) { self.reader = reader }

    deinit { ahead?.cancel() }

    func next() async throws -> DocumentBatch? {
        let reader = reader
        let current = ahead ?? Task { try await reader.next() }
        ahead = Task {
            // In order: a reader has one caller at a time. Behind the end there is the end.
            guard try await current.value != nil else { return nil }
            return try await reader.next()
        }
        return try await current.value
    }
}

extension MemberConnection {
    /// Drops a collection, if there is one; empties one that cannot be dropped.
    func drop(_ target: Namespace, timeout: Duration) async throws {
        do {
            let command: BSONDocument = ["drop": .string(target.collection), "writeConcern": ["w": 1]]
            _ = try await run(command, on: target.database, timeout: timeout)
        } catch let error as ReplicaKitError where error.server?.code == 26 {
            // There was none.
        } catch let error as ReplicaKitError where error.server?.code == 20 && target.collection == "system.js" {
            let command: BSONDocument = [
                "delete": .string(target.collection), "deletes": [["q": [:], "limit": 0]], "writeConcern": ["w": 1],
            ]
            _ = try await run(command, on: target.database, timeout: timeout)
        }
    }
}
