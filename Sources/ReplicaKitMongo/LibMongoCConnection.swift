import ReplicaKit

/// A connection to one member, for as long as ``LibMongoCDriver/withConnection(to:as:timeout:_:)`` lends it.
struct LibMongoCConnection: MemberConnection {
    let address: MemberAddress
    let client: MongoClient
    let limits: ServerLimits
    let errors: ErrorTranslator

    func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument {
        try await run(command, on: database, by: Deadline(after: timeout))
    }

    func run(_ command: BSONDocument, on database: String, by deadline: Deadline) async throws -> BSONDocument {
        let name = try Self.name(of: command)
        try Self.check(database: database)
        let reply = try await errors.translating(name) {
            try await client.call(by: deadline) { try $0.run(command, on: database) }
        }
        if let failure = ServerReply(reply).failure { throw errors.error(from: failure, during: name) }
        return reply
    }

    func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor {
        try await cursor(CursorRequest(command: command, database: database, timeout: timeout))
    }

    func cursor(
        _ command: BSONDocument,
        on database: String,
        laterBatchSize: Int,
        timeout: Duration
    ) async throws -> any DocumentCursor {
        var request = CursorRequest(command: command, database: database, timeout: timeout)
        request.batchSize = .integer(laterBatchSize)
        return try await cursor(request)
    }

    private func cursor(_ request: CursorRequest) async throws -> any DocumentCursor {
        let timeout = request.timeout
        let name = try Self.name(of: request.command)
        try Self.check(database: request.database)
        let cursor = try await errors.translating(name) {
            try await client.call(by: Deadline(after: timeout)) { try $0.openCursor(request) }
        }
        return LibMongoCCursor(client: client, cursor: cursor, name: name, timeout: timeout, errors: errors)
    }

    func insert(
        _ documents: DocumentBatch,
        into namespace: Namespace,
        options: InsertOptions,
        timeout: Duration
    ) async throws -> Int {
        let deadline = Deadline(after: timeout)
        var plan = try InsertPlan(documents, into: namespace, options: options, limits: limits)
        var inserted = 0
        var firstError: ReplicaKitError?
        while let command = try plan.next() {
            let reply = try await errors.translating("insert") {
                try await client.call(by: deadline) { try $0.run(command, on: namespace.database) }
            }
            inserted += reply["n"]?.intValue ?? 0
            if let failure = ServerReply(reply).failure {
                firstError = firstError ?? errors.error(from: failure, during: "insert into \(namespace)")
                if options.ordered { break }
            }
        }
        if let firstError { throw firstError }
        return inserted
    }

    /// A command's name, which is its first key.
    static func name(of command: BSONDocument) throws -> String {
        var reader = command.reader()
        guard let first = try? reader.next() else {
            throw ReplicaKitError(.invalidArgument, "the command is empty")
        }
        return first.key
    }

    static func check(database: String) throws {
        guard !database.isEmpty, !database.utf8.contains(0) else {
            throw ReplicaKitError(.invalidArgument, "\"\(database)\" is not the name of a database")
        }
    }
}

/// A cursor of a ``LibMongoCConnection``.
struct LibMongoCCursor: DocumentCursor {
    let client: MongoClient
    let cursor: Int
    let name: String
    let timeout: Duration
    let errors: ErrorTranslator

    func nextBatch() async throws -> DocumentBatch? {
        try await errors.translating(name) {
            // Each round trip sets its own deadline; this one is for the first.
            try await client.call(by: Deadline(after: timeout)) { try $0.nextBatch(of: cursor) }
        }
    }

    func close() async {
        try? await client.call(by: Deadline(after: timeout)) { try $0.closeCursor(cursor) }
    }
}
