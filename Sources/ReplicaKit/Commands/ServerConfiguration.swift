/// `getCmdLineOpts`: the options that a server was started with, from its command line and its config file.
public struct GetCmdLineOpts: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "getCmdLineOpts"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["getCmdLineOpts": 1] }

    /// The options.
    public struct Reply: ServerReply, Hashable {
        /// The options as in a config file (`parsed`); the command line itself, which may hold secrets, is dropped.
        public let document: BSONDocument

        /// Reads the reply.
        /// - Throws: ``ReplyFieldError`` when it has no options.
        public init(document: BSONDocument) throws {
            self.document = try ReplyFields(document).fields("parsed").document
        }

        /// Where the data are.
        public var dataDirectory: String { document[path: "storage", "dbPath"]?.stringValue ?? "/data/db" }
        /// Whether clients must log in.
        public var requiresLogin: Bool {
            document[path: "security", "authorization"]?.stringValue == "enabled"
                || document[path: "security", "keyFile"] != nil
                || document[path: "security", "clusterAuthMode"] != nil
        }
        /// The server parameters that were given.
        public var parameters: BSONDocument { document["setParameter"]?.documentValue ?? BSONDocument() }
        /// Whether writes are journaled; always from 6.1 on.
        public var isJournaled: Bool { document[path: "storage", "journal", "enabled"]?.isTruthy ?? true }
    }
}

/// `getLog`: lines that a server keeps in memory.
public struct GetLog: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "getLog"

    /// Which lines.
    public enum Kind: String, Sendable, Hashable {
        /// The last 1024 lines of its log: some 150 kB.
        case global
        /// What it found unsafe about its surroundings when it started.
        case startupWarnings
    }

    /// Which lines.
    public var kind: Kind

    /// Creates the command.
    public init(_ kind: Kind) { self.kind = kind }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["getLog": .string(kind.rawValue)] }

    /// The lines.
    public struct Reply: ServerReply {
        /// The whole reply.
        public let document: BSONDocument

        /// Takes any reply.
        public init(document: BSONDocument) { self.document = document }

        /// The lines of the log that could be read.
        package var lines: [MongodLogLine] { texts.compactMap { MongodLogLine($0) } }

        /// The lines that say one thing, by the number that it has in the server's source.
        ///
        /// To read all lines takes longer than to get them: some 20 ms for 1024.
        package func lines(id: Int) -> [MongodLogLine] {
            let mark = Array("\"id\":\(id),".utf8)
            return texts.filter { Self.holds(mark, $0) }.compactMap { MongodLogLine($0) }.filter { $0.id == id }
        }

        /// Whether bytes stand at the beginning of a line, where the number comes fourth, behind the time, the severity and
        /// the component.
        private static func holds(_ mark: [UInt8], _ line: String) -> Bool {
            let start = Array(line.utf8.prefix(160))
            return start.indices.dropLast(mark.count - 1).contains { index in
                start[index] == mark[0] && start[index..<index + mark.count].elementsEqual(mark)
            }
        }

        private var texts: [String] { (document["log"]?.arrayValue ?? BSONArray()).compactMap(\.stringValue) }
    }
}
