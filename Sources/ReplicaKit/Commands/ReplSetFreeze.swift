/// `replSetFreeze`: keeps a secondary from running for election for a while. A primary fails it with code 95.
///
/// Do not nominate a successor by freezing the others: depending on the order of the config it costs 11 seconds
/// without a primary. Use ``ReplSetStepUp``.
public struct ReplSetFreeze: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetFreeze"

    /// For how long, in whole seconds; zero ends it.
    public var period: Duration

    /// Creates the command.
    public init(period: Duration) {
        self.period = period
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetFreeze": .int64(period.wholeSeconds)] }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
