import ReplicaKit

/// Where everything of one member is: pure path arithmetic, so that nothing else joins paths.
struct MemberPaths: Sendable, Hashable {
    /// The member's own directory, absolute and canonical.
    let directory: String
    /// Whether these are of a server that runs on the member's data in no set; it has a config, log and pid file of its
    /// own, and is never taken for the member.
    private(set) var isStandalone = false

    /// The paths of a member below the runtime's directory.
    init(root: String, member: MemberName) {
        directory = root == "/" ? "/" + Self.fileName(of: member) : root + "/" + Self.fileName(of: member)
    }

    /// The same member's, for a server that runs on its data in no set.
    var standalone: MemberPaths {
        var paths = self
        paths.isStandalone = true
        return paths
    }

    var config: String { directory + "/" + (isStandalone ? Name.standaloneConfig : Name.config) }
    var database: String { directory + "/" + Name.database }
    var keyFile: String { directory + "/" + Name.keyFile }
    var log: String { directory + "/" + (isStandalone ? Name.standaloneLog : Name.log) }
    var marker: String { directory + "/" + Name.marker }
    var pidFile: String { directory + "/" + (isStandalone ? Name.standalonePidFile : Name.pidFile) }
    /// The file that a `mongod` locks and writes its number into, and empties when it ends cleanly.
    var lockFile: String { database + "/mongod.lock" }

    /// The socket that `mongod` makes for a port; `nil` when its path would be too long for one.
    func socket(port: Int) -> String? {
        let path = directory + "/mongodb-\(port).sock"
        return path.utf8.count <= 107 ? path : nil
    }

    /// The names that the host makes in a member's directory.
    enum Name {
        static let config = "mongod.conf"
        static let database = "db"
        static let keyFile = "keyfile"
        static let log = "mongod.log"
        static let marker = "member.json"
        static let pidFile = "mongod.pid"
        static let standaloneConfig = StandaloneConfig.fileName
        static let standaloneLog = "replicakit-standalone.log"
        static let standalonePidFile = "replicakit-standalone.pid"
    }

    /// A name that is one path component and nothing else, whatever the member is called.
    ///
    /// The characters that the spec allows stay; others become `%` and two hexadecimal digits for each byte, so
    /// two members never share a directory.
    static func fileName(of member: MemberName) -> String {
        let bytes = Array(member.rawValue.utf8)
        let onlyDots = bytes.allSatisfy { $0 == UInt8(ascii: ".") }
        if bytes.isEmpty { return "%" }
        var name = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                name.unicodeScalars.append(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where !onlyDots:
                name.append(".")
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                name += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return name
    }
}
