/// A limit that a figure is judged by: its name in the spec, its unit there, and its default.
///
/// The defaults are those of common practice for production sets; the runbook's own where it has one.
public enum HealthThreshold: String, Sendable, Hashable, CaseIterable {
    /// Seconds behind the primary.
    case lagSeconds
    /// Seconds that the majority is behind the primary.
    case majorityLagSeconds
    /// Hours that the oplog covers; less is worse.
    case oplogWindowHours
    /// Connections, as a share of those that the server takes.
    case connectionsPercent
    /// The 95th percentile of reads.
    case readLatencyMilliseconds
    /// The 95th percentile of writes.
    case writeLatencyMilliseconds
    /// The 95th percentile of commands.
    case commandLatencyMilliseconds
    /// Documents and keys looked at for each document returned.
    case scannedPerReturned
    /// Operations that wait for a lock.
    case queuedOperations
    /// Tickets that are left; less is worse.
    case ticketsLeft
    /// Open cursors.
    case cursors
    /// Minutes that a client's operation has run.
    case operationMinutes
    /// Pages found in the cache; less is worse.
    case cacheHitPercent
    /// The share of the cache that is not on disk yet.
    case cacheDirtyPercent
    /// Processors in use.
    case cpuPercent
    /// Memory in use.
    case memoryPercent
    /// Disk space in use.
    case diskPercent
    /// The mean time of a disk's read or write.
    case diskLatencyMilliseconds
    /// The mean time of a write of the journal.
    case syncLatencyMilliseconds
    /// Seconds between clocks.
    case clockSkewSeconds
    /// Restarts of a process within an hour.
    case restartsPerHour
    /// Days until a certificate expires; less is worse.
    case certificateDays
    /// Hours since the moment that the newest good backup is consistent at.
    case backupAgeHours
    /// Days since a backup was restored and compared.
    case backupProofDays
    /// Seconds that the archive of the oplog is behind, beyond the interval at which it is written.
    case archiveLagSeconds

    /// The figures of members that it judges; none where it judges backups.
    public var gauges: [Gauge] {
        switch self {
        case .lagSeconds: [.lagSeconds]
        case .majorityLagSeconds: [.majorityLagSeconds]
        case .oplogWindowHours: [.oplogProjectedSeconds]
        case .connectionsPercent: [.connectionsRatio]
        case .readLatencyMilliseconds: [.readLatencySeconds]
        case .writeLatencyMilliseconds: [.writeLatencySeconds]
        case .commandLatencyMilliseconds: [.commandLatencySeconds]
        case .scannedPerReturned: [.scannedPerReturned]
        case .queuedOperations: [.queuedOperations]
        case .ticketsLeft: [.readTickets, .writeTickets]
        case .cursors: [.cursors]
        case .operationMinutes: [.longestOperationSeconds]
        case .cacheHitPercent: [.cacheHitRatio]
        case .cacheDirtyPercent: [.cacheDirtyRatio]
        case .cpuPercent: [.cpuRatio]
        case .memoryPercent: [.memoryRatio]
        case .diskPercent: [.diskRatio]
        case .diskLatencyMilliseconds: [.diskLatencySeconds]
        case .syncLatencyMilliseconds: [.syncLatencySeconds]
        case .clockSkewSeconds: [.clockSkewSeconds]
        case .restartsPerHour: [.restarts]
        case .certificateDays: [.certificateSeconds]
        case .backupAgeHours, .backupProofDays, .archiveLagSeconds: []
        }
    }

    /// What one unit of the spec is in the unit of the gauge: 3600 for hours, 0.01 for percent.
    public var scale: Double {
        if rawValue.hasSuffix("Percent") { return 0.01 }
        if rawValue.hasSuffix("Milliseconds") { return 0.001 }
        if rawValue.hasSuffix("Minutes") { return 60 }
        if rawValue.hasSuffix("Hours") { return 3600 }
        if rawValue.hasSuffix("Days") { return 86_400 }
        return 1
    }

    /// The unit that the spec has it in, for people.
    public var unit: String {
        let units = [
            "Percent": " %", "Milliseconds": " ms", "Minutes": " min", "Hours": " h", "Days": " days", "Seconds": " s",
        ]
        return units.first { rawValue.hasSuffix($0.key) }?.value ?? ""
    }

    /// Whether less is worse.
    public var isFloor: Bool {
        switch self {
        case .oplogWindowHours, .ticketsLeft, .cacheHitPercent, .certificateDays: true
        default: false
        }
    }

    /// The limits where the spec has none, in the unit of the spec.
    public var standard: HealthLimits {
        switch self {
        case .lagSeconds, .majorityLagSeconds: HealthLimits(warning: 10, critical: 60)
        case .oplogWindowHours: HealthLimits(warning: 24, critical: 1)
        case .connectionsPercent: HealthLimits(warning: 80, critical: 95)
        case .readLatencyMilliseconds, .writeLatencyMilliseconds, .commandLatencyMilliseconds:
            HealthLimits(warning: 100, critical: 500)
        case .scannedPerReturned: HealthLimits(warning: 1000, critical: 8000)
        case .queuedOperations: HealthLimits(warning: 10, critical: 100)
        case .ticketsLeft: HealthLimits(warning: 50, critical: 10)
        case .cursors: HealthLimits(warning: 10_000, critical: nil)
        case .operationMinutes: HealthLimits(warning: 10, critical: 120)
        case .cacheHitPercent: HealthLimits(warning: 95, critical: 90)
        case .cacheDirtyPercent: HealthLimits(warning: 10, critical: 20)
        case .cpuPercent: HealthLimits(warning: 70, critical: 90)
        case .memoryPercent, .diskPercent: HealthLimits(warning: 80, critical: 90)
        case .diskLatencyMilliseconds, .syncLatencyMilliseconds: HealthLimits(warning: 10, critical: 50)
        case .clockSkewSeconds: HealthLimits(warning: 1, critical: 10)
        // A planned rolling restart is one, with a change of mind two.
        case .restartsPerHour: HealthLimits(warning: 3, critical: 6)
        case .certificateDays: HealthLimits(warning: 30, critical: 7)
        case .backupAgeHours: HealthLimits(warning: 26, critical: 50)
        case .backupProofDays: HealthLimits(warning: 8, critical: nil)
        case .archiveLagSeconds: HealthLimits(warning: 60, critical: 300)
        }
    }

    /// The rule that judges by it.
    public var rule: HealthRuleID {
        switch self {
        case .lagSeconds: "replication.lag"
        case .majorityLagSeconds: "replication.majority-lag"
        case .oplogWindowHours: "oplog.window"
        case .connectionsPercent: "server.connections"
        case .readLatencyMilliseconds: "latency.reads"
        case .writeLatencyMilliseconds: "latency.writes"
        case .commandLatencyMilliseconds: "latency.commands"
        case .scannedPerReturned: "queries.targeting"
        case .queuedOperations: "server.queue"
        case .ticketsLeft: "server.tickets"
        case .cursors: "server.cursors"
        case .operationMinutes: "server.long-operation"
        case .cacheHitPercent: "cache.hits"
        case .cacheDirtyPercent: "cache.dirty"
        case .cpuPercent: "machine.cpu"
        case .memoryPercent: "machine.memory"
        case .diskPercent: "machine.disk"
        case .diskLatencyMilliseconds: "machine.disk-latency"
        case .syncLatencyMilliseconds: "machine.sync-latency"
        case .clockSkewSeconds: "machine.clock"
        case .restartsPerHour: "server.restarts"
        case .certificateDays: "server.certificate"
        case .backupAgeHours: "backup.age"
        case .backupProofDays: "backup.proof"
        case .archiveLagSeconds: "backup.archive"
        }
    }

    /// How urgent it is: P1 where a critical value means that the member is about to fail, else P2.
    public func priority(_ severity: Severity) -> AlertPriority {
        // Backups that are not tried are as a rule good.
        guard severity == .critical else { return self == .backupProofDays ? .p3 : .p2 }
        switch self {
        case .cacheHitPercent, .scannedPerReturned, .cpuPercent, .cursors, .operationMinutes, .backupProofDays:
            return .p2
        default: return .p1
        }
    }
}

/// From where on a figure is a warning, and critical.
public struct HealthLimits: Sendable, Hashable, Codable {
    /// From here on it is a warning; `nil` for never.
    public var warning: Double?
    /// From here on it is critical; `nil` for never.
    public var critical: Double?

    /// Creates limits.
    public init(warning: Double?, critical: Double?) {
        self.warning = warning
        self.critical = critical
    }

    enum CodingKeys: String, CodingKey, CaseIterable {
        case warning, critical
    }

    /// Decodes limits, strictly.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.strictContainer(CodingKeys.self)
        warning = try values.decodeIfPresent(Double.self, forKey: .warning)
        critical = try values.decodeIfPresent(Double.self, forKey: .critical)
    }
}
