internal import Foundation
import ReplicaKit
import Synchronization

/// Keeps a backup from being removed while it is read or made, by whatever program on whatever machine.
///
/// It is an object of the store whose name tells until when it counts. Whoever reads or makes renews it; of one that
/// was killed it ends by itself. Reader and remover each write their own first and look for the other's then, so that of
/// the two at least one sees the other. Machines' clocks may differ by as much as a lease lasts longer than a renewal
/// takes.
struct BackupLease: Sendable {
    enum Purpose: String, Sendable, CaseIterable {
        case reading
        case making
        case removing
    }

    let store: any BackupStore
    let clock: any Clock<Duration>

    /// How long a lease counts that is not renewed.
    static let lifetime: Duration = .seconds(600)
    /// The pause between two renewals.
    static let renewal: Duration = .seconds(60)
    /// How long its removal may hold up whoever held it.
    private static let patience: Duration = .seconds(5)

    /// Does something for which the backup must stay, and which may take long.
    ///
    /// - Parameter report: Told when no lease can be written, as where the store can only be read or is full; it is done
    ///   all the same.
    /// - Throws: ``ReplicaKitError/Code/refused`` while it is being removed, ``ReplicaKitError/Code/backupNotFound``; what
    ///   `body` throws.
    func reading<Result: Sendable>(
        _ id: BackupID,
        _ report: @Sendable (BackupEvent) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await holding(Held(id, .reading), of: id, report) {
            _ = try await BackupCatalogue(store: store).manifest(of: id)
            return try await body()
        }
    }

    /// Makes a backup, or goes on with one: what is not complete yet must not be taken for what was left behind.
    ///
    /// - Parameter report: Told when no lease can be written; the backup is made all the same.
    /// - Throws: ``ReplicaKitError/Code/refused`` while it is being removed; what `body` throws.
    func making<Result: Sendable>(
        _ id: BackupID,
        _ report: @Sendable (BackupEvent) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await holding(Held(id, .making), of: id, report, body)
    }

    private func holding<Result: Sendable>(
        _ held: Held,
        of id: BackupID,
        _ report: @Sendable (BackupEvent) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        do {
            try await renew(held)
        } catch let error as ReplicaKitError where Self.isOfPlace(error) {
            report(.note("a prune meanwhile may not see that this backup is in use: \(error.message)"))
        }
        do {
            guard try await !isHeld(id, .removing) else {
                throw ReplicaKitError(.refused, "backup \(id) is being removed", hint: "See `rkctl backup list`.")
            }
            let result = try await renewing(held, body)
            await forget(held)
            return result
        } catch {
            await forget(held)
            throw error
        }
    }

    /// Does something after which the backup may be gone, unless it is being read or made.
    ///
    /// - Returns: `nil` when it is, and nothing was done.
    func removing<Result>(_ id: BackupID, _ body: () async throws -> Result) async throws -> Result? {
        let held = Held(id, .removing)
        do {
            try await renew(held)
        } catch let error as ReplicaKitError where error.code == .diskFull {
            // Removing makes room. A reader that begins now and finds files missing says so.
        }
        do {
            let isRead = try await isHeld(id, .reading)
            let isMade = try await isHeld(id, .making)
            let result = try await isRead || isMade ? nil : body()
            await forget(held)
            return result
        } catch {
            await forget(held)
            throw error
        }
    }

    /// Whether there is a lease that has not ended.
    func isHeld(_ id: BackupID, _ purpose: Purpose) async throws -> Bool {
        let now = BSONDateTime.now.milliseconds
        return try await store.list(Self.prefix(id, purpose)).contains { Self.end(of: $0.name) ?? 0 > now }
    }

    /// Removes leases of a backup that have ended: their holders were killed.
    func sweep(_ id: BackupID) async throws {
        let now = BSONDateTime.now.milliseconds
        for purpose in Purpose.allCases {
            let ended = try await store.list(Self.prefix(id, purpose)).map(\.name)
                .filter { Self.end(of: $0) ?? 0 <= now }
            if !ended.isEmpty { try await store.delete(ended) }
        }
    }

    private func renewing<Result: Sendable>(
        _ held: Held,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !Task.isCancelled {
                    // A pause between two renewals. One that fails is made up for by the next.
                    do { try await clock.sleep(for: Self.renewal) } catch { return nil }
                    try? await renew(held)
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

    /// Writes a lease that counts from now on, and then removes the one before.
    private func renew(_ held: Held) async throws {
        let until = BSONDateTime.now.milliseconds + Int64(Self.lifetime / .milliseconds(1))
        let name = "\(held.prefix)\(until)"
        let before = held.name.withLock { $0 }
        guard name != before else { return }
        try await store.put([], as: name)
        held.name.withLock { $0 = name }
        if let before { try await store.delete([before]) }
    }

    /// In a task of its own: this one may be cancelled. What stays where this fails ends by itself.
    private func forget(_ held: Held) async {
        guard let name = held.name.withLock({ $0 }) else { return }
        let removal = Task { [store] in _ = try? await store.delete([name]) }
        let limit = Task { [clock] in
            try await clock.sleep(for: Self.patience)
            removal.cancel()
        }
        await removal.value
        limit.cancel()
    }

    /// Whether the place is at fault, which says nothing of the backup.
    private static func isOfPlace(_ error: ReplicaKitError) -> Bool { error.isOfStore || error.code == .diskFull }

    private static func prefix(_ id: BackupID, _ purpose: Purpose) -> String { "leases/\(id)-\(purpose.rawValue)-" }

    private static func end(of name: String) -> Int64? { name.split(separator: "-").last.flatMap { Int64($0) } }

    /// A lease that somebody holds here, under its name of now.
    private final class Held: Sendable {
        let prefix: String
        let name = Mutex<String?>(nil)

        init(_ id: BackupID, _ purpose: Purpose) {
            prefix = "\(BackupLease.prefix(id, purpose))\(UUID().uuidString)-"
        }
    }
}
