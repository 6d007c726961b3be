/// A member's own replication state, and how it sees the other members (`replSetGetStatus`).
///
/// Server 4.4 and later. Optimes and dates that a server writes as zero for "unknown" are `nil` here.
public struct ReplSetStatusReply: ServerReply, Hashable {
    /// The whole reply.
    public let document: BSONDocument
    /// The set's name.
    public let set: ReplicaSetName
    /// The member's clock when it answered.
    public let date: BSONDateTime
    /// The member's own state.
    public let myState: MemberState
    /// All members as this one sees them, itself included.
    public let members: [Member]

    /// Reads the reply.
    /// - Throws: ``ReplyFieldError`` when one of the fields stored here is missing.
    public init(document: BSONDocument) throws {
        let fields = ReplyFields(document)
        self.document = document
        set = ReplicaSetName(rawValue: try fields.string("set"))
        date = try fields.dateTime("date")
        myState = MemberState(rawValue: try fields.int("myState"))
        var members: [Member] = []
        for member in try fields.list("members") {
            members.append(try Member(member))
        }
        self.members = members
    }

    /// The newest election term that the member has heard of.
    public var term: Int64? { document["term"]?.int64Value }
    /// The member that it replicates from; `nil` for a primary, an arbiter, and while it looks for one.
    public var syncSource: MemberAddress? { document.address("syncSourceHost") }
    /// How many votes elect a primary, by its config.
    public var majorityVoteCount: Int? { document["majorityVoteCount"]?.intValue }
    /// How many data-bearing voters acknowledge a majority write, by its config.
    public var writeMajorityCount: Int? { document["writeMajorityCount"]?.intValue }
    /// How many members vote *now*: members that are still in their first initial sync are not counted, although
    /// `replSetGetConfig` shows their vote already.
    public var votingMembersCount: Int? { document["votingMembersCount"]?.intValue }
    /// How this member sees itself in its list; `nil` where it is not in its own config.
    public var ownEntry: Member? { members.first(where: \.isSelf) }

    /// The last write that the member has applied.
    public var applied: OpTime? { optimes?.opTimeSet("appliedOpTime") }
    /// When the last applied write was made, by the clock of the primary that made it; milliseconds.
    public var appliedWall: BSONDateTime? { optimes?.dateSet("lastAppliedWallTime") }
    /// The last write that the member has journaled.
    public var durable: OpTime? { optimes?.opTimeSet("durableOpTime") }
    /// The last write that the member knows a majority to have.
    public var lastCommitted: OpTime? { optimes?.opTimeSet("lastCommittedOpTime") }
    /// When the last majority-committed write was made.
    public var lastCommittedWall: BSONDateTime? { optimes?.dateSet("lastCommittedWallTime") }

    /// When this member was last elected; only while it is the primary.
    public var lastElectionDate: BSONDateTime? {
        document["electionCandidateMetrics"]?.documentValue?.dateSet("lastElectionDate")
    }
    /// Why it ran for that election, such as `stepUpRequest`; only while it is the primary.
    public var lastElectionReason: String? {
        document["electionCandidateMetrics"]?.documentValue?["lastElectionReason"]?.stringValue
    }

    private var optimes: BSONDocument? { document["optimes"]?.documentValue }
}
