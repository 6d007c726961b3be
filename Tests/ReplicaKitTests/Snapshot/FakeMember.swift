import ReplicaKit

/// A member of a ``FakeSet``: what it is, and how it treats who asks.
struct FakeMember: Sendable {
    /// How it treats who asks.
    enum Behaviour: Sendable, Hashable {
        /// It answers everything.
        case answers
        /// Nothing listens.
        case refuses
        /// It takes connections and answers so many commands; then it hangs.
        case hangs(afterCommands: Int)
        /// It knows no user, as an arbiter, or another password.
        case refusesLogin
    }

    var number: Int
    var state = MemberState.secondary
    var term: Int64 = 2
    var isArbiter = false
    var isHidden = false
    var priority = 1.0
    var votes = 1
    var delaySeconds = 0
    /// How old its last applied write is, in milliseconds.
    var lastWriteAge: Int64 = 0
    var knownPrimary: MemberAddress?
    var syncSource: MemberAddress?
    /// How it sees others where that is not how they are.
    var sees: [Int: MemberState] = [:]
    var isInitiated = true
    var version = "6.0.5"
    var behaviour = Behaviour.answers
    /// Where it is asked, when that is not where it says it is.
    var isAskedAt: MemberAddress?
    /// Replies that it gives instead of its own.
    var replies: [String: BSONDocument] = [:]

    var address: MemberAddress { Shapes.address(number) }

    init(_ number: Int, _ state: MemberState = .secondary, edit: (inout FakeMember) -> Void = { _ in }) {
        self.number = number
        self.state = state
        edit(&self)
    }

    /// Three healthy members of which the first is the primary in term 2.
    static var healthySet: [FakeMember] {
        let primary = Shapes.address(0)
        return [
            FakeMember(0, .primary) { $0.knownPrimary = primary },
            FakeMember(1) { ($0.knownPrimary, $0.syncSource) = (primary, primary) },
            FakeMember(2) { ($0.knownPrimary, $0.syncSource) = (primary, primary) },
        ]
    }
}
