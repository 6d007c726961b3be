/// How the probes of a primary went: how many in a row failed, by kind of connection.
actor Pulse<C: Clock<Duration>> {
    enum Kind { case old, fresh }

    private let clock: C
    private var failed: [Kind: Int] = [:]
    /// When the first of those was known to have failed. It may have begun before the primary fell silent.
    private var since: [Kind: C.Instant] = [:]

    init(clock: C) { self.clock = clock }

    func note(_ kind: Kind, isAlive: Bool) {
        failed[kind] = isAlive ? 0 : failed[kind, default: 0] + 1
        since[kind] = isAlive ? nil : since[kind] ?? clock.now
    }

    /// How many failed in a row on fresh connections.
    var freshFailures: Int { failed[.fresh, default: 0] }

    /// How many failed in a row on both kinds.
    var failures: Int { min(failed[.old, default: 0], failed[.fresh, default: 0]) }

    /// For how long they have failed on both kinds.
    var silence: Duration {
        guard let old = since[.old], let fresh = since[.fresh] else { return .zero }
        return max(old, fresh).duration(to: clock.now)
    }
}
