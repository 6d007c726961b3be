/// `serverStatus`, trimmed: uptime, version, clock, connections, operation counters, flow control and oplog retention
/// of a member's process, in 1.5 kB and half a millisecond instead of 62 kB and 2.
///
/// It needs the privilege that `clusterMonitor` has. `mem` comes with the section `metrics` alone (26 kB), on all
/// versions from 4.4 to 6.0: ask for that where it is needed.
public struct ServerStatus: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "serverStatus"

    /// The sections that are asked for besides.
    public var sections: Set<String>

    /// Whether the section `opLatencies` comes with the histograms that percentiles are computed from (1 kB more).
    public var hasLatencyHistograms: Bool

    /// Creates the command.
    /// - Parameters:
    ///   - sections: What to ask for besides, such as `metrics`, `wiredTiger` or `repl`.
    ///   - hasLatencyHistograms: Whether `opLatencies` comes too, with its histograms.
    public init(including sections: Set<String> = [], hasLatencyHistograms: Bool = false) {
        self.sections = sections
        self.hasLatencyHistograms = hasLatencyHistograms
    }

    /// What health is judged by: 45 kB in about a millisecond.
    static let forHealth = Self(
        including: [
            "activeIndexBuilds", "asserts", "extra_info", "globalLock", "indexBuilds", "metrics", "network",
            "queues", "repl", "security", "transactions", "wiredTiger",
        ],
        hasLatencyHistograms: true
    )

    /// Sections of all versions that are large or slow; naming one that a server does not have is harmless.
    private static let large = [
        "activeIndexBuilds", "asserts", "batchedDeletes", "bucketCatalog", "catalogStats",
        "changeStreamPreImages", "collectionCatalog", "defaultRWConcern", "electionMetrics", "extra_info",
        "featureCompatibilityVersion", "freeMonitoring", "globalLock", "health", "hedgingMetrics", "indexBuilds",
        "indexBulkBuilder", "indexStats", "internalTransactions", "locks", "logicalSessionRecordCache", "metrics",
        "mirroredReads", "network", "opLatencies", "opReadConcernCounters", "opWorkingTime", "opcountersRepl",
        "oplogApplication", "planCache", "profiler", "queryAnalyzers", "queryStats", "queues", "readConcernCounters",
        "readPreferenceCounters", "repl", "scramCache", "security", "shardSplits", "shardedIndexConsistency",
        "sharding", "shardingStatistics", "spillWiredTiger", "storageEngine", "tcmalloc", "tenantMigrations",
        "trafficRecording", "transactions", "transportSecurity", "twoPhaseCommitCoordinator", "watchdog",
        "wiredTiger",
    ]

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        var writer = BSONWriter()
        writer.append(1, forKey: Self.name)
        for section in Self.large where !sections.contains(section) {
            if section == "opLatencies", hasLatencyHistograms {
                writer.append(BSONDocument([("histograms", true)]), forKey: section)
            } else {
                writer.append(0, forKey: section)
            }
        }
        for section in sections.sorted() {
            writer.append(1, forKey: section)
        }
        return writer.finish()
    }

    /// The process's state.
    public typealias Reply = ServerStatusReply
}
