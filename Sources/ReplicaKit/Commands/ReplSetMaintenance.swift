/// `replSetMaintenance`: takes a secondary out of reads and elections, or back in. Meanwhile its state is RECOVERING; it
/// goes on replicating, and votes.
///
/// The server counts: who was taken out twice must be taken in twice. A restart ends it.
public struct ReplSetMaintenance: ServerCommand, Hashable {
    /// The command's name.
    public static let name = "replSetMaintenance"

    /// Whether the member is taken out.
    public var isOn: Bool

    /// Creates the command.
    public init(isOn: Bool) { self.isOn = isOn }

    /// The command as it is sent.
    public func encoded() -> BSONDocument { ["replSetMaintenance": .bool(isOn)] }

    /// Nothing but `ok`.
    public typealias Reply = OKReply
}
