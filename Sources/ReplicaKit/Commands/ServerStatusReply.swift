/// The state of a member's process (`serverStatus`, trimmed).
public struct ServerStatusReply: ServerReply, Hashable {
    /// The whole reply.
    public let document: BSONDocument
    /// The server's version.
    public let version: ServerVersion
    /// For how long the process has run, in seconds.
    public let uptimeSeconds: Double
    /// The server's clock when it answered.
    public let localTime: BSONDateTime

    /// Reads the reply.
    /// - Throws: ``ReplyFieldError`` or ``ReplicaKitError`` when one of the fields stored here is missing.
    public init(document: BSONDocument) throws {
        let fields = ReplyFields(document)
        self.document = document
        version = try ServerVersion(fields.string("version"))
        uptimeSeconds = try fields.double("uptime")
        localTime = try fields.dateTime("localTime")
    }

    /// The name of the process, `mongod` or `mongos`.
    public var process: String? { document["process"]?.stringValue }
    /// The number of the process, on the machine or in the container where it runs.
    public var processID: Int? { document["pid"]?.intValue }
    /// A number that has grown each time the member took back writes that the set does not have, or copied all data
    /// anew; only with the section `repl`. The command `replSetGetRBID` gives it to nobody but members.
    public var rollbackID: Int? { document[path: "repl", "rbid"]?.intValue }
    /// The host name and port that the server believes in.
    public var host: String? { document["host"]?.stringValue }

    /// Open connections.
    public var currentConnections: Int? { document[path: "connections", "current"]?.intValue }
    /// How many more connections the server takes; -1 when it is beyond its limit.
    public var availableConnections: Int? { document[path: "connections", "available"]?.intValue }
    /// How many operations there were since the start, by kind: `insert`, `query`, `update`, `delete`, `getmore`,
    /// `command`.
    public var operationCounters: [String: Int64] {
        var counters: [String: Int64] = [:]
        for (name, value) in document["opcounters"]?.documentValue ?? BSONDocument() {
            counters[name] = value.int64Value
        }
        return counters
    }
    /// The memory that the process holds, in MiB; `nil` unless the section `metrics` was asked for.
    public var residentMegabytes: Int? { document[path: "mem", "resident"]?.intValue }
    /// Whether flow control holds writes back because of a lagging majority.
    public var isFlowControlLagged: Bool? { document[path: "flowControl", "isLagged"]?.boolValue }
    /// The least time that oplog entries are kept, in hours; `nil` where there is none.
    public var oplogMinRetentionHours: Double? {
        document[path: "oplogTruncation", "oplogMinRetentionHours"]?.doubleValue
    }
}
