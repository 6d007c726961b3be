/// The one error type of the package.
///
/// An error says what was attempted (``message``), on which member (``member``), what the server itself
/// answered (``server``), and what to do next (``hint``). It never carries a secret: whoever builds one from
/// a library's text passes that text through a filter first.
public struct ReplicaKitError: Error, Sendable {
    /// The stable code: scripts and tests match on it, and it does not change between releases.
    public var code: Code
    /// What was attempted and how it failed, in one sentence for a person.
    public var message: String
    /// The member that was asked, when there was one.
    public var member: MemberAddress?
    /// The server's own answer, when it gave one.
    public var server: ServerError?
    /// What to do next: usually a command, or the setting to look at.
    public var hint: String?
    /// The error that led to this one. It is for logs; ``message`` must be understandable without it.
    public var cause: (any Error)?

    /// Creates an error.
    public init(
        _ code: Code,
        _ message: String,
        member: MemberAddress? = nil,
        server: ServerError? = nil,
        hint: String? = nil,
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.member = member
        self.server = server
        self.hint = hint
        self.cause = cause
    }

    /// The same error, said of a member, unless it names one already.
    public func at(_ member: MemberAddress) -> Self {
        var copy = self
        copy.member = copy.member ?? member
        return copy
    }

    /// The same error with a hint, unless it has one already.
    public func hinting(_ hint: String) -> Self {
        var copy = self
        copy.hint = copy.hint ?? hint
        return copy
    }
}

extension ReplicaKitError {
    /// What a server said when it refused or failed a command.
    public struct ServerError: Sendable, Hashable, Codable {
        /// The server's numeric error code, for example 10107.
        public var code: Int
        /// The server's name of that code, for example `NotWritablePrimary`; empty when it gave none.
        public var codeName: String
        /// The server's own text (`errmsg`).
        public var message: String
        /// The error labels of the reply, for example `RetryableWriteError`.
        public var labels: [String]

        /// Creates a server error.
        public init(code: Int, codeName: String, message: String, labels: [String] = []) {
            self.code = code
            self.codeName = codeName
            self.message = message
            self.labels = labels
        }
    }
}

extension ReplicaKitError: CustomStringConvertible {
    /// One line: code, member, message and the server's answer. The hint is left to the caller to show.
    public var description: String {
        var text = "\(code.rawValue): "
        if let member { text += "\(member): " }
        text += message
        if let server {
            let name = server.codeName.isEmpty ? "code \(server.code)" : "\(server.codeName) (\(server.code))"
            text += " [server: \(name): \(server.message)]"
        }
        return text
    }
}
