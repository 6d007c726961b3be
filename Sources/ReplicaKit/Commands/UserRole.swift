/// A role as users have it: a name, and the database that it is defined for.
public struct UserRole: Sendable, Hashable {
    /// The role, such as `root` or `clusterMonitor`.
    public var role: String
    /// The database it applies to; for roles over the whole set, `admin`.
    public var database: String

    /// Creates a role.
    public init(_ role: String, on database: String = "admin") {
        self.role = role
        self.database = database
    }

    /// The role that may do everything.
    public static let root = UserRole("root")

    var encoded: BSONValue { ["role": .string(role), "db": .string(database)] }

    init?(_ value: BSONValue) {
        guard let document = value.documentValue, let role = document["role"]?.stringValue,
            let database = document["db"]?.stringValue
        else { return nil }
        self.init(role, on: database)
    }
}
