public import ReplicaKit

/// Which collections a restore takes, and under which names.
///
/// Patterns are `db` or `db.*` for a whole database and `db.coll` for one collection. A time series, whose documents
/// are in `db.system.buckets.coll`, goes by the name that people know it by.
public struct NamespaceSelection: Sendable, Hashable {
    /// A database, or one collection of it.
    public struct Pattern: Sendable, Hashable, CustomStringConvertible {
        /// The database.
        public let database: String
        /// The collection; `nil` for all.
        public let collection: String?

        /// Reads `db`, `db.*` or `db.coll`.
        ///
        /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/invalidArgument`` for anything else.
        public init(_ text: String) throws(ReplicaKitError) {
            let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard let database = parts.first, !database.isEmpty, parts.count == 1 || !parts[1].isEmpty,
                !database.contains(where: { "/\\ \"$*\0".contains($0) }), !text.contains("\0"),
                parts.count == 1 || parts[1] == "*" || !parts[1].contains("*")
            else {
                throw ReplicaKitError(
                    .invalidArgument,
                    "\"\(text)\" names no collections",
                    hint: "Write a database (shop or shop.*) or a collection (shop.orders)."
                )
            }
            self.database = database
            collection = parts.count == 1 || parts[1] == "*" ? nil : parts[1]
        }

        /// The pattern as it is written.
        public var description: String { collection.map { "\(database).\($0)" } ?? database }

        func matches(_ namespace: Namespace) -> Bool {
            namespace.database == database && (collection == nil || collection == namespace.collection)
        }
    }

    /// A database or collection that comes back under another name.
    public struct Rename: Sendable, Hashable {
        /// The name that was backed up.
        public let from: Pattern
        /// The name that it gets.
        public let to: Pattern

        /// Creates a renaming, of a database to a database or of a collection to a collection.
        ///
        /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/invalidArgument`` when one is a database and the
        ///   other is not.
        public init(from: Pattern, to: Pattern) throws(ReplicaKitError) {
            guard (from.collection == nil) == (to.collection == nil) else {
                throw ReplicaKitError(
                    .invalidArgument,
                    "\(from) cannot become \(to): one is a database and the other a collection",
                    hint: "Write shop=shop_restored, or shop.orders=shop.orders_restored."
                )
            }
            self.from = from
            self.to = to
        }
    }

    /// What is taken; empty takes everything.
    public var includes: [Pattern]
    /// What is left out all the same.
    public var excludes: [Pattern]
    /// What gets another name; the first that fits counts.
    public var renames: [Rename]

    /// Creates a selection; without arguments it takes everything under its own name.
    public init(includes: [Pattern] = [], excludes: [Pattern] = [], renames: [Rename] = []) {
        self.includes = includes
        self.excludes = excludes
        self.renames = renames
    }

    private static let buckets = "system.buckets."

    /// The name under which a collection is restored; `nil` when it is not.
    public func target(of namespace: Namespace) -> Namespace? {
        if namespace.collection.hasPrefix(Self.buckets) {
            let known = String(namespace.collection.dropFirst(Self.buckets.count))
            return target(of: Namespace(database: namespace.database, collection: known)).map {
                Namespace(database: $0.database, collection: Self.buckets + $0.collection)
            }
        }
        guard includes.isEmpty || includes.contains(where: { $0.matches(namespace) }),
            !excludes.contains(where: { $0.matches(namespace) })
        else { return nil }
        guard let rename = renames.first(where: { $0.from.matches(namespace) }) else { return namespace }
        return Namespace(database: rename.to.database, collection: rename.to.collection ?? namespace.collection)
    }
}
