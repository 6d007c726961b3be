/// Where a member listens: a host name or IP address with a port, or the path of a Unix socket.
///
/// It is the `host` of the replica set config. Two addresses are the same when the server would say so: the default
/// port 27017 is filled in, an IPv6 address is written in brackets, and case is kept.
public struct MemberAddress: Hashable, Sendable {
    /// The host name or IP address without brackets, or the socket's path.
    public let host: String
    /// The TCP port; 0 for a Unix socket, which has none.
    public let port: Int

    /// The port of a `mongod` that was told none.
    public static let defaultPort = 27017

    /// Reads `host`, `host:port`, `[IPv6]:port` or a path that starts with `/`.
    ///
    /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/invalidArgument`` for anything else: an empty host,
    ///   white space, a port outside 1–65535, an IPv6 address without brackets, a list or a `mongodb://` URI.
    public init(_ text: String) throws(ReplicaKitError) {
        func bad(_ why: String) -> ReplicaKitError {
            ReplicaKitError(
                .invalidArgument,
                "\"\(text)\" is not a member address: \(why)",
                hint: "Write host:port, [IPv6]:port or the path of a Unix socket."
            )
        }
        if text.hasPrefix("/") {
            guard text.utf8.count <= 107 else { throw bad("a Unix socket's path has at most 107 bytes") }
            (host, port) = (text, 0)
            return
        }
        if text.contains("://") { throw bad("it is a connection string") }
        if text.contains(",") { throw bad("it is a list") }
        if text.contains("/") || text.contains("@") { throw bad("it contains a character that no host name has") }
        guard !text.contains(where: \.isWhitespace), !text.unicodeScalars.contains(where: { $0.value < 0x20 }) else {
            throw bad("it contains white space")
        }
        var rest = Substring(text)
        let name: Substring
        if rest.first == "[" {
            guard let close = rest.firstIndex(of: "]") else { throw bad("the bracket is not closed") }
            name = rest[rest.index(after: rest.startIndex)..<close]
            guard name.contains(":") else { throw bad("only IPv6 addresses stand in brackets") }
            rest = rest[rest.index(after: close)...]
            guard rest.isEmpty || rest.first == ":" else { throw bad("text follows the bracket") }
        } else {
            let colon = rest.firstIndex(of: ":") ?? rest.endIndex
            name = rest[..<colon]
            rest = rest[colon...]
            guard !rest.dropFirst().contains(":") else { throw bad("an IPv6 address needs brackets") }
        }
        guard !name.isEmpty else { throw bad("the host is empty") }
        guard name.utf8.count <= 255 else { throw bad("the host has more than 255 bytes") }
        if rest.isEmpty {
            (host, port) = (String(name), Self.defaultPort)
        } else {
            let digits = rest.dropFirst()
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits),
                (1...65535).contains(number)
            else { throw bad("the port is not a number from 1 to 65535") }
            (host, port) = (String(name), number)
        }
    }

    /// Creates a TCP address from parts that are known to be good, such as `127.0.0.1` and a chosen port.
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether this is a Unix socket.
    public var isUnixSocket: Bool { host.hasPrefix("/") }

    /// Whether the address is this machine's loopback or a Unix socket: what a server takes for local.
    public var isLocal: Bool {
        isUnixSocket || host == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}

extension MemberAddress: CustomStringConvertible, Comparable, Codable {
    /// `host:port`, with brackets around an IPv6 address, or the socket's path.
    public var description: String {
        if isUnixSocket { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    /// By text: a stable order for output, with no other meaning.
    public static func < (left: Self, right: Self) -> Bool {
        (left.host, left.port) < (right.host, right.port)
    }

    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
