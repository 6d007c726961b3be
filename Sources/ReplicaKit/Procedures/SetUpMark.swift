/// The heartbeat interval of a set whose set-up is not finished.
///
/// Quick heartbeats make initial syncs and reconfigs of a new set quick; since no one else uses this interval, it also
/// says in the set itself, where no crash can lose it, that the set-up has still to be completed.
enum SetUpMark {
    /// The interval in milliseconds.
    static func heartbeatIntervalMillis(for spec: ReplicaSetSpec) -> Int {
        spec.settings.heartbeatIntervalMillis == 100 ? 101 : 100
    }

    /// Whether the set-up of this spec is marked at all: with one data-bearing member and no arbiter it is a single step.
    static func isUsed(for spec: ReplicaSetSpec) -> Bool { spec.members.count > 1 }

    static func isSet(in config: ReplicaSetConfig, spec: ReplicaSetSpec) -> Bool {
        config.settings.heartbeatIntervalMillis == heartbeatIntervalMillis(for: spec)
    }

    /// The edit that ends the set-up. The server's default is written out, as the server itself would do.
    static func removal(for spec: ReplicaSetSpec) -> ConfigEdit {
        .setSetting("heartbeatIntervalMillis", to: .integer(spec.settings.heartbeatIntervalMillis ?? 2000))
    }
}
