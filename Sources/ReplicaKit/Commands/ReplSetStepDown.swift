/// `replSetStepDown`: makes the primary a secondary. It runs on the primary.
///
/// With lagging secondaries it blocks all writes for the whole catch-up period and then fails (code 50,
/// `ExceededTimeLimit`): look at the lag first, and keep the period short. Alone in its set the primary fails it with
/// code 262; a `period` below `secondaryCatchUp` fails with code 2.
public struct ReplSetStepDown: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetStepDown"

    /// For how long the member will not run for election again, in whole seconds.
    public var period: Duration
    /// How long it waits for an electable secondary to catch up, in whole seconds; `nil` is the server's default, 10.
    public var secondaryCatchUp: Duration?
    /// Step down although no electable secondary has caught up: writes that only this member has are rolled back.
    public var force: Bool

    /// Creates the command.
    public init(period: Duration, secondaryCatchUp: Duration? = nil, force: Bool = false) {
        self.period = period
        self.secondaryCatchUp = secondaryCatchUp
        self.force = force
    }

    /// The command as it is sent.
    public func encoded() -> BSONDocument {
        var document: BSONDocument = ["replSetStepDown": .int64(period.wholeSeconds)]
        if let secondaryCatchUp {
            document.append("secondaryCatchUpPeriodSecs", .int64(secondaryCatchUp.wholeSeconds))
        }
        if force { document.append("force", true) }
        return document
    }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
