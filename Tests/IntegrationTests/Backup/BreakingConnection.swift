import ReplicaKit
import Synchronization

/// A real connection that breaks at one of its `applyOps`, before the server has it or before the answer is back.
final class BreakingConnection: MemberConnection {
    enum Moment: CaseIterable { case before, after }

    private let inner: any MemberConnection
    private let breakAt: Int
    private let moment: Moment
    private let calls = Mutex(0)

    init(_ inner: any MemberConnection, at call: Int, _ moment: Moment) {
        self.inner = inner
        breakAt = call
        self.moment = moment
    }

    var address: MemberAddress { inner.address }

    func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument {
        let isBreaking = calls.withLock { calls in
            guard command.keys.first == "applyOps" else { return calls > breakAt }
            calls += 1
            return calls >= breakAt
        }
        if isBreaking {
            if moment == .after { _ = try await inner.run(command, on: database, timeout: timeout) }
            throw ReplicaKitError(.connectionClosed, "broken by the test", member: address)
        }
        return try await inner.run(command, on: database, timeout: timeout)
    }

    func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor {
        try await inner.cursor(command, on: database, timeout: timeout)
    }

    func insert(
        _ documents: DocumentBatch,
        into namespace: Namespace,
        options: InsertOptions,
        timeout: Duration
    ) async throws -> Int {
        try await inner.insert(documents, into: namespace, options: options, timeout: timeout)
    }
}
