import Foundation
import ReplicaKit

extension ReplicaSet {
    /// How backups reach the members. The deadline is that of one answer, which can be a large batch.
    var backupAccess: MemberAccess {
        MemberAccess(spec: spec, driver: toolbox.driver, secrets: secrets, timeout: max(limits.call, .seconds(60)))
    }
}

extension MemberAccess {
    /// The internal user of the keyfile, which may read and write everything, where its file can be read; else the
    /// administrator.
    var bestIdentity: Identity {
        (try? authentication(.setItself)) == nil ? .administrator : .setItself
    }

    /// Lends several connections to a member at once.
    func withConnections(
        _ count: Int,
        _ open: [any MemberConnection] = [],
        to member: MemberAddress,
        _ body: ([any MemberConnection]) async throws -> Void
    ) async throws {
        guard open.count < max(1, count) else { return try await body(open) }
        try await with(member, as: bestIdentity) { connection in
            try await withConnections(count, open + [connection], to: member, body)
        }
    }
}

extension BSONDateTime {
    /// Now, by the clock of this machine: for people and names, not for measuring.
    static var now: BSONDateTime {
        BSONDateTime(Date())
    }
}
