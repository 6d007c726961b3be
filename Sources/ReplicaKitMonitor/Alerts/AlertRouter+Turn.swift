import Foundation
import Logging
import ReplicaKit

extension AlertRouter {
    /// Nobody tells when a lock is given up: it is tried this often.
    private static let turnPause = Duration.seconds(5)

    /// Waits until no other process of this machine tells the alerts of the set: two would tell everything twice.
    ///
    /// - Returns: The lock, which ends with the process, however that ends; `nil` where none can be had, as on a full
    ///   disk: telling twice is better than telling nobody.
    func turn() async throws -> SetLock? {
        var hasWaited = false
        while true {
            do {
                try FileManager.default.createDirectory(
                    atPath: lockDirectory,
                    withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700]
                )
                let lock = try SetLock(
                    path: lockDirectory + "/alerts.lock",
                    set: set,
                    whichNow: "tells the alerts of"
                )
                if hasWaited { logger.notice("the alerts of \(set) are told by this run from now on") }
                return lock
            } catch {
                guard (error as? ReplicaKitError)?.code == .locked else {
                    logger.error("cannot make sure that nobody else tells the alerts of \(set): \(error)")
                    return nil
                }
                if !hasWaited {
                    let who = (error as? ReplicaKitError)?.message ?? ""
                    logger.warning("\(who): this one tells nobody until that one ends, and then goes on")
                }
                hasWaited = true
            }
            try await clock.sleep(for: Self.turnPause)
        }
    }
}
