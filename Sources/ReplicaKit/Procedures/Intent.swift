/// What an operator wants of a set: the input of a procedure.
public enum Intent: Sendable, Hashable {
    /// Bring the set up as the spec says: make, start and initiate what is not there yet, and complete a set-up that
    /// was interrupted.
    case up
    /// Start members that were stopped; no names are all members.
    case start([MemberName])
    /// Stop members; no names are all members. An emergency stop asks no member first.
    case stop([MemberName], emergency: Bool)
    /// Stop the set and remove its members from the host.
    case down(includingData: Bool)

    /// The procedure's name, as in `rkctl`.
    public var name: String {
        switch self {
        case .up: "up"
        case .start: "start"
        case .stop: "stop"
        case .down: "down"
        }
    }

    /// The pure function behind the intent: what to do about what was seen.
    ///
    /// - Throws: ``ReplicaKitError`` of the family ``ReplicaKitError/Family/input`` for an intent that is no sense,
    ///   such as a member that the spec does not have.
    public func propose(_ view: SetView) throws(ReplicaKitError) -> Proposal {
        switch self {
        case .up: UpProcedure(view: view).propose()
        case .start(let members): try StartProcedure(view: view).propose(members)
        case .stop(let members, let emergency): try StopProcedure(view: view).propose(members, emergency: emergency)
        case .down(let includingData): DownProcedure(view: view).propose(includingData: includingData)
        }
    }
}
