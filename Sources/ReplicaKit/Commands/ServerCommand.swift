/// A server command as a value: what it is called, where it runs, what it says, and how its reply is read.
///
/// Commands can be compared in tests, stored in plans and logged: ``description`` never shows a secret. Run one with
/// ``MemberConnection/run(_:timeout:)``; it goes to exactly that member.
public protocol ServerCommand: Sendable, CustomStringConvertible {
    /// What the server answers.
    associatedtype Reply: ServerReply

    /// The command's name, which is the first key of ``encoded()``.
    static var name: String { get }

    /// Whether the server closes the connection instead of answering when the command succeeds, as `shutdown` does.
    ///
    /// Where this is true, ``Reply`` must be readable from an empty document.
    static var closesConnection: Bool { get }

    /// The database that the command runs in.
    var database: String { get }

    /// The command as it is sent, secrets included. Nothing but a connection should look at it.
    func encoded() -> BSONDocument

    /// The command as people and logs may see it.
    func redacted() -> BSONDocument
}

extension ServerCommand {
    /// False: nearly all commands are answered.
    public static var closesConnection: Bool { false }

    /// `admin`, where all administrative commands run.
    public var database: String { "admin" }

    /// The command as it is sent: right for every command without a secret.
    public func redacted() -> BSONDocument { encoded() }

    /// The command as relaxed Extended JSON, without secrets.
    public var description: String { redacted().description }
}

/// What a server answers to a command.
public protocol ServerReply: Sendable {
    /// The whole reply, with what this library does not read.
    var document: BSONDocument { get }

    /// Reads a reply.
    ///
    /// Fields that the command is documented to answer are required; others are optional, and one that has an
    /// unexpected type counts as absent.
    /// - Throws: ``ReplyFieldError`` or ``ReplicaKitError``; ``MemberConnection/run(_:timeout:)`` turns either into
    ///   ``ReplicaKitError/Code/unexpectedReply`` that names the command.
    init(document: BSONDocument) throws
}

/// The reply of a command that answers nothing but `ok`.
public struct OKReply: ServerReply {
    /// The whole reply.
    public let document: BSONDocument

    /// Takes any reply.
    public init(document: BSONDocument) { self.document = document }
}
