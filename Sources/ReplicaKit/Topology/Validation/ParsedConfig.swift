/// A config as a server understands it, after everything in it could be read.
struct ParsedConfig {
    var setName = ""
    var version: Int64 = 1
    var members: [ParsedMember] = []
    var isConfigServer = false
    var journalsMajority = true
    var isRepaired = false
    var replicaSetID: ObjectID?
    /// The config of another set, into which this one is being split.
    var recipient: BSONValue?
    var modes = BSONDocument()
    var writeConcernDefaults: BSONDocument?
    /// Checked after everything was read, by servers before 5.0.
    var protocolVersion: Int64 = 1
    /// Checked after everything was read, by servers before 5.0.
    var heartbeatInterval: Int64 = 2000

    var voters: [ParsedMember] { members.filter(\.isVoter) }
    var arbiters: [ParsedMember] { members.filter(\.isArbiter) }

    /// Whether a custom write concern can count a tag: members have it, or it is one of the server's own.
    func knows(tag: String) -> Bool {
        switch tag {
        case "$voter": members.contains { $0.isVoter && !$0.isArbiter }
        case "$electable": members.contains(where: \.isElectable)
        case "$all": members.contains { !$0.isArbiter }
        case "$configVoter": members.contains(where: \.isVoter)
        case "$configAll": !members.isEmpty
        default: members.contains { $0.tags.contains(tag) }
        }
    }
}

/// A member as a server understands it.
struct ParsedMember {
    let index: Int
    var id: Int32 = 0
    /// The `host` as it is written.
    var text = ""
    var host: ServerHost?
    /// What the config gives it.
    var votes: Int64 = 1
    /// What the config gives it.
    var priority: Double = 1
    var isNewlyAdded = false
    var isHidden = false
    var isArbiter = false
    var buildsIndexes = true
    var delay: Int64 = 0
    /// Whether the delay is spelt `slaveDelay`, `secondaryDelaySecs`, or not at all.
    var delayFields: Set<String> = []
    var tags = BSONDocument()
    var horizons: [(name: String, host: ServerHost)] = []

    /// Whether its vote counts.
    var isVoter: Bool { votes != 0 && !isNewlyAdded }
    /// The priority that counts.
    var effectivePriority: Double { isNewlyAdded ? 0 : priority }
    /// Whether it can be elected.
    var isElectable: Bool { !isArbiter && effectivePriority > 0 }
    /// The member for people.
    var reference: ConfigViolation.Member {
        ConfigViolation.Member(index: index, id: MemberID(rawValue: Int(id)), host: host == nil ? nil : text)
    }
}
