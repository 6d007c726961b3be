/// `find` for one entry of a member's oplog: the oldest, the newest, the first after a timestamp, or the last up to one.
/// Each costs about a quarter of a millisecond, since the oplog is ordered by timestamp.
public struct FindOplogEntry: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "find"

    /// Which entry.
    public enum Position: Sendable, Hashable {
        /// The oldest that is left.
        case first
        /// The newest.
        case last
        /// The first one after this timestamp.
        case after(BSONTimestamp)
        /// The last one up to this timestamp, itself included. It is looked for from the newest on.
        case upTo(BSONTimestamp)
    }

    /// Which entry.
    public var position: Position

    /// Creates the command.
    public init(_ position: Position) {
        self.position = position
    }

    /// `local`, which holds each member's own oplog.
    public var database: String { "local" }

    /// The command as it is sent. The read concern is named, because the set's default could be one that waits.
    public func encoded() -> BSONDocument {
        var document: BSONDocument = ["find": "oplog.rs"]
        switch position {
        case .first: document.append("sort", ["$natural": 1])
        case .last: document.append("sort", ["$natural": -1])
        case .after(let timestamp):
            document.append("filter", ["ts": ["$gt": .timestamp(timestamp)]])
            document.append("sort", ["$natural": 1])
        case .upTo(let timestamp):
            document.append("filter", ["ts": ["$lte": .timestamp(timestamp)]])
            document.append("sort", ["$natural": -1])
        }
        document.append("projection", ["_id": 0, "ts": 1, "t": 1, "wall": 1])
        document.append("limit", 1)
        document.append("singleBatch", true)
        document.append("readConcern", ["level": "local"])
        return document
    }

    /// The entry, if there is one.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// The entry; `nil` for an empty oplog, and where nothing comes after, or up to, the timestamp.
        public let entry: OplogEntry?

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it is not a cursor or the entry has no timestamp.
        public init(document: BSONDocument) throws {
            self.document = document
            let batch = try ReplyFields(document).fields("cursor").list("firstBatch")
            entry = try batch.first.map(OplogEntry.init)
        }
    }
}

/// When an entry of the oplog was written.
public struct OplogEntry: Sendable, Hashable {
    /// Its timestamp.
    public var timestamp: BSONTimestamp
    /// The election term; `nil` for the entry that initiates a set.
    public var term: Int64?
    /// The clock of the primary that wrote it, in milliseconds.
    public var wall: BSONDateTime?

    /// Creates an entry.
    public init(timestamp: BSONTimestamp, term: Int64? = nil, wall: BSONDateTime? = nil) {
        self.timestamp = timestamp
        self.term = term
        self.wall = wall
    }

    init(_ fields: ReplyFields) throws(ReplyFieldError) {
        self.init(
            timestamp: try fields.timestamp("ts"),
            term: fields.document["t"]?.int64Value,
            wall: fields.document["wall"]?.dateTimeValue
        )
    }
}
