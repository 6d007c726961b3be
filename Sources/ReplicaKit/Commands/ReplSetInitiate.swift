/// `replSetInitiate`: makes a new set of this member and the others that the config names.
///
/// **It silently wipes the other members**, whatever data they hold: look into each before. It runs on one member that
/// was started with `--replSet` and holds no config; a second time it fails with code 23 (`AlreadyInitialized`). Every
/// fault in the config is code 93 on the wire, only the message tells which.
public struct ReplSetInitiate: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetInitiate"

    /// The config: version 1 or none, this member included.
    public var config: ReplicaSetConfig

    /// Creates the command.
    public init(config: ReplicaSetConfig) {
        self.config = config
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetInitiate": .document(config.document)] }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
