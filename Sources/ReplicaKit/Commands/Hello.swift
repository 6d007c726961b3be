/// `hello`: asks a member what it is. It needs no authentication, and the member answers from memory.
public struct Hello: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "hello"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["hello": 1] }

    /// What the member says it is.
    public typealias Reply = HelloReply
}

/// What a server says of itself (`hello`).
public struct HelloReply: ServerReply, Hashable {
    /// The whole reply.
    public let document: BSONDocument

    /// Whether it accepts writes now: a primary that is not stepping down and has caught up. A standalone says true
    /// too.
    public let isWritablePrimary: Bool
    /// The server's clock when it answered.
    public let localTime: BSONDateTime
    /// Its own address in the config, however it was reached; `nil` where it is in none.
    public let me: MemberAddress?

    /// Reads the reply.
    /// - Throws: ``ReplyFieldError`` when `isWritablePrimary` or `localTime` is missing.
    public init(document: BSONDocument) throws {
        let fields = ReplyFields(document)
        guard let writable = document["isWritablePrimary"] else {
            throw ReplyFieldError(path: ["isWritablePrimary"], expected: "a boolean", found: nil)
        }
        self.document = document
        isWritablePrimary = writable.isTruthy
        localTime = try fields.dateTime("localTime")
        me = document.address("me")
    }

    /// The name of the set that it is an active member of; `nil` for a standalone, and for a member that was never
    /// initiated or was removed.
    public var setName: ReplicaSetName? { document["setName"]?.stringValue.map(ReplicaSetName.init(rawValue:)) }
    /// Whether it was started as a member of a set but has no config that it is part of: never initiated, or removed.
    public var awaitsConfig: Bool { setName == nil && (document["isreplicaset"]?.isTruthy ?? false) }
    /// Whether it is a `mongos`, which is no member of anything.
    public var isRouter: Bool { document["msg"]?.stringValue == "isdbgrid" }
    /// Whether it is a secondary.
    public var isSecondary: Bool { document["secondary"]?.isTruthy ?? false }
    /// Whether it is an arbiter.
    public var isArbiter: Bool { document["arbiterOnly"]?.isTruthy ?? false }
    /// Whether clients do not see it.
    public var isHidden: Bool { document["hidden"]?.isTruthy ?? false }
    /// The member that it takes for the primary; `nil` when it knows none.
    public var primary: MemberAddress? { document.address("primary") }
    /// The members that clients see: electable ones, then those with priority 0, then arbiters. Hidden ones are not
    /// among them.
    public var visibleMembers: [MemberAddress] {
        document.addresses("hosts") + document.addresses("passives") + document.addresses("arbiters")
    }
    /// The arbiters that it knows.
    public var arbiters: [MemberAddress] { document.addresses("arbiters") }
    /// The version of its config.
    public var setVersion: Int? { document["setVersion"]?.intValue }
    /// The last write that it has applied; for an arbiter, that it has heard of.
    public var lastWrite: OpTime? { document["lastWrite"]?.documentValue?.opTimeSet("opTime") }

    /// The identity of the election that made it the primary; only a primary has one.
    public var electionID: ObjectID? { document["electionId"]?.objectIDValue }
    /// The term of the election that made it the primary, which its ``electionID`` holds in the last eight bytes.
    public var electionTerm: Int64? {
        guard let bytes = electionID?.bytes else { return nil }
        return bytes.suffix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}
