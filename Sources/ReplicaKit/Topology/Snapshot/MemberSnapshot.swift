/// One member in a snapshot: who was asked, and what came of it.
public struct MemberSnapshot: Sendable {
    /// The member in the spec; `nil` for one that only the config knows.
    public var spec: MemberSpec?
    /// Its number in the newest config that any member has; `nil` when it is not in it, or no config could be read.
    public var id: MemberID?
    /// The address that was asked.
    public var address: MemberAddress
    /// What came of it.
    public var outcome: Outcome
    /// How long it had to answer.
    public var timeout: Duration

    /// What came of asking a member.
    public enum Outcome: Sendable {
        /// It answered. Single questions may still have failed: each is kept in the view.
        case reachable(MemberView)
        /// Something answers there that is not a member of this set: a standalone, a router
        /// (``ReplicaKitError/Code/notReplicaSetMember``), or a member of another set
        /// (``ReplicaKitError/Code/wrongReplicaSet``).
        case foreign(ReplicaKitError, HelloReply)
        /// It did not answer, and why.
        case unreachable(ReplicaKitError)
    }

    /// Creates a member.
    public init(
        address: MemberAddress,
        spec: MemberSpec? = nil,
        id: MemberID? = nil,
        outcome: Outcome,
        timeout: Duration = .seconds(5)
    ) {
        self.address = address
        self.spec = spec
        self.id = id
        self.outcome = outcome
        self.timeout = timeout
    }

    /// What people call it; `nil` for a member that only the config knows.
    public var name: MemberName? { spec?.name }

    /// What it answered; `nil` when it did not, or is no member of this set.
    public var view: MemberView? {
        guard case .reachable(let view) = outcome else { return nil }
        return view
    }

    /// Whether it answered and belongs to this set.
    public var isReachable: Bool { view != nil }

    /// Its address as the config has it, where it said so; otherwise the one that was asked.
    public var configAddress: MemberAddress { view?.hello.me ?? address }

    /// How long it took to answer `hello` on an open connection; `nil` when it did not.
    public var roundTrip: Duration? { view?.roundTrip }

    /// What is wrong with reaching and reading this member: why it did not answer or is not of this set, or why it
    /// could not be read fully. `nil` when everything was answered that a member of its kind answers.
    public var error: ReplicaKitError? {
        switch outcome {
        case .reachable(let view): view.error
        case .foreign(let error, _), .unreachable(let error): error
        }
    }
}

extension MemberSnapshot: CustomStringConvertible {
    /// The name, if there is one, and the address.
    public var description: String { name.map { "\($0) (\(address))" } ?? address.description }
}
