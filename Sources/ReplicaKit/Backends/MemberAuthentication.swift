/// How a connection to a member proves who it is.
public enum MemberAuthentication: Sendable, Hashable {
    /// Not at all. On a loopback connection to a server without users this is the localhost exception.
    case none
    /// A user with a password, by SCRAM-SHA-256 or SCRAM-SHA-1, whichever the server has for that user.
    case password(Credential)
    /// The subject of the client certificate that the driver was given (`MONGODB-X509`).
    case certificate
    /// The internal user `__system`, with the content of the set's keyfile. It may do everything; it is meant for
    /// set-up, before there is a user, and for telling a missing user from a wrong password.
    case keyFile(Secret)
}

/// A user of the set.
public struct Credential: Sendable, Hashable {
    /// The user's name.
    public var user: String
    /// The user's password.
    public var password: Secret
    /// The database that the user is defined in.
    public var source: String

    /// Creates a credential; users of a replica set are nearly always defined in `admin`.
    public init(user: String, password: Secret, source: String = "admin") {
        self.user = user
        self.password = password
        self.source = source
    }
}
