/// `$currentOp`: the operations that a member works on now, of all users, as far as a change of primary or a restart
/// would be felt by them: index builds, and whatever has run for some time.
///
/// The server filters, so the reply is small on a busy member too. It needs the privilege `inprog`.
public struct CurrentOp: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "aggregate"

    /// For how long an operation must have run to be told of, in whole seconds. Index builds are always told of.
    public var minimumAge: Duration

    /// Creates the command.
    public init(minimumAge: Duration = .seconds(10)) {
        self.minimumAge = minimumAge
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        // By the server's thread: it says what it does only once it scans.
        let indexBuild: BSONDocument = [
            "desc": .regularExpression(BSONRegularExpression(pattern: "^\(Operation.indexBuilder)"))
        ]
        // A `hello` that waits for news is a client's, and always there.
        let long: BSONDocument = [
            "secs_running": ["$gte": .int64(minimumAge.wholeSeconds)], "op": ["$ne": "none"],
            "ns": ["$ne": "local.oplog.rs"], "command.hello": ["$exists": false],
            "command.isMaster": ["$exists": false],
        ]
        let match: BSONDocument = [
            "active": true, "$or": .array(BSONArray([.document(indexBuild), .document(long)])),
        ]
        return [
            "aggregate": 1,
            "pipeline": .array(BSONArray([["$currentOp": ["allUsers": true]], ["$match": .document(match)]])),
            "cursor": [:],
        ]
    }

    /// The operations.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// What the member works on.
        public let operations: [Operation]

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it is not a cursor.
        public init(document: BSONDocument) throws {
            self.document = document
            operations = try ReplyFields(document).fields("cursor").list("firstBatch").map {
                Operation(document: $0.document)
            }
        }
    }

    /// One operation.
    public struct Operation: Sendable, Hashable {
        /// The server's entry, whole.
        public let document: BSONDocument

        /// Takes an entry.
        public init(document: BSONDocument) { self.document = document }

        /// The operation's kind, such as `query`, `update` or `command`.
        public var kind: String? { document["op"]?.stringValue }
        /// What it works on.
        public var namespace: String? { document["ns"]?.stringValue }
        /// For how long it has run, in seconds.
        public var seconds: Double? { document["secs_running"]?.doubleValue }
        /// The client's name for itself.
        public var applicationName: String? { document["appName"]?.stringValue }
        /// Whether it builds an index.
        public var isIndexBuild: Bool { document["desc"]?.stringValue?.hasPrefix(Self.indexBuilder) ?? false }

        /// What the threads that build indexes are called.
        static let indexBuilder = "IndexBuildsCoordinator"
    }
}

extension CurrentOp.Operation: CustomStringConvertible {
    /// One line: what, on which namespace, for how long, by whom. The operation's own text may hold data, and stays out.
    public var description: String {
        (isIndexBuild ? "an index build" : "a \(kind ?? "long") operation") + (namespace.map { " on \($0)" } ?? "")
            + (seconds.map { ", for \(Int($0)) s" } ?? "") + (applicationName.map { ", by \($0)" } ?? "")
    }
}
