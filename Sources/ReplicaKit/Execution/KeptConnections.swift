import Synchronization

/// Keeps connections open between calls: signing in anew each time is most of what a look at a set costs, and much of
/// what a failover does; and a member that has no connections left can still be reached.
///
/// A connection is lent to one caller at a time and asked first whether it still works; one that does not is replaced by
/// a fresh one at once, so that a member that was restarted between two looks is not called unreachable. One on which
/// anything went wrong is not kept.
package final class KeptConnections: MemberDriver {
    private let base: any MemberDriver
    private let elapsed: @Sendable () -> Duration
    private let kept = Mutex<[MemberAddress: Kept]>([:])

    /// - Parameters:
    ///   - base: What opens them.
    ///   - elapsed: The time since some moment, by which deadlines go.
    package init(_ base: any MemberDriver, elapsed: @escaping @Sendable () -> Duration) {
        (self.base, self.elapsed) = (base, elapsed)
    }

    /// A connection, and the task in which the driver lends it: it ends when the connection is to be closed.
    private struct Kept: Sendable {
        let connection: any MemberConnection
        let authentication: MemberAuthentication
        let closing: AsyncStream<Never>.Continuation
        let holding: Task<Void, Never>

        func close() async {
            closing.finish()
            await holding.value
        }
    }

    package func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        let deadline = elapsed() + timeout
        let lent: Kept
        if let idle = await idle(address, authentication, timeout: timeout) {
            lent = idle
        } else {
            lent = try await opened(address, authentication, timeout: max(.zero, deadline - elapsed()))
        }
        let watched = WatchedConnection(base: lent.connection)
        do {
            let result = try await body(watched)
            await put(watched.isSound ? lent : nil, of: address, orClose: lent)
            return result
        } catch {
            await lent.close()
            throw error
        }
    }

    /// Closes all connections that are kept.
    package func close() async {
        let all = kept.withLock { kept in
            defer { kept = [:] }
            return kept.values
        }
        for connection in all { await connection.close() }
    }

    /// The connection that was kept, if it still works. One that does not answer gets only a part of the time.
    private func idle(
        _ address: MemberAddress,
        _ authentication: MemberAuthentication,
        timeout: Duration
    ) async -> Kept? {
        guard let found = kept.withLock({ $0.removeValue(forKey: address) }) else { return nil }
        if found.authentication == authentication,
            (try? await found.connection.run(Ping(), timeout: min(timeout / 4, .seconds(1)))) != nil
        {
            return found
        }
        await found.close()
        return nil
    }

    private func put(_ sound: Kept?, of address: MemberAddress, orClose lent: Kept) async {
        guard let sound else { return await lent.close() }
        // Of two that were lent at the same time one is enough.
        await kept.withLock { $0.updateValue(sound, forKey: address) }?.close()
    }

    /// Opens a connection in a task of its own, which outlives the caller's; ``close()`` waits for it.
    private func opened(
        _ address: MemberAddress,
        _ authentication: MemberAuthentication,
        timeout: Duration
    ) async throws -> Kept {
        let (ends, closing) = AsyncStream<Never>.makeStream()
        let (answers, answer) = AsyncStream<Result<any MemberConnection, any Error>>.makeStream()
        let holding = Task { [base] in
            do {
                try await base.withConnection(to: address, as: authentication, timeout: timeout) { connection in
                    answer.yield(.success(connection))
                    for await _ in ends {}
                }
            } catch {
                answer.yield(.failure(error))
            }
            answer.finish()
        }
        return try await withTaskCancellationHandler {
            for await found in answers {
                let connection = try found.get()
                return Kept(
                    connection: connection,
                    authentication: authentication,
                    closing: closing,
                    holding: holding
                )
            }
            throw CancellationError()
        } onCancel: {
            holding.cancel()
        }
    }
}

/// A connection that remembers whether anything went wrong on it.
private final class WatchedConnection: MemberConnection {
    private let base: any MemberConnection
    private let failed = Mutex(false)

    init(base: any MemberConnection) {
        self.base = base
    }

    var address: MemberAddress { base.address }
    var isSound: Bool { failed.withLock { !$0 } }

    func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument {
        try await noting { try await base.run(command, on: database, timeout: timeout) }
    }

    func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor {
        // Looks need none; a cursor could fail after it was handed out.
        failed.withLock { $0 = true }
        return try await base.cursor(command, on: database, timeout: timeout)
    }

    func insert(
        _ documents: DocumentBatch,
        into namespace: Namespace,
        options: InsertOptions,
        timeout: Duration
    ) async throws -> Int {
        try await noting { try await base.insert(documents, into: namespace, options: options, timeout: timeout) }
    }

    /// What a server refuses leaves the connection as it is; everything else may have ended it.
    private func noting<Value>(_ call: () async throws -> Value) async throws -> Value {
        do {
            return try await call()
        } catch {
            if (error as? ReplicaKitError)?.server == nil { failed.withLock { $0 = true } }
            throw error
        }
    }
}
