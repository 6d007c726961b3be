import ReplicaKit
import ReplicaKitMongo
import Synchronization
import TestSupport

/// The real driver behind a network in which this program alone loses its way to one member: everybody else still reaches
/// it, and it everybody else.
final class CutOffDriver: MemberDriver {
    private let inner = LibMongoCDriver(logger: .silent)
    private let lost = Mutex<MemberAddress?>(nil)

    /// Loses the way to a member, on open connections too; `nil` finds it again.
    func lose(_ address: MemberAddress?) { lost.withLock { $0 = address } }

    func withConnection<Result: Sendable>(
        to address: MemberAddress,
        as authentication: MemberAuthentication,
        timeout: Duration,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try await pass(to: address, within: timeout)
        return try await inner.withConnection(to: address, as: authentication, timeout: timeout) { connection in
            try await body(Connection(inner: connection, driver: self))
        }
    }

    /// What is sent into a network that drops it is waited for until the time is up.
    fileprivate func pass(to address: MemberAddress, within timeout: Duration) async throws {
        guard lost.withLock({ $0 == address }) else { return }
        try await ContinuousClock().sleep(for: timeout)
        throw ReplicaKitError(.connectionTimedOut, "the test's network drops it", member: address)
    }

    private struct Connection: MemberConnection {
        let inner: any MemberConnection
        let driver: CutOffDriver

        var address: MemberAddress { inner.address }

        func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument {
            try await driver.pass(to: address, within: timeout)
            return try await inner.run(command, on: database, timeout: timeout)
        }

        func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor
        {
            try await driver.pass(to: address, within: timeout)
            return try await inner.cursor(command, on: database, timeout: timeout)
        }

        func insert(
            _ documents: DocumentBatch,
            into namespace: Namespace,
            options: InsertOptions,
            timeout: Duration
        ) async throws -> Int {
            try await driver.pass(to: address, within: timeout)
            return try await inner.insert(documents, into: namespace, options: options, timeout: timeout)
        }
    }
}
