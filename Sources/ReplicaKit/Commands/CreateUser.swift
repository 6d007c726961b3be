/// `createUser`: makes a user in the command's database. It runs on the primary.
///
/// On a set without any user it works over loopback without authentication (the localhost exception). A user of that
/// name makes it fail with code 51003.
public struct CreateUser: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "createUser"

    /// The user's name.
    public var user: String
    /// The user's password. It is sent, and never shown.
    public var password: Secret
    /// What the user may do.
    public var roles: [UserRole]
    /// The write concern, such as `["w": "majority"]`; `nil` is the set's default.
    public var writeConcern: BSONDocument?
    /// The database that the user is defined in.
    public var database: String

    /// Creates the command.
    public init(
        user: String,
        password: Secret,
        roles: [UserRole],
        writeConcern: BSONDocument? = nil,
        database: String = "admin"
    ) {
        self.user = user
        self.password = password
        self.roles = roles
        self.writeConcern = writeConcern
        self.database = database
    }

    /// The command as it is sent, password included.
    public func encoded() -> BSONDocument { document(password: password.reveal()) }

    /// The command without the password.
    public func redacted() -> BSONDocument { document(password: password.description) }

    private func document(password: String) -> BSONDocument {
        var document: BSONDocument = [
            "createUser": .string(user), "pwd": .string(password),
            "roles": .array(BSONArray(roles.map(\.encoded))),
        ]
        if let writeConcern { document.append("writeConcern", .document(writeConcern)) }
        return document
    }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
