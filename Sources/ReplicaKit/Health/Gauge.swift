/// A figure of a member that rules judge, monitors export and people plot.
///
/// The unit is the end of the name; ratios are from 0 to 1. A figure that needs two looks says so.
public enum Gauge: String, Sendable, Hashable, Codable, CaseIterable {
    // MARK: replication
    /// Seconds behind the primary beyond the configured delay.
    case lagSeconds
    /// On a primary: seconds from its newest write back to the newest that a majority has.
    case majorityLagSeconds
    /// Seconds from the oldest to the newest entry of its own oplog.
    case oplogWindowSeconds
    /// Seconds that the oplog will cover once it is full, by what was written so far; the window itself when it is full.
    case oplogProjectedSeconds
    /// Seconds that a member is inside the oplog of those it can replicate from, before it is too stale.
    case oplogHeadroomSeconds
    /// What the oplog takes, in bytes.
    case oplogBytes
    /// What the oplog may take, in bytes.
    case oplogMaximumBytes

    // MARK: clients
    /// Open connections.
    case connections
    /// Open connections as a share of those that the server takes.
    case connectionsRatio
    /// The time within which 95 of 100 reads are answered, network left out. Two looks.
    case readLatencySeconds
    /// The time within which 95 of 100 writes are answered, network left out. Two looks.
    case writeLatencySeconds
    /// The time within which 95 of 100 commands are answered, network left out. Two looks.
    case commandLatencySeconds
    /// Documents and keys looked at for each document returned. Two looks.
    case scannedPerReturned
    /// Operations that wait for a lock or a ticket.
    case queuedOperations
    /// Read tickets that are left; not on servers from 7.0 on, which adapt their number.
    case readTickets
    /// Write tickets that are left; not on servers from 7.0 on, which adapt their number.
    case writeTickets
    /// Open cursors.
    case cursors
    /// How long the longest operation of a client has run, in seconds.
    case longestOperationSeconds

    // MARK: storage engine
    /// The share of pages that were found in the cache. Two looks.
    case cacheHitRatio
    /// The share of the cache that is in use.
    case cacheRatio
    /// The share of the cache that is not written to disk yet.
    case cacheDirtyRatio

    // MARK: machine
    /// The share of the machine's processors in use. Two looks.
    case cpuRatio
    /// The share of its memory that the process holds.
    case memoryRatio
    /// The share of the file system of its data that is used.
    case diskRatio
    /// What is free on the file system of its data, in bytes.
    case diskAvailableBytes
    /// How long a disk's read or write takes on average, in seconds. Two looks.
    case diskLatencySeconds
    /// How long writing the journal to disk takes on average, in seconds. Two looks.
    case syncLatencySeconds
    /// How far the member's clock is from this machine's, in seconds, as far as the network allows to tell.
    case clockSkewSeconds
    /// How long it took to answer `hello`, in seconds.
    case pingSeconds
    /// For how long the process has run, in seconds.
    case uptimeSeconds
    /// How often its process was started anew within the last hour, as far as looks saw it. Two looks.
    case restarts
    /// Seconds until the server's certificate expires.
    case certificateSeconds

    /// What it is, in one line.
    public var summary: String {
        switch self {
        case .lagSeconds: "Seconds behind the primary beyond the configured delay."
        case .majorityLagSeconds: "Seconds from the primary's newest write back to the newest that a majority has."
        case .oplogWindowSeconds: "Seconds from the oldest to the newest oplog entry."
        case .oplogProjectedSeconds: "Seconds that the oplog covers once it is full."
        case .oplogHeadroomSeconds: "Seconds left before the member is too stale to catch up."
        case .oplogBytes: "Size of the oplog in bytes."
        case .oplogMaximumBytes: "Configured size of the oplog in bytes."
        case .connections: "Open connections."
        case .connectionsRatio: "Open connections as a share of those that the server takes."
        case .readLatencySeconds: "95th percentile of the time that reads take on the server."
        case .writeLatencySeconds: "95th percentile of the time that writes take on the server."
        case .commandLatencySeconds: "95th percentile of the time that commands take on the server."
        case .scannedPerReturned: "Documents and keys looked at for each document returned."
        case .queuedOperations: "Operations that wait for a lock or a ticket."
        case .readTickets: "Read tickets that are left."
        case .writeTickets: "Write tickets that are left."
        case .cursors: "Open cursors."
        case .longestOperationSeconds: "Seconds that the longest operation of a client has run."
        case .cacheHitRatio: "Share of requested pages that were in the cache."
        case .cacheRatio: "Share of the cache that is in use."
        case .cacheDirtyRatio: "Share of the cache that is not written to disk yet."
        case .cpuRatio: "Share of the machine's processors in use."
        case .memoryRatio: "Share of its memory that the process holds."
        case .diskRatio: "Share of the data's file system that is used."
        case .diskAvailableBytes: "Bytes that are free on the data's file system."
        case .diskLatencySeconds: "Mean time of a disk's read or write."
        case .syncLatencySeconds: "Mean time of writing the journal to disk."
        case .clockSkewSeconds: "Seconds between the member's clock and that of the machine that asks."
        case .pingSeconds: "Seconds that the member took to answer hello."
        case .uptimeSeconds: "Seconds that the process has run."
        case .restarts: "Restarts of the process within the last hour, as far as looks saw them."
        case .certificateSeconds: "Seconds until the server's certificate expires."
        }
    }
}
