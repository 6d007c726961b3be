internal import Foundation
import ReplicaKit

/// Keeps a backup from being removed while it is read, by whatever program on whatever machine.
///
/// It is an object of the store with the time until which it counts. Whoever reads renews it; of one that was killed
/// it ends by itself. Reader and remover each write their own first and look for the other's then, so that of the two
/// at least one sees the other. Machines' clocks may differ by as much as a lease lasts longer than a renewal takes.
struct BackupLease: Sendable {
    enum Purpose: String, Sendable {
        case reading
        case removing
    }

    let store: any BackupStore
    let clock: any Clock<Duration>

    /// How long a lease counts that is not renewed.
    static let lifetime: Duration = .seconds(600)
    /// The pause between two renewals.
    static let renewal: Duration = .seconds(60)

    /// Does something for which the backup must stay, and which may take long.
    ///
    /// - Parameter report: Told when no lease can be written, as where the store can only be read; it is done all the same.
    /// - Throws: ``ReplicaKitError/Code/refused`` while it is being removed, ``ReplicaKitError/Code/backupNotFound``; what
    ///   `body` throws.
    func reading<Result: Sendable>(
        _ id: BackupID,
        _ report: @Sendable (BackupEvent) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let name = Self.name(id, .reading)
        do {
            try await write(name)
        } catch let error as ReplicaKitError where error.isOfStore {
            report(.note("a prune meanwhile would not see that this backup is read: \(error.message)"))
            return try await body()
        }
        do {
            guard try await !isHeld(id, .removing) else {
                throw ReplicaKitError(.refused, "backup \(id) is being removed", hint: "See `rkctl backup list`.")
            }
            _ = try await BackupCatalogue(store: store).manifest(of: id)
            let result = try await renewing(name, body)
            await forget(name)
            return result
        } catch {
            await forget(name)
            throw error
        }
    }

    /// Does something after which the backup may be gone, unless it is being read.
    ///
    /// - Returns: `nil` when it is, and nothing was done.
    func removing<Result>(_ id: BackupID, _ body: () async throws -> Result) async throws -> Result? {
        let name = Self.name(id, .removing)
        try await write(name)
        do {
            let result = try await isHeld(id, .reading) ? nil : body()
            await forget(name)
            return result
        } catch {
            await forget(name)
            throw error
        }
    }

    /// Whether there is a lease that has not ended. Those that have ended are removed.
    func isHeld(_ id: BackupID, _ purpose: Purpose) async throws -> Bool {
        for object in try await store.list("leases/\(id)/\(purpose.rawValue)-") {
            do {
                let text = String(decoding: try await store.content(of: object.name, limit: 1 << 16), as: UTF8.self)
                if let until = Int64(text.trimmingCharacters(in: .whitespacesAndNewlines)),
                    until > BSONDateTime.now.milliseconds
                {
                    return true
                }
                try await store.delete([object.name])
            } catch let error as ReplicaKitError where error.code == .backupObjectMissing {
                // Its holder is done.
            }
        }
        return false
    }

    private func renewing<Result: Sendable>(
        _ name: String,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result?.self) { group in
            group.addTask { try await body() }
            group.addTask {
                while !Task.isCancelled {
                    // A pause between two renewals. One that fails is made up for by the next.
                    do { try await clock.sleep(for: Self.renewal) } catch { return nil }
                    try? await write(name)
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

    private func write(_ name: String) async throws {
        let until = BSONDateTime.now.milliseconds + Int64(Self.lifetime / .milliseconds(1))
        try await store.put(Array("\(until)\n".utf8), as: name)
    }

    /// In a task of its own: this one may be cancelled. What stays where this fails ends by itself.
    private func forget(_ name: String) async {
        await Task { [store] in try? await store.delete([name]) }.value
    }

    private static func name(_ id: BackupID, _ purpose: Purpose) -> String {
        "leases/\(id)/\(purpose.rawValue)-\(UUID().uuidString)"
    }
}
