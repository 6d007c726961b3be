/// A host that can run a stopped member's server as a standalone, so that its data can be read apart from its set.
///
/// What only a set's own members can tell while they run, such as where their histories end, can then be read of members
/// that must not run together yet.
public protocol StandaloneRunning: MemberHost {
    /// Runs a stopped member's server on the member's own data, in no set and at an address of its own, lends it to
    /// `body`, and ends it cleanly, whatever `body` does and even when the task is cancelled.
    ///
    /// Authentication stays on, with the member's own keyfile and no localhost exception; the server removes nothing by
    /// itself (no TTL deletes). All that it leaves is an entry of `local.startup_log`, whose `cmdLine.config` ends in
    /// ``StandaloneConfig/fileName``. Should the program that runs it die, the next start of the member ends it first.
    ///
    /// - Parameters:
    ///   - member: The member. It must not run.
    ///   - body: What to do with the server at this address, which listens when this is called.
    /// - Returns: What `body` gave; `nil`, and nothing was run, when the member has no data yet.
    /// - Throws: As ``MemberHost/start(_:)``; ``ReplicaKitError/Code/directoryInUse`` when the member runs; what `body`
    ///   throws.
    func withStandalone<Result: Sendable>(
        of member: MemberName,
        _ body: (MemberAddress) async throws -> Result
    ) async throws -> Result?
}

/// The mark that a standalone run of a host leaves in a member's data.
public enum StandaloneConfig {
    /// The name of the config file that such a server runs with.
    public static let fileName = "replicakit-standalone.conf"

    /// What keeps a standalone from changing data by itself, and anybody without the keyfile or a user from logging in.
    package static let parameters = [
        "enableLocalhostAuthBypass": "false", "ttlMonitorEnabled": "false",
        "disableLogicalSessionCacheRefresh": "true", "diagnosticDataCollectionEnabled": "false",
    ]
}
