/// `$currentOp`, summed up by the server: which programs have how many connections, and which of their operations has
/// run longest.
public struct ClientOperations: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "aggregate"

    /// What programs that make backups call themselves: MongoDB's, and this library's (``backupProgram``).
    public static let backupPrograms: Set<String> = ["mongodump", backupProgram]
    /// What `rkctl` calls itself while it makes a backup.
    public static let backupProgram = "rkctl backup"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        // What has no client is the server's own; a `hello` that waits for news is always there.
        let isWorking: BSONDocument = [
            "$and": [
                "$active", ["$ne": ["$op", "none"]], ["$eq": [["$type": "$command.hello"], "missing"]],
                ["$eq": [["$type": "$command.isMaster"], "missing"]], ["$ne": ["$ns", "local.oplog.rs"]],
            ]
        ]
        let group: BSONDocument = [
            "_id": "$appName", "connections": ["$sum": 1],
            "longest": ["$max": ["$cond": [.document(isWorking), ["$ifNull": ["$secs_running", 0]], 0]]],
        ]
        return [
            "aggregate": 1,
            "pipeline": [
                ["$currentOp": ["allUsers": true, "idleConnections": true]],
                ["$match": ["client": ["$exists": true]]],
                ["$group": .document(group)],
                ["$sort": ["connections": -1]],
                ["$limit": 20],
            ],
            "cursor": [:],
        ]
    }

    /// The programs.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// The programs with the most connections, most first.
        public let programs: [Program]

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it is not a cursor.
        public init(document: BSONDocument) throws {
            self.document = document
            programs = try ReplyFields(document).fields("cursor").list("firstBatch").map { fields in
                Program(
                    name: fields.document["_id"]?.stringValue ?? "",
                    connections: fields.document["connections"]?.intValue ?? 0,
                    longestSeconds: fields.document["longest"]?.doubleValue ?? 0
                )
            }
        }
    }

    /// A program that has connections, by the name that it gives itself.
    public struct Program: Sendable, Hashable {
        /// Its name; empty for those that give none.
        public var name: String
        /// How many connections it has.
        public var connections: Int
        /// How long its longest operation has run, in seconds.
        public var longestSeconds: Double
    }
}

/// `currentOp`, for whether the member is locked against writes (`fsyncLock`).
public struct FsyncLockState: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "currentOp"

    /// Creates the command.
    public init() {}

    /// The command as it is sent. The filter keeps operations out of the reply.
    public func encoded() -> BSONDocument { ["currentOp": 1, "$ownOps": true, "opid": -1] }

    /// The lock.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument

        /// Takes any reply.
        public init(document: BSONDocument) { self.document = document }

        /// Whether it is locked.
        public var isLocked: Bool { document["fsyncLock"]?.isTruthy ?? false }
    }
}
