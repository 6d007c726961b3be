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
}

extension BSONDateTime {
    /// Now, by the clock of this machine: for people and names, not for measuring.
    static var now: BSONDateTime {
        BSONDateTime(Date())
    }
}
