extension ReplSetStatusReply {
    /// One member as another member (or itself) sees it: `members[]` of `replSetGetStatus`.
    public struct Member: Sendable, Hashable {
        /// The entry, whole.
        public let document: BSONDocument
        /// The member's number in the config.
        public let id: MemberID
        /// The member's address in the config.
        public let address: MemberAddress
        /// Whether its heartbeats arrive.
        public let isHealthy: Bool
        /// Its state as this view has it.
        public let state: MemberState

        init(_ fields: ReplyFields) throws(ReplyFieldError) {
            document = fields.document
            id = MemberID(rawValue: try fields.int("_id"))
            address = MemberAddress(fromServer: try fields.string("name"))
            isHealthy = try fields.double("health") > 0
            state = MemberState(rawValue: try fields.int("state"))
        }

        /// Whether this is the member that answered.
        public var isSelf: Bool { document["self"]?.isTruthy ?? false }
        /// For how many seconds its process has run (of itself), or has been seen alive (of others).
        public var uptimeSeconds: Int? { document["uptime"]?.intValue }
        /// Its last applied write, as old as the last heartbeat; `nil` for an arbiter and for a member that was never
        /// seen.
        public var applied: OpTime? { document.opTimeSet("optime") }
        /// When its last applied write was made; `nil` before 6.0.
        public var appliedWall: BSONDateTime? { document.dateSet("lastAppliedWallTime") }
        /// When it last answered a heartbeat.
        public var lastHeartbeat: BSONDateTime? { document.dateSet("lastHeartbeat") }
        /// When it last sent a heartbeat.
        public var lastHeartbeatReceived: BSONDateTime? { document.dateSet("lastHeartbeatRecv") }
        /// Why its heartbeats fail; empty where they do not, and sometimes where they do.
        public var heartbeatMessage: String { document["lastHeartbeatMessage"]?.stringValue ?? "" }
        /// What it says about itself beyond its state, such as why it cannot sync.
        public var infoMessage: String { document["infoMessage"]?.stringValue ?? "" }
        /// How long a heartbeat to it takes, in milliseconds.
        public var pingMilliseconds: Int? { document["pingMs"]?.intValue }
        /// The member that it replicates from.
        public var syncSource: MemberAddress? { document.address("syncSourceHost") }
        /// The version of the config that it has.
        public var configVersion: Int? { document["configVersion"]?.intValue }
        /// The term of the config that it has.
        public var configTerm: Int64? { document["configTerm"]?.int64Value }
    }
}
