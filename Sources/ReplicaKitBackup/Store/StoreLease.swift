internal import Foundation
import ReplicaKit
import Synchronization

/// An object of a store whose name tells until when it counts. Whoever holds it renews it; when its holder is killed, it
/// ends by itself.
final class StoreLease: Sendable {
    private let prefix: String
    private let store: any BackupStore
    private let lifetime: Duration
    private let clock: any Clock<Duration>
    /// The object's name of now.
    private let name = Mutex<String?>(nil)

    /// How long its removal may hold up whoever held it.
    private static let patience: Duration = .seconds(5)

    /// Creates a lease, which counts from its first renewal on.
    ///
    /// - Parameters:
    ///   - prefix: What the names of all leases for the same begin with.
    ///   - lifetime: How long it counts without being renewed.
    init(_ prefix: String, in store: any BackupStore, lifetime: Duration, clock: any Clock<Duration>) {
        self.prefix = "\(prefix)\(UUID().uuidString)-"
        self.store = store
        self.lifetime = lifetime
        self.clock = clock
    }

    /// Until when a lease counts, by its name, in milliseconds since 1970.
    static func end(of name: String) -> Int64? { name.split(separator: "-").last.flatMap { Int64($0) } }

    /// Whether a lease has this name, or had it before.
    func isCalled(_ name: String) -> Bool { name.hasPrefix(prefix) }

    /// Writes the lease so that it counts from now on, and then removes the one before.
    func renew() async throws {
        let until = BSONDateTime.now.milliseconds + Int64(lifetime / .milliseconds(1))
        let next = "\(prefix)\(until)"
        let before = name.withLock { $0 }
        guard next != before else { return }
        try await store.put([], as: next)
        name.withLock { $0 = next }
        if let before { try await store.delete([before]) }
    }

    /// Renews it while `body` runs.
    func renewing<Result: Sendable>(
        every pause: Duration,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask { [self] in
                while !Task.isCancelled {
                    // A pause between two renewals. One that fails is made up for by the next.
                    do { try await clock.sleep(for: pause) } catch { return nil }
                    try? await renew()
                }
                return nil
            }
            defer { group.cancelAll() }
            while let next = try await group.next() {
                if let result = next { return result }
            }
            throw CancellationError()
        }
    }

    /// Removes it, in a task of its own: this one may be cancelled. What stays where this fails ends by itself.
    func forget() async {
        guard let name = name.withLock({ $0 }) else { return }
        let removal = Task { [store] in _ = try? await store.delete([name]) }
        let limit = Task { [clock] in
            try await clock.sleep(for: Self.patience)
            removal.cancel()
        }
        await removal.value
        limit.cancel()
    }
}
