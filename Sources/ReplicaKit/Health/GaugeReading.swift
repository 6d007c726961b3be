/// The figures of one member: from its answers now, and for rates from its answers before.
struct GaugeReading {
    private(set) var values: [Gauge: Double] = [:]
    /// Why figures that the member should have are missing.
    private(set) var missing: [Gauge: String] = [:]

    init(_ member: MemberSnapshot, previous: MemberView?, restarts: Int?, in judged: JudgedSnapshot) {
        // Also of a member that does not answer: it may be down again.
        values[.restarts] = restarts.map(Double.init)
        guard let view = member.view else { return }
        values[.pingSeconds] = view.roundTrip.seconds
        values[.uptimeSeconds] = view.uptimeSeconds
        if let skew = view.clockSkewSeconds {
            // The network may account for half of the way there and back.
            values[.clockSkewSeconds] = max(0, abs(skew) - view.roundTrip.seconds / 2)
        }
        guard !view.hello.isArbiter, view.membership == .active else { return }
        values[.lagSeconds] = judged.lag(of: member)?.seconds
        readReplication(view, isPrimary: judged.primary?.address == member.address)
        readHeadroom(view, in: judged)
        if let status = try? view.serverStatus.get() { read(status, view) }
        if let figures = view.figures { read(figures) }
        readRates(view, previous)
    }

    private mutating func readReplication(_ view: MemberView, isPrimary: Bool) {
        if isPrimary, let status = try? view.status.get(), let applied = status.applied,
            let committed = status.lastCommitted
        {
            if committed >= applied {
                values[.majorityLagSeconds] = 0
            } else if let wall = view.figures?.firstUncommitted?.wall {
                values[.majorityLagSeconds] = max(0, status.date.seconds(since: wall))
            }
        }
        guard case .success(let first?) = view.oplogFirst, case .success(let last?) = view.oplogLast else { return }
        let window = Double(max(0, Int(last.timestamp.seconds) - Int(first.timestamp.seconds)))
        values[.oplogWindowSeconds] = window
        guard let stats = try? view.figures?.oplog.get(), let size = stats.size, let limit = stats.maximumSize,
            limit > 0
        else { return }
        values[.oplogBytes] = size
        values[.oplogMaximumBytes] = limit
        if size >= 0.95 * limit {
            values[.oplogProjectedSeconds] = window
        } else if window >= Self.tellingWindowSeconds, size > 0 {
            values[.oplogProjectedSeconds] = window * limit / size
        } else {
            missing[.oplogProjectedSeconds] = "the oplog is young: it is not full, and covers less than an hour"
        }
    }

    /// How much of its oplog a young set must have written before the rest can be foretold.
    private static let tellingWindowSeconds = 3600.0

    /// How far a member's last write is inside the longest oplog among the others.
    private mutating func readHeadroom(_ view: MemberView, in judged: JudgedSnapshot) {
        guard !view.hello.isWritablePrimary, let applied = view.applied else { return }
        let firsts = judged.snapshot.members.compactMap { other -> UInt32? in
            guard let source = other.view, source.hello.me != view.hello.me,
                case .success(let first?) = source.oplogFirst
            else { return nil }
            return first.timestamp.seconds
        }
        guard let oldest = firsts.min() else { return }
        values[.oplogHeadroomSeconds] = Double(Int(applied.timestamp.seconds) - Int(oldest))
    }

    private mutating func read(_ status: ServerStatusReply, _ view: MemberView) {
        let document = status.document
        if let current = status.currentConnections, let available = status.availableConnections {
            values[.connections] = Double(current)
            let limit = current + available
            values[.connectionsRatio] = limit > 0 ? min(1, Double(current) / Double(limit)) : nil
        }
        values[.cursors] = document[path: "metrics", "cursor", "open", "total"]?.doubleValue
        values[.queuedOperations] = document[path: "globalLock", "currentQueue", "total"]?.doubleValue
        if !status.version.isAtLeast(7, 0) {
            values[.readTickets] =
                document[path: "wiredTiger", "concurrentTransactions", "read", "available"]?.doubleValue
            values[.writeTickets] =
                document[path: "wiredTiger", "concurrentTransactions", "write", "available"]?.doubleValue
        }
        if let cache = document[path: "wiredTiger", "cache"]?.documentValue,
            let limit = cache["maximum bytes configured"]?.doubleValue, limit > 0
        {
            values[.cacheRatio] = cache["bytes currently in the cache"]?.doubleValue.map { $0 / limit }
            values[.cacheDirtyRatio] = cache["tracked dirty bytes in the cache"]?.doubleValue.map { $0 / limit }
        }
        if let expiry = document[path: "security", "SSLServerCertificateExpirationDate"]?.dateTimeValue {
            values[.certificateSeconds] = expiry.seconds(since: status.localTime)
        }
        if let resident = status.residentMegabytes, let limit = (try? view.figures?.host.get())?.memoryLimit, limit > 0
        {
            values[.memoryRatio] = Double(resident) * 1_048_576 / limit
        }
    }

    private mutating func read(_ figures: MemberFigures) {
        if let space = figures.dataSpace {
            values[.diskRatio] = space.usedRatio
            values[.diskAvailableBytes] = space.available
        }
        values[.longestOperationSeconds] = (try? figures.clients.get())?.programs.map(\.longestSeconds).max()
    }

    private mutating func readRates(_ view: MemberView, _ previous: MemberView?) {
        for (gauge, rate) in CounterRates(view, since: previous).rates() {
            switch rate {
            case .success(let value): values[gauge] = value
            case .failure(let reason): missing[gauge] = reason.text
            }
        }
    }
}
