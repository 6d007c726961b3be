/// `shutdown`: ends the member's process cleanly. A primary steps down first.
///
/// The server closes the connection instead of answering; that is success. It says nothing about when the process has
/// ended: ask the host. Without `force` a primary whose secondaries have not caught up within the timeout refuses with
/// an error and stays the primary.
public struct Shutdown: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "shutdown"
    /// True: success has no reply.
    public static let closesConnection = true

    /// How long a primary waits for a secondary to catch up, and how long 5.0 and later then stay in quiesce mode, in
    /// whole seconds; `nil` is the server's default, 15 (10 before 5.0).
    public var timeout: Duration?
    /// End although no electable secondary has caught up.
    public var force: Bool

    /// Creates the command.
    public init(timeout: Duration? = nil, force: Bool = false) {
        self.timeout = timeout
        self.force = force
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        var document: BSONDocument = ["shutdown": 1]
        if force { document.append("force", true) }
        if let timeout { document.append("timeoutSecs", .int64(timeout.wholeSeconds)) }
        return document
    }

    /// Nothing: the connection ends.
    public typealias Reply = OKReply
}
