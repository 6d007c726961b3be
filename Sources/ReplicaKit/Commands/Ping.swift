/// `ping`: asks whether the member answers. It needs no authentication.
public struct Ping: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "ping"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["ping": 1] }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
