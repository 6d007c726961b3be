/// Who is the primary, judged from all members' own answers, never from one member's report.
///
/// A member *claims* to be the primary when its own `hello` says that it accepts writes. For some seconds after a
/// failover two members may claim it: the old one has not heard of its successor yet. A term has at most one primary,
/// and a later one was elected by a majority, so the claim of the highest term is the one that counts, and every other
/// is stale. A claim is *supported* by each voter whose own answer rules a later primary out: it has heard of no later
/// term (or, where it would not tell its term, it names the claimant). With a majority of them no later primary can
/// exist.
public struct PrimaryVerdict: Sendable, Hashable {
    /// A member that says of itself that it accepts writes.
    public struct Claim: Sendable, Hashable {
        /// Its address, as the config has it.
        public var address: MemberAddress
        /// Its name in the spec.
        public var name: MemberName?
        /// The term that it was elected in; `nil` where it would not tell.
        public var term: Int64?
        /// The voters that support the claim, itself included.
        public var supporters: [MemberAddress]

        /// Creates a claim.
        public init(address: MemberAddress, name: MemberName? = nil, term: Int64?, supporters: [MemberAddress]) {
            self.address = address
            self.name = name
            self.term = term
            self.supporters = supporters
        }
    }

    /// What the claims amount to.
    public enum Outcome: Sendable, Hashable {
        /// There is none, or none that can be told: nobody claims it, or all claims are stale.
        case none
        /// This member is the primary.
        case primary(Claim)
        /// Nobody has a better claim, but too few voters answered to rule a later primary out. The member may be cut
        /// off from the majority, and then steps down within the election timeout; or only we are.
        case unconfirmed(Claim)
    }

    /// What the claims amount to.
    public var outcome: Outcome
    /// Members that claim to be the primary and are not, or not any more. Do not write to them. When the outcome is
    /// ``Outcome/none``, a successor was elected and did not answer, or an election is under way.
    public var staleClaims: [Claim]

    /// Creates a verdict.
    public init(outcome: Outcome, staleClaims: [Claim] = []) {
        self.outcome = outcome
        self.staleClaims = staleClaims
    }

    /// The primary, if there certainly is one.
    public var primary: Claim? {
        guard case .primary(let claim) = outcome else { return nil }
        return claim
    }

    /// The primary, confirmed by a majority or not.
    public var leadingClaim: Claim? {
        switch outcome {
        case .primary(let claim), .unconfirmed(let claim): claim
        case .none: nil
        }
    }

    /// Whether more than one member claims to be the primary.
    public var isContested: Bool { staleClaims.count + (leadingClaim == nil ? 0 : 1) > 1 }
}
