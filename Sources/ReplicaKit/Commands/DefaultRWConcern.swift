/// `setDefaultRWConcern`: makes the set's default write concern explicit, so that it does not change when the members
/// do. It runs on the primary.
public struct SetDefaultRWConcern: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "setDefaultRWConcern"

    /// The default for writes that name none; `nil` leaves it.
    public var writeConcern: WriteConcernSpec?
    /// The default read concern level, such as `local`; `nil` leaves it.
    public var readConcernLevel: String?
    /// The write concern of the command itself; `nil` is the present default.
    public var acknowledged: WriteConcernSpec?

    /// Creates the command.
    public init(
        writeConcern: WriteConcernSpec? = nil,
        readConcernLevel: String? = nil,
        acknowledged: WriteConcernSpec? = nil
    ) {
        self.writeConcern = writeConcern
        self.readConcernLevel = readConcernLevel
        self.acknowledged = acknowledged
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        var document: BSONDocument = ["setDefaultRWConcern": 1]
        if let writeConcern { document.append("defaultWriteConcern", .document(writeConcern.document)) }
        if let readConcernLevel { document.append("defaultReadConcern", ["level": .string(readConcernLevel)]) }
        if let acknowledged { document.append("writeConcern", .document(acknowledged.document)) }
        return document
    }

    /// The defaults as they are now.
    public typealias Reply = DefaultRWConcernReply
}

/// `getDefaultRWConcern`: asks for the set's default read and write concern.
public struct GetDefaultRWConcern: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "getDefaultRWConcern"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["getDefaultRWConcern": 1] }

    /// The defaults.
    public typealias Reply = DefaultRWConcernReply
}

/// The default read and write concern of a set.
public struct DefaultRWConcernReply: ServerReply, Hashable {
    /// The whole reply.
    public let document: BSONDocument

    /// Takes any reply: a set where nothing was set has nothing in it.
    public init(document: BSONDocument) { self.document = document }

    /// The default write concern, whole; `nil` where none was set.
    public var writeConcern: BSONDocument? { document["defaultWriteConcern"]?.documentValue }
    /// Whether someone has set it (`global`), rather than the server derived it from the config. 4.4 does not say, so
    /// there any default counts as set.
    public var isExplicit: Bool {
        document["defaultWriteConcernSource"].map { $0 == "global" } ?? (writeConcern != nil)
    }
    /// The default read concern level.
    public var readConcernLevel: String? {
        document["defaultReadConcern"]?.documentValue?["level"]?.stringValue
    }
}

extension WriteConcernSpec {
    /// The write concern as commands have it.
    public var document: BSONDocument {
        var document: BSONDocument =
            switch w {
            case .members(let count): ["w": .integer(count)]
            case .tag(let name): ["w": .string(name)]
            }
        if let j { document.append("j", .bool(j)) }
        document.append("wtimeout", .integer(wtimeoutMS))
        return document
    }
}
