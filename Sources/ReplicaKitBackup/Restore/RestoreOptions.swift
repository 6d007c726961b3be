public import ReplicaKit

/// What is restored, and what may happen to what the target holds.
public struct RestoreOptions: Sendable, Hashable {
    /// Which namespaces, and under which names.
    public var selection: NamespaceSelection
    /// Go on to this moment and not one operation further, by the archive of the oplog; `nil` restores the backup alone.
    public var target: RestoreTarget?
    /// Make the target equal to the backup: what it holds of the selected namespaces is replaced or removed.
    public var mirrors: Bool
    /// Restore users and roles too, where the whole backup is restored.
    public var includesUsers: Bool
    /// Over how many connections documents are inserted.
    public var parallelism: Int
    /// Begin although members are down or not serving. They will be far behind, or have to be synced anew.
    public var allowsUnhealthySet: Bool

    /// Creates options.
    public init(
        selection: NamespaceSelection = NamespaceSelection(),
        target: RestoreTarget? = nil,
        mirrors: Bool = false,
        includesUsers: Bool = true,
        parallelism: Int = 2,
        allowsUnhealthySet: Bool = false
    ) {
        self.selection = selection
        self.target = target
        self.mirrors = mirrors
        self.includesUsers = includesUsers
        self.parallelism = parallelism
        self.allowsUnhealthySet = allowsUnhealthySet
    }
}

/// A moment to restore to.
public enum RestoreTarget: Sendable, Hashable {
    /// All that happened before this second began, by the clock of the primary of then.
    case time(BSONDateTime)
    /// Everything up to this entry of the oplog, and it.
    case entry(BSONTimestamp)
    /// As far as the archive of the oplog goes on from a backup without a gap: the backup's own moment where it holds
    /// nothing after it.
    case latest

    /// The last timestamp that belongs to it; `nil` where that is for the archive to say.
    var through: BSONTimestamp? {
        switch self {
        case .latest: nil
        case .entry(let timestamp): timestamp
        case .time(let time):
            BSONTimestamp(seconds: UInt32(clamping: (time.milliseconds + 999) / 1000 - 1), increment: .max)
        }
    }
}
