/// `replSetStepUp`: makes an electable secondary run for election at once. It is an ordinary election: it needs a
/// majority and cannot make two primaries in one term.
///
/// Now and then it fails with code 125 (`Election failed`): try again. On a primary it does nothing.
public struct ReplSetStepUp: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetStepUp"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetStepUp": 1] }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}

/// `replSetAbortPrimaryCatchUp`: makes a newly elected primary accept writes without waiting to catch up further.
///
/// Writes that it had not fetched yet are rolled back on the members that have them. Fails with code 20 when the
/// member is not catching up.
public struct ReplSetAbortPrimaryCatchUp: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetAbortPrimaryCatchUp"

    /// Creates the command.
    public init() {}

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetAbortPrimaryCatchUp": 1] }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
