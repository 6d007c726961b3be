/// `replSetReconfig`: replaces the config of the set. It runs on the primary; with `force` on any member.
///
/// The config's version must be higher than the present one, which servers also raise by themselves. Codes met: 103
/// (against a rule, or the version is not higher), 93 (cannot be parsed), 74 (this member is not in it), 10107 (not
/// the primary), 109 (`ConfigurationInProgress`). Code 50 at `maxTime` means that it is installed here and not yet on
/// a majority: read the config back.
public struct ReplSetReconfig: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetReconfig"

    /// The whole new config.
    public var config: ReplicaSetConfig
    /// Install it although no majority can agree. **A forced reconfig on a member that is merely cut off destroys
    /// data**; the server raises the version by a random amount.
    public var force: Bool
    /// How long the server may wait for a majority; `nil` is without limit.
    public var maxTime: Duration?

    /// Creates the command.
    public init(config: ReplicaSetConfig, force: Bool = false, maxTime: Duration? = nil) {
        self.config = config
        self.force = force
        self.maxTime = maxTime
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        var document: BSONDocument = ["replSetReconfig": .document(config.document)]
        if force { document.append("force", true) }
        if let maxTime { document.append("maxTimeMS", .int64(maxTime.wholeMilliseconds)) }
        return document
    }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
