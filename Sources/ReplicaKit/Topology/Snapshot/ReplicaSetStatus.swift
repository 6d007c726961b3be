/// A replica set at a glance: what `rkctl status` shows and `status --json` prints.
///
/// It is computed from a snapshot and says nothing that the snapshot does not. Encoded, every key is there; what is
/// unknown is `null`.
public struct ReplicaSetStatus: Sendable {
    /// The name of the set that was expected.
    public var set: ReplicaSetName
    /// The newest election term that any member has heard of; `nil` before the first.
    public var term: Int64?
    /// The primary; `nil` unless there certainly is one. See ``PrimaryVerdict``.
    public var primary: MemberAddress?
    /// Whether enough voters answered to elect and keep a primary.
    public var majorityReachable: Bool
    /// The members, as in the snapshot.
    public var members: [Member]
    /// How much time the smallest oplog covers, in seconds; `nil` when no member told.
    public var oplogWindowSeconds: Int?
    /// The version of the newest config that any member has; `nil` when none could be read.
    public var configVersion: Int?
    /// When the members were asked.
    public var takenAt: BSONDateTime

    /// Computes the status of a snapshot.
    public init(_ snapshot: ReplicaSetSnapshot) {
        let judged = JudgedSnapshot(snapshot)
        set = snapshot.setName
        term = snapshot.members.compactMap { $0.view?.term }.max()
        primary = judged.verdict.primary?.address
        majorityReachable = snapshot.majority.isReachable
        members = snapshot.members.map { Member($0, in: judged) }
        oplogWindowSeconds = snapshot.oplogWindow.seconds
        configVersion = judged.config?.version
        takenAt = snapshot.takenAt
    }
}

extension ReplicaSetStatus: Encodable {
    enum CodingKeys: String, CodingKey {
        case set, term, primary, majorityReachable, members, oplogWindowSeconds, configVersion, takenAt
    }

    /// Encodes all keys; unknown values as null, the time in RFC 3339.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(set, forKey: .set)
        try container.encode(term, forKey: .term)
        try container.encode(primary, forKey: .primary)
        try container.encode(majorityReachable, forKey: .majorityReachable)
        try container.encode(members, forKey: .members)
        try container.encode(oplogWindowSeconds, forKey: .oplogWindowSeconds)
        try container.encode(configVersion, forKey: .configVersion)
        try container.encode(takenAt.rfc3339, forKey: .takenAt)
    }
}
