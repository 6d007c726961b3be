/// `insert`: writes one document, as a check that writes are acknowledged. For many, use
/// ``MemberConnection/insert(_:into:options:timeout:)``.
public struct InsertOne: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "insert"

    /// The collection.
    public var namespace: Namespace
    /// The document.
    public var document: BSONDocument
    /// The write concern; `nil` is the set's default.
    public var writeConcern: WriteConcernSpec?

    /// Creates the command.
    public init(_ document: BSONDocument, into namespace: Namespace, writeConcern: WriteConcernSpec? = nil) {
        self.document = document
        self.namespace = namespace
        self.writeConcern = writeConcern
    }

    /// The collection's database.
    public var database: String { namespace.database }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        var command: BSONDocument = [
            "insert": .string(namespace.collection), "documents": [.document(document)],
        ]
        if let writeConcern { command.append("writeConcern", .document(writeConcern.document)) }
        return command
    }

    /// Nothing but `ok`: a write error is thrown.
    public typealias Reply = OKReply
}

/// `find`: reads at most one document, from whichever member is asked.
public struct FindOne: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "find"

    /// The collection.
    public var namespace: Namespace
    /// What the document must match.
    public var filter: BSONDocument

    /// Creates the command.
    public init(in namespace: Namespace, matching filter: BSONDocument = [:]) {
        self.namespace = namespace
        self.filter = filter
    }

    /// The collection's database.
    public var database: String { namespace.database }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        [
            "find": .string(namespace.collection), "filter": .document(filter), "limit": 1, "singleBatch": true,
        ]
    }

    /// The document, if there is one.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// What was found.
        public let found: BSONDocument?

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it is not a cursor.
        public init(document: BSONDocument) throws {
            self.document = document
            found = try ReplyFields(document).fields("cursor").list("firstBatch").first?.document
        }
    }
}

/// `drop`: removes a collection. One that does not exist makes servers before 7.0 answer code 26.
public struct DropCollection: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "drop"

    /// The collection.
    public var namespace: Namespace

    /// Creates the command.
    public init(_ namespace: Namespace) {
        self.namespace = namespace
    }

    /// The collection's database.
    public var database: String { namespace.database }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["drop": .string(namespace.collection)] }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
