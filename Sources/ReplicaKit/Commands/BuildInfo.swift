/// `buildInfo`: asks a server for its version. It needs no authentication up to 8.0.
public struct BuildInfo: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "buildInfo"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["buildInfo": 1] }

    /// The version and more.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// The server's version.
        public let version: ServerVersion

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` or ``ReplicaKitError`` when it has no version.
        public init(document: BSONDocument) throws {
            self.document = document
            version = try ServerVersion(ReplyFields(document).string("version"))
        }
    }
}
