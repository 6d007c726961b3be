/// A collection's full name: database and collection.
public struct Namespace: Sendable, Hashable, CustomStringConvertible {
    /// The database.
    public var database: String
    /// The collection; it may contain dots.
    public var collection: String

    /// Creates a namespace.
    public init(database: String, collection: String) {
        self.database = database
        self.collection = collection
    }

    /// `database.collection`.
    public var description: String { "\(database).\(collection)" }
}
