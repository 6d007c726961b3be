/// `replSetGetConfig`: asks a member for the replica set config that it has.
///
/// It needs the privilege that `clusterMonitor` has; the localhost exception does not give it. A removed member still
/// answers, with a config that it is not in.
public struct ReplSetGetConfig: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetGetConfig"

    /// Ask also whether the config is committed. Only the primary can say; others fail the command.
    public var commitmentStatus: Bool
    /// Show which members do not count as voters yet (`newlyAdded`). Servers refuse it with code 72 unless they were
    /// started with `enableTestCommands`; ``ReplSetStatusReply/votingMembersCount`` tells how many count on any server.
    public var includesNewlyAdded: Bool

    /// Creates the command.
    public init(commitmentStatus: Bool = false, includesNewlyAdded: Bool = false) {
        self.commitmentStatus = commitmentStatus
        self.includesNewlyAdded = includesNewlyAdded
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        var document: BSONDocument = ["replSetGetConfig": 1]
        if commitmentStatus { document.append("commitmentStatus", true) }
        if includesNewlyAdded { document.append("$_internalIncludeNewlyAdded", true) }
        return document
    }

    /// The config that a member has.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// The config.
        public let config: ReplicaSetConfig

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` or ``ReplicaKitError`` when there is no config in it.
        public init(document: BSONDocument) throws {
            self.document = document
            config = try ReplicaSetConfig(document: ReplyFields(document).fields("config").document)
        }

        /// Whether a majority has the config, so that the next reconfig may follow; `nil` unless it was asked for.
        public var isCommitted: Bool? { document["commitmentStatus"]?.boolValue }
    }
}
