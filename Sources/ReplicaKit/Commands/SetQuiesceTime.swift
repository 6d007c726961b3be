/// `setParameter` of `shutdownTimeoutMillisForSignaledShutdown`: for how long a member stays in quiesce mode after SIGTERM.
///
/// From 5.0 on it stays 15 seconds unless told otherwise, so that drivers move on by themselves. A member that has
/// stepped down need not: there is nobody left to wait for.
public struct SetQuiesceTime: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "setParameter"

    /// For how long.
    public var duration: Duration

    /// Creates the command.
    public init(_ duration: Duration) {
        self.duration = duration
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        ["setParameter": 1, "shutdownTimeoutMillisForSignaledShutdown": .integer(Int(duration.seconds * 1000))]
    }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
