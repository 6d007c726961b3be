import Crypto
internal import Foundation
import ReplicaKit

/// Keeps two machines from archiving the oplog of one set into one place: their slices would be no chain.
///
/// On one machine a lock does that, and dies with its process. Who held this lease and was killed takes it up again at
/// once, for it has the same holder; others wait until it ends.
struct ArchiveLease: Sendable {
    let store: any BackupStore
    let clock: any Clock<Duration>
    /// Who archives: the same after a restart.
    let holder: String

    /// How long a lease counts that is not renewed. Another machine that is to go on waits no longer.
    static let lifetime: Duration = .seconds(120)
    private static let renewal: Duration = .seconds(30)
    private static let prefix = "leases/oplog-archive-"

    /// - Parameter directory: Where the holder keeps its lock.
    init(store: any BackupStore, clock: any Clock<Duration>, directory: String) {
        self.store = store
        self.clock = clock
        let machine = (try? String(contentsOfFile: "/etc/machine-id", encoding: .utf8)) ?? ""
        let place = "\(ProcessInfo.processInfo.hostName) \(machine) \(directory)"
        holder = String(Hexadecimal.text(of: SHA256.hash(data: Array(place.utf8))).prefix(16))
    }

    /// Archives, unless somebody else does.
    ///
    /// - Throws: ``ReplicaKitError/Code/locked`` when somebody does; what the store and `body` throw.
    func holding<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        let lease = StoreLease("\(Self.prefix)\(holder)-", in: store, lifetime: Self.lifetime, clock: clock)
        // First its own, then the look for others: of two that begin at the same time at least one sees the other.
        try await lease.renew()
        do {
            try await requireNobodyElse(than: lease)
            let result = try await lease.renewing(every: Self.renewal, body)
            await lease.forget()
            return result
        } catch {
            await lease.forget()
            throw error
        }
    }

    private func requireNobodyElse(than own: StoreLease) async throws {
        let now = BSONDateTime.now.milliseconds
        let others = try await store.list(Self.prefix).map(\.name).filter { !own.isCalled($0) }
        let ended = others.filter { $0.hasPrefix("\(Self.prefix)\(holder)-") || StoreLease.end(of: $0) ?? 0 <= now }
        if !ended.isEmpty { try await store.delete(ended) }
        guard let other = others.first(where: { !ended.contains($0) }), let end = StoreLease.end(of: other) else {
            return
        }
        throw ReplicaKitError(
            .locked,
            "another machine, or another directory of this one, archives the oplog into \(store.location), or did until "
                + "a moment ago",
            hint: "Let only one do it. If that one is gone, its word ends by itself in \((end - now) / 1000 + 1) s."
        )
    }
}
