/// The port to the servers: opens connections, each to exactly one member.
///
/// Connections are always direct. A procedure needs each member's own view, and must be able to see a split brain
/// or a stale primary, which a driver that picks a server by itself would hide.
public protocol MemberDriver: Sendable {
    /// Opens a connection, lends it to `body`, and closes it whatever happens.
    ///
    /// - Parameters:
    ///   - address: The member.
    ///   - authentication: Who we are. A wrong password throws ``ReplicaKitError/Code/authenticationFailed``.
    ///   - timeout: The longest that reaching and authenticating may take; calls have their own.
    ///   - body: What to do with the connection. It must not outlive the call.
    /// - Throws: ``ReplicaKitError``, `CancellationError`, or what `body` throws.
    func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result
}

/// A connection to one member.
///
/// After an error of the family ``ReplicaKitError/Family/connection`` it is dead; whoever waits for a member opens a
/// new one each time.
public protocol MemberConnection: Sendable {
    /// The member.
    var address: MemberAddress { get }

    /// Runs one command and gives the server's whole reply.
    ///
    /// - Parameters:
    ///   - command: The command; its first key is its name.
    ///   - database: The database it runs in.
    ///   - timeout: The deadline, network included. When it passes the connection is dead.
    /// - Throws: ``ReplicaKitError`` with the server's code, codeName, message and labels for `ok: 0`, and for a
    ///   `writeErrors` or `writeConcernError` in an `ok: 1` reply; `CancellationError` at once when the task is
    ///   cancelled, even while the server has not answered.
    func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument

    /// Runs a command that answers with a cursor (`find`, `aggregate`, `listCollections` …) and reads it in batches.
    ///
    /// - Parameters:
    ///   - command: The command; its first key is its name.
    ///   - database: The database it runs in.
    ///   - timeout: The deadline of each round trip.
    func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor

    /// As ``cursor(_:on:timeout:)``, with a number of documents for each reply but the first, which the command's own
    /// `batchSize` is for: a cursor can be opened without reading anything, and then be read in replies of a size that
    /// memory allows.
    ///
    /// By default the server decides how large these replies are, up to 16 MiB.
    func cursor(
        _ command: BSONDocument,
        on database: String,
        laterBatchSize: Int,
        timeout: Duration
    ) async throws -> any DocumentCursor

    /// Inserts raw documents as they are.
    ///
    /// - Parameters:
    ///   - documents: What to insert: the bytes go to the server unchanged.
    ///   - namespace: The target collection.
    ///   - options: Order, write concern and validation.
    ///   - timeout: The deadline of the whole call.
    /// - Returns: The number of documents that the server says it inserted.
    /// - Throws: As ``run(_:on:timeout:)``; with unordered inserts the first write error, after all were tried.
    func insert(
        _ documents: DocumentBatch,
        into namespace: Namespace,
        options: InsertOptions,
        timeout: Duration
    ) async throws -> Int
}

extension MemberConnection {
    /// Without a wish for the size of replies.
    public func cursor(
        _ command: BSONDocument,
        on database: String,
        laterBatchSize: Int,
        timeout: Duration
    ) async throws -> any DocumentCursor {
        try await cursor(command, on: database, timeout: timeout)
    }
}

/// A server-side cursor, read batch by batch.
public protocol DocumentCursor: Sendable {
    /// The next documents: about 1 MiB, less at the end, at least one; `nil` when there are no more.
    func nextBatch() async throws -> DocumentBatch?
    /// Frees the cursor on the server. Harmless after the end; done by the connection's end too.
    func close() async
}

/// Options of a raw insert.
public struct InsertOptions: Sendable, Hashable {
    /// Stop at the first error (true), or try all documents.
    public var ordered: Bool
    /// The write concern document, or `nil` for the server's default.
    public var writeConcern: BSONDocument?
    /// Leave out the collection's validator (`bypassDocumentValidation`).
    public var bypassDocumentValidation: Bool

    /// Creates options.
    public init(ordered: Bool = true, writeConcern: BSONDocument? = nil, bypassDocumentValidation: Bool = false) {
        self.ordered = ordered
        self.writeConcern = writeConcern
        self.bypassDocumentValidation = bypassDocumentValidation
    }
}
