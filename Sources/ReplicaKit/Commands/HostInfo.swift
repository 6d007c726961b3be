/// `hostInfo`: the machine, or the container's share of it, that a member runs on.
public struct HostInfo: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "hostInfo"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["hostInfo": 1] }

    /// The machine.
    public struct Reply: ServerReply, Hashable {
        /// The whole reply.
        public let document: BSONDocument

        /// Takes any reply.
        public init(document: BSONDocument) { self.document = document }

        /// The machine's name.
        public var hostName: String? { document[path: "system", "hostname"]?.stringValue }
        /// How many processors the machine has; in a container the machine's.
        public var processors: Double? { document[path: "system", "numCores"]?.doubleValue }
        /// How much memory the process may use, in bytes: the container's limit, or the machine's memory.
        public var memoryLimit: Double? {
            let megabytes =
                document[path: "system", "memLimitMB"]?.doubleValue
                ?? document[path: "system", "memSizeMB"]?.doubleValue
            return megabytes.map { $0 * 1_048_576 }
        }
    }
}
