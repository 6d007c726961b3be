/// How much time the oplogs of a set cover: how long a member may be away and still catch up.
public struct OplogWindow: Sendable, Hashable {
    /// The time from the oldest to the newest entry of each data-bearing member that answered, in seconds.
    public var secondsByMember: [MemberAddress: Int]

    /// Creates a window.
    public init(secondsByMember: [MemberAddress: Int]) {
        self.secondsByMember = secondsByMember
    }

    /// The smallest of all, in seconds, which is the one that counts; `nil` when no member told.
    ///
    /// Of a young set, whose oplog is not full yet, this is its age and no cause for alarm.
    public var seconds: Int? { secondsByMember.values.min() }

    /// The member with the smallest window; of several the first by address.
    public var smallestMember: MemberAddress? {
        secondsByMember.min { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }
}

extension ReplicaSetSnapshot {
    /// How much time the oplogs cover, from the two ends of every member's own oplog.
    public var oplogWindow: OplogWindow {
        var seconds: [MemberAddress: Int] = [:]
        for member in members {
            guard let view = member.view, case .success(let first?) = view.oplogFirst,
                case .success(let last?) = view.oplogLast
            else { continue }
            seconds[member.configAddress] = max(0, Int(last.timestamp.seconds) - Int(first.timestamp.seconds))
        }
        return OplogWindow(secondsByMember: seconds)
    }
}
