extension ReplicaSetSnapshot {
    /// Demands that at least one member of the set answered.
    ///
    /// - Throws: When all failed for the same reason that is not about the network, such as
    ///   ``ReplicaKitError/Code/certificateUntrusted``, ``ReplicaKitError/Code/notReplicaSetMember`` or
    ///   ``ReplicaKitError/Code/wrongReplicaSet``, that error; otherwise ``ReplicaKitError/Code/noMemberReachable``
    ///   with each member's reason.
    public func requireAnyReachable() throws(ReplicaKitError) {
        guard !members.contains(where: \.isReachable) else { return }
        let errors = members.compactMap(\.error)
        if let first = errors.first, errors.allSatisfy({ $0.code == first.code }), first.code.family != .connection {
            throw first
        }
        if let foreign = foreignErrors.first { throw foreign }
        let reasons = members.map { "\($0): \($0.error?.message ?? "no answer")" }
        throw ReplicaKitError(
            .noMemberReachable,
            "no member of \(setName) could be reached. \(reasons.joined(separator: "; "))",
            hint: errors.allSatisfy { $0.code == .connectionRefused }
                ? "Nothing listens there: start the members (rkctl start), or set the replica set up (rkctl up)."
                : "Look whether the members run, and whether the spec has the right addresses.",
            cause: errors.first
        )
    }

    /// Demands that at least one member let us log in (or wants no login).
    ///
    /// - Throws: What ``requireAnyReachable()`` throws; ``ReplicaKitError/Code/authenticationFailed`` or another error
    ///   of that family when every member that answered refused us, arbiters aside.
    public func requireAuthenticated() throws(ReplicaKitError) {
        try requireAnyReachable()
        let views = members.compactMap(\.view).filter { !$0.hello.isArbiter && $0.membership == .active }
        let refusals = views.compactMap { view in
            [view.authenticationError, view.status.failure].compactMap(\.self).first {
                $0.code.family == .authentication
            }
        }
        if let refusal = refusals.first, refusals.count == views.count { throw refusal }
    }

    /// Demands a primary.
    ///
    /// - Returns: The primary.
    /// - Throws: What ``requireAuthenticated()`` throws, else ``ReplicaKitError/Code/notInitiated`` or
    ///   ``ReplicaKitError/Code/noPrimary`` with what is known.
    @discardableResult
    public func requirePrimary() throws(ReplicaKitError) -> MemberSnapshot {
        let verdict = primaryVerdict
        if let claim = verdict.primary, let member = member(at: claim.address) { return member }
        try requireAuthenticated()
        if !members.contains(where: { $0.view?.membership == .active }),
            let member = members.first(where: { $0.view?.error?.code == .notInitiated }), let error = member.view?.error
        {
            throw error.at(member.address)
        }
        throw ReplicaKitError(.noPrimary, "\(setName) has no primary: \(whyNoPrimary(verdict))", hint: noPrimaryHint)
    }

    private var foreignErrors: [ReplicaKitError] {
        members.compactMap { member in
            guard case .foreign(let error, _) = member.outcome else { return nil }
            return error
        }
    }

    private func whyNoPrimary(_ verdict: PrimaryVerdict) -> String {
        let majority = majority
        let votes = "\(majority.healthy.count) of \(majority.voters.count) voters answered"
        return switch verdict.outcome {
        case .unconfirmed(let claim):
            "\(claim.address) says it is, but only \(votes), too few to rule out another"
        case .none where !verdict.staleClaims.isEmpty:
            "what claims to be it is out of date, and its successor did not answer"
        case .none, .primary:
            majority.isReachable ? "no member claims to be it" : "\(votes), and \(majority.needed) are needed"
        }
    }

    private var noPrimaryHint: String {
        majority.isReachable
            ? "An election takes about 10 seconds after a primary is lost: look again."
            : "Start the missing voters: \(majority.missing.map(\.description).joined(separator: ", "))."
    }
}
