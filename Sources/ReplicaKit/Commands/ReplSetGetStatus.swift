/// `replSetGetStatus`: asks a member for its own state and how it sees the others.
///
/// It needs the privilege that `clusterMonitor` has. An uninitiated member fails it with code 94, a removed one with
/// 93. What it says of *others* is as old as the last heartbeat: a hung member is called healthy for 10 seconds.
public struct ReplSetGetStatus: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetGetStatus"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetGetStatus": 1] }

    /// The member's state and view.
    public typealias Reply = ReplSetStatusReply
}
