extension ReplicaSetConfigValidator {
    /// What a server has against a config for `replSetReconfig`.
    ///
    /// - Parameters:
    ///   - old: The config in force. Where members are in their first initial sync, the judgement is right only if they
    ///     carry the server's mark (`newlyAdded`): `local.system.replset` shows it, `replSetGetConfig` does not.
    ///   - new: The config, as it would be sent.
    ///   - force: Whether it is sent with `force: true`.
    ///   - receiver: What is known about the member that gets it.
    /// - Returns: The violations, in the server's order as far as it goes: it names only the first. None means yes.
    public func reconfig(
        from old: BSONDocument,
        to new: BSONDocument,
        force: Bool = false,
        on receiver: Receiver = Receiver()
    ) -> [ConfigViolation] {
        if !force, !receiver.isPrimary {
            return [
                ConfigViolation(
                    .notPrimary,
                    "only the primary takes a reconfig without force",
                    serverCode: ConfigReport.ServerCode.notPrimary
                )
            ]
        }
        var oldParser = ConfigParser(self)
        oldParser.parse(old)
        var parser = ConfigParser(self)
        parser.parse(new)
        guard parser.report.isClean else { return parser.report.violations }
        var checker = ReconfigChecker(self, from: oldParser.config, to: parser.config, force: force)
        checker.check(receiver)
        return checker.report.violations
    }

    /// The config after the server has marked the members that must finish an initial sync before they vote.
    ///
    /// Servers from 5.0 on do so without force, to each voter that holds data and has a new number; marks that are there
    /// stay.
    func marked(_ new: ParsedConfig, from old: ParsedConfig, force: Bool) -> ParsedConfig {
        guard serverVersion.isAtLeast(5, 0), !force else { return new }
        var marked = new
        for member in new.members where member.isVoter && !member.isArbiter {
            let known = old.members.first { $0.id == member.id }
            // By number: of two with the same, the server marks the first.
            guard known?.isNewlyAdded != false, let index = new.members.firstIndex(where: { $0.id == member.id })
            else { continue }
            marked.members[index].isNewlyAdded = true
        }
        return marked
    }
}
