/// `usersInfo`: asks which users a database has.
public struct UsersInfo: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "usersInfo"

    /// One user's name, or `nil` for all of the database.
    public var user: String?
    /// The database that the users are defined in.
    public var database: String

    /// Creates the command.
    public init(user: String? = nil, database: String = "admin") {
        self.user = user
        self.database = database
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["usersInfo": user.map { .string($0) } ?? 1] }

    /// The users that there are; none is no error.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument
        /// The users, without their passwords.
        public let users: [User]

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it has no users.
        public init(document: BSONDocument) throws {
            self.document = document
            var users: [User] = []
            for entry in try ReplyFields(document).list("users") {
                users.append(try User(entry))
            }
            self.users = users
        }
    }

    /// A user as the server lists it.
    public struct User: Sendable, Hashable {
        /// The entry, whole.
        public let document: BSONDocument
        /// The user's name.
        public let name: String
        /// The database that the user is defined in.
        public let database: String

        init(_ fields: ReplyFields) throws(ReplyFieldError) {
            document = fields.document
            name = try fields.string("user")
            database = try fields.string("db")
        }

        /// What the user may do.
        public var roles: [UserRole] { (document["roles"]?.arrayValue ?? BSONArray()).compactMap(UserRole.init) }
        /// How the user can log in, such as `SCRAM-SHA-256`.
        public var mechanisms: [String] {
            (document["mechanisms"]?.arrayValue ?? BSONArray()).compactMap(\.stringValue)
        }
    }
}
