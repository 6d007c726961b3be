/// An error as `--json` prints it: `{"code","message","member","server":{"code","codeName","message"},"hint"}`.
///
/// The underlying cause stays out: it is for logs.
public struct ErrorReport: Sendable, Encodable {
    /// The error.
    public var error: ReplicaKitError

    /// Wraps an error.
    public init(_ error: ReplicaKitError) {
        self.error = error
    }

    enum CodingKeys: String, CodingKey {
        case code, message, member, server, hint
    }

    enum ServerKeys: String, CodingKey {
        case code, codeName, message
    }

    /// Encodes all keys, absent values as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(error.code, forKey: .code)
        try container.encode(error.message, forKey: .message)
        try container.encode(error.member, forKey: .member)
        if let server = error.server {
            var nested = container.nestedContainer(keyedBy: ServerKeys.self, forKey: .server)
            try nested.encode(server.code, forKey: .code)
            try nested.encode(server.codeName, forKey: .codeName)
            try nested.encode(server.message, forKey: .message)
        } else {
            try container.encodeNil(forKey: .server)
        }
        try container.encode(error.hint, forKey: .hint)
    }
}
