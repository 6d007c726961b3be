/// `listDatabases`: asks which databases a member holds. It tells whether a member holds user data.
public struct ListDatabases: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "listDatabases"

    /// Whether sizes are asked for too, which takes longer: the server adds up all files.
    public var includesSizes: Bool

    /// Creates the command.
    public init(includesSizes: Bool = false) { self.includesSizes = includesSizes }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        ["listDatabases": 1, "nameOnly": .bool(!includesSizes)]
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

        /// What each database takes on the disk, in bytes, largest first; empty unless sizes were asked for.
        public var sizes: [(name: String, bytes: Double)] {
            (document["databases"]?.arrayValue ?? BSONArray()).compactMap { value in
                guard let entry = value.documentValue, let name = entry["name"]?.stringValue,
                    let bytes = entry["sizeOnDisk"]?.doubleValue
                else { return nil }
                return (name, bytes)
            }.sorted { ($1.bytes, $0.name) < ($0.bytes, $1.name) }
        }

        /// The names of databases that are not the server's own.
        public var userDatabases: [String] { names.filter { !["admin", "config", "local"].contains($0) } }
    }
}
