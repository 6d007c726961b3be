import ReplicaKit

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
        try await holding(lease(of: id, .reading), of: id, report) {
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
        try await holding(lease(of: id, .making), of: id, report, body)
    }

    private func holding<Result: Sendable>(
        _ lease: StoreLease,
        of id: BackupID,
        _ report: @Sendable (BackupEvent) -> Void,
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        do {
            try await lease.renew()
        } catch let error as ReplicaKitError where Self.isOfPlace(error) {
            report(.note("a prune meanwhile may not see that this backup is in use: \(error.message)"))
        }
        do {
            guard try await !isHeld(id, .removing) else {
                throw ReplicaKitError(.refused, "backup \(id) is being removed", hint: "See `rkctl backup list`.")
            }
            let result = try await lease.renewing(every: Self.renewal, body)
            await lease.forget()
            return result
        } catch {
            await lease.forget()
            throw error
        }
    }

    /// Does something after which the backup may be gone, unless it is being read or made.
    ///
    /// - Returns: `nil` when it is, and nothing was done.
    func removing<Result>(_ id: BackupID, _ body: () async throws -> Result) async throws -> Result? {
        let lease = lease(of: id, .removing)
        do {
            try await lease.renew()
        } catch let error as ReplicaKitError where error.code == .diskFull {
            // Removing makes room. A reader that begins now and finds files missing says so.
        }
        do {
            let isRead = try await isHeld(id, .reading)
            let isMade = try await isHeld(id, .making)
            let result = try await isRead || isMade ? nil : body()
            await lease.forget()
            return result
        } catch {
            await lease.forget()
            throw error
        }
    }

    /// Whether there is a lease that has not ended.
    func isHeld(_ id: BackupID, _ purpose: Purpose) async throws -> Bool {
        let now = BSONDateTime.now.milliseconds
        return try await store.list(Self.prefix(id, purpose)).contains { StoreLease.end(of: $0.name) ?? 0 > now }
    }

    /// Removes leases of a backup that have ended: their holders were killed.
    func sweep(_ id: BackupID) async throws {
        let now = BSONDateTime.now.milliseconds
        for purpose in Purpose.allCases {
            let ended = try await store.list(Self.prefix(id, purpose)).map(\.name)
                .filter { StoreLease.end(of: $0) ?? 0 <= now }
            if !ended.isEmpty { try await store.delete(ended) }
        }
    }

    /// Whether the place is at fault, which says nothing of the backup.
    private static func isOfPlace(_ error: ReplicaKitError) -> Bool { error.isOfStore || error.code == .diskFull }

    private static func prefix(_ id: BackupID, _ purpose: Purpose) -> String { "leases/\(id)-\(purpose.rawValue)-" }

    /// A lease for one purpose, that nobody holds yet.
    private func lease(of id: BackupID, _ purpose: Purpose) -> StoreLease {
        StoreLease(Self.prefix(id, purpose), in: store, lifetime: Self.lifetime, clock: clock)
    }
}
