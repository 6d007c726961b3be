/// `collStats` of the oplog: how large it is and may be.
public struct OplogStats: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "collStats"

    /// Creates the command.
    public init() {}

    /// `local`, which holds each member's own oplog.
    public var database: String { "local" }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["collStats": "oplog.rs"] }

    /// The sizes. The rest of the reply, some 20 kB, is dropped.
    public struct Reply: ServerReply, Hashable {
        /// What is read of the reply.
        public let document: BSONDocument

        /// Reads the reply.
        public init(document: BSONDocument) {
            var kept = BSONDocument()
            for key in ["size", "maxSize", "storageSize"] {
                if let value = document[key] { kept.append(key, value) }
            }
            self.document = kept
        }

        /// What the entries take, in bytes. It may be more than ``maximumSize`` for a while.
        public var size: Double? { document["size"]?.doubleValue }
        /// What they may take, in bytes.
        public var maximumSize: Double? { document["maxSize"]?.doubleValue }
    }
}

/// `dbStats` of `local`, for the file system that the data are on, which servers before 6.0 tell in no other way.
public struct DataFileSystem: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "dbStats"

    /// Creates the command.
    public init() {}

    /// `local`, which every data-bearing member has.
    public var database: String { "local" }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["dbStats": 1] }

    /// The file system.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument

        /// Takes any reply.
        public init(document: BSONDocument) { self.document = document }

        /// Its space; what the file system reserves for others counts as used.
        public var space: FileSystemSpace? {
            guard let total = document["fsTotalSize"]?.doubleValue, let used = document["fsUsedSize"]?.doubleValue
            else {
                return nil
            }
            return FileSystemSpace(capacity: total, available: max(0, total - used))
        }
    }
}
