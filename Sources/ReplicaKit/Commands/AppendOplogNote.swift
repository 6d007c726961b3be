/// `appendOplogNote`: writes an entry to the primary's oplog that changes no data.
///
/// It needs the privilege `appendOplogNote`, which the role `clusterManager` has. A secondary forwards it to nobody and
/// fails with NotWritablePrimary.
public struct AppendOplogNote: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "appendOplogNote"

    /// What the entry says, for a person who reads the oplog.
    public var message: String

    /// Creates the command.
    public init(message: String) {
        self.message = message
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        ["appendOplogNote": 1, "data": ["msg": .string(message)]]
    }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
