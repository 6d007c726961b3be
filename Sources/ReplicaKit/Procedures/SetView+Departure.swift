/// What must hold before a member of a healthy set is worked on: the set can do without its role and its vote.
extension SetView {
    /// Demands that some member can take over the role of the primary.
    ///
    /// - Parameter barred: Members that may not be the successor, such as those that lose their priority too.
    /// - Returns: The step by which it does; `nil` where this one is not the primary.
    /// - Throws: The refusal where nobody can.
    func handover(
        from name: MemberName,
        barring barred: [MemberName] = [],
        in config: ReplicaSetConfig
    ) throws(Refusal) -> StepAction? {
        guard let primary, self.name(of: primary) == name else { return nil }
        let succession = Succession(view: self, config: config, maximumLagSeconds: 10)
        let others = spec.members.map(\.name).filter { $0 != name && !barred.contains($0) }
        guard let successor = succession.best(of: others) else {
            throw Refusal(
                message: "\(name) is the primary, and no other member can take over from it",
                hint: "A successor must be a healthy, caught-up secondary with a priority above 0: rkctl status."
            )
        }
        return .makePrimary(successor, catchUpSeconds: FailoverProcedure.catchUpSeconds, holdSeconds: 0)
    }

    /// Demands that there is a majority when a member's vote is taken away.
    ///
    /// - Throws: The refusal where there would not be.
    func requireMajority(without member: ReplicaSetConfig.Member, in config: ReplicaSetConfig) throws(Refusal) {
        let healthy = healthyVoters.count { $0.host != member.host }
        let needed = (member.isVoter ? config.voters.count - 1 : config.voters.count) / 2 + 1
        guard healthy < needed else { return }
        throw Refusal(
            message: "without \(name(of: member.host)?.rawValue ?? member.host.description) \(healthy) healthy voting "
                + "members would be left, and \(needed) are needed for a primary",
            hint: "Start the missing members first (rkctl start), or remove those that are down for good."
        )
    }

    /// The config and the primary of a set that works.
    ///
    /// - Throws: The refusal where there is no primary that a majority follows.
    func requirePrimary() throws(Refusal) -> (config: ReplicaSetConfig, primary: MemberAddress) {
        if let config, let primary { return (config, primary) }
        throw Refusal(
            code: .noPrimary,
            message: "\(spec.name) has no primary that a majority follows",
            hint: "An election takes about 10 s after a primary is lost: look at `rkctl status`. `rkctl start` starts "
                + "what is stopped and has a primary elected."
        )
    }
}
