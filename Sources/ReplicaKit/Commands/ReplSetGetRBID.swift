/// `replSetGetRBID`: a number that grows each time a member takes back writes that the set does not have.
public struct ReplSetGetRBID: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetGetRBID"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetGetRBID": 1] }

    /// The number.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// The number; only its growth means something.
        public let rollbackID: Int

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it has none.
        public init(document: BSONDocument) throws {
            self.document = document
            rollbackID = try ReplyFields(document).int("rbid")
        }
    }
}
