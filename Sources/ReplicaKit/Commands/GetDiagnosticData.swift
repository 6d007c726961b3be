/// `getDiagnosticData`: what the server last noted of itself and its machine, of which the machine's part is read here.
///
/// The reply has some 80 kB and costs the server less than a millisecond: it is what it keeps for its own diagnosis, at
/// most a second old.
public struct GetDiagnosticData: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "getDiagnosticData"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["getDiagnosticData": 1] }

    /// The machine's figures.
    public struct Reply: ServerReply, Hashable {
        /// The machine's part of the reply (`data.systemMetrics`), whole; empty where the server has none. The rest is
        /// dropped: nobody would hold 80 kB for each member.
        public let document: BSONDocument

        /// Reads the reply; a server that notes nothing of its machine is no error.
        public init(document: BSONDocument) throws {
            let data = try ReplyFields(document).fields("data").document
            // From 8.0 on the sections stand in a block of their own.
            let metrics = data["systemMetrics"] ?? data[path: "common", "systemMetrics"]
            self.document = metrics?.documentValue ?? BSONDocument()
        }

        /// When the figures were taken.
        public var takenAt: BSONDateTime? { document.dateSet("start") }
        /// Processor time since the machine started, in milliseconds, by what it was spent on; all processors together.
        public var processorMilliseconds: [String: Double] {
            var times: [String: Double] = [:]
            for (name, value) in document["cpu"]?.documentValue ?? BSONDocument() where name.hasSuffix("_ms") {
                times[name] = value.doubleValue
            }
            return times
        }
        /// The disks' counters since the machine started, by the disk's name.
        public var disks: [String: Disk] {
            var disks: [String: Disk] = [:]
            for (name, value) in document["disks"]?.documentValue ?? BSONDocument() {
                guard let counters = value.documentValue else { continue }
                disks[name] = Disk(
                    operations: (counters["reads"]?.doubleValue ?? 0) + (counters["writes"]?.doubleValue ?? 0),
                    milliseconds: (counters["read_time_ms"]?.doubleValue ?? 0)
                        + (counters["write_time_ms"]?.doubleValue ?? 0)
                )
            }
            return disks
        }
        /// The file systems, by where they are mounted; only on servers from 6.0 on.
        public var mounts: [String: FileSystemSpace] {
            var mounts: [String: FileSystemSpace] = [:]
            for (path, value) in document["mounts"]?.documentValue ?? BSONDocument() {
                guard let sizes = value.documentValue, let capacity = sizes["capacity"]?.doubleValue,
                    let available = sizes["available"]?.doubleValue
                else { continue }
                mounts[path] = FileSystemSpace(capacity: capacity, available: available)
            }
            return mounts
        }
    }

    /// A disk's counters.
    public struct Disk: Sendable, Hashable {
        /// Reads and writes.
        public var operations: Double
        /// How long they took together, in milliseconds.
        public var milliseconds: Double
    }
}

/// The space of a file system, in bytes.
public struct FileSystemSpace: Sendable, Hashable {
    /// All of it.
    public var capacity: Double
    /// What a program may still take.
    public var available: Double

    /// Creates a space.
    public init(capacity: Double, available: Double) {
        self.capacity = capacity
        self.available = available
    }

    /// The share that cannot be taken any more.
    public var usedRatio: Double { capacity > 0 ? max(0, 1 - available / capacity) : 0 }
}
