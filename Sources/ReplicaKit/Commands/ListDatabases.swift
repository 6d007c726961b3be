/// `listDatabases`: asks which databases a member holds. It tells whether a member holds user data.
public struct ListDatabases: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "listDatabases"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        ["listDatabases": 1, "nameOnly": true]
    }

    /// The databases.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// All names, the server's own `admin`, `config` and `local` included.
        public let names: [String]

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it has no databases.
        public init(document: BSONDocument) throws {
            self.document = document
            var names: [String] = []
            for entry in try ReplyFields(document).list("databases") {
                names.append(try entry.string("name"))
            }
            self.names = names
        }

        /// The names of databases that are not the server's own.
        public var userDatabases: [String] { names.filter { !["admin", "config", "local"].contains($0) } }
    }
}
