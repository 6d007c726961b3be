extension ReplicaSetSnapshot {
    /// Who is the primary, by term and majority.
    public var primaryVerdict: PrimaryVerdict {
        let voters = voterAddresses.map { (address: $0, view: member(at: $0)?.view) }
        let claims = members.compactMap { claim(of: $0, voters: voters) }
            .sorted { ($0.term ?? -1) > ($1.term ?? -1) }
        guard let best = claims.first else { return PrimaryVerdict(outcome: .none) }
        let others = Array(claims.dropFirst())
        guard others.first?.term != best.term || others.isEmpty else {
            // One term has one primary, so two claims of the same are of members that would not tell theirs. Nothing
            // here says which counts.
            return PrimaryVerdict(outcome: .none, staleClaims: claims)
        }
        let needed = voters.count / 2 + 1
        if best.supporters.count >= needed {
            return PrimaryVerdict(outcome: .primary(best), staleClaims: others)
        }
        let opponents = voters.count { voter in
            guard let term = best.term, let known = voter.view?.term else { return false }
            return known > term
        }
        if voters.count - opponents < needed {
            return PrimaryVerdict(outcome: .none, staleClaims: claims)
        }
        return PrimaryVerdict(outcome: .unconfirmed(best), staleClaims: others)
    }

    /// The primary's own view; `nil` unless there certainly is a primary.
    public var primary: MemberSnapshot? {
        primaryVerdict.primary.flatMap { member(at: $0.address) }
    }

    private func claim(
        of member: MemberSnapshot,
        voters: [(address: MemberAddress, view: MemberView?)]
    ) -> PrimaryVerdict.Claim? {
        guard let view = member.view, view.membership == .active, view.hello.isWritablePrimary else { return nil }
        let term = view.hello.electionTerm ?? view.term
        let supporters = voters.filter { voter in
            guard let voterView = voter.view, voterView.membership == .active else { return false }
            if let term, let known = voterView.term { return known <= term }
            return voterView.hello.primary == member.configAddress
        }
        return PrimaryVerdict.Claim(
            address: member.configAddress,
            name: member.name,
            term: term,
            supporters: supporters.map(\.address)
        )
    }
}
