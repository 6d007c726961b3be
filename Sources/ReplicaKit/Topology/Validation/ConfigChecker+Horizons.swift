extension ConfigChecker {
    /// Which addresses a horizon may have, from 5.0 on.
    mutating func checkHorizonAddresses(_ member: ParsedMember) {
        for (name, host) in member.horizons where IPAddressRange.matches(host.host) {
            report.add(
                .horizonIsIPAddress,
                member.reference,
                field: "members.\(member.index).horizons.\(name)",
                "the address of a horizon must be a host name, not \(host.host)"
            )
        }
    }

    /// What the horizons of all members say together.
    mutating func checkHorizons() {
        let names = config.members.map { Set($0.horizons.map(\.name)) }
        for (index, member) in config.members.enumerated() where names[index] != names[0] {
            report.add(
                .horizonsDiffer,
                member.reference,
                field: "members.\(index).horizons",
                "all members must have the same horizons as members[0]"
            )
        }
        var taken: Set<ServerHost> = []
        for (index, member) in config.members.enumerated() where names[index] == names[0] {
            // Two members at one address are another rule.
            if let host = member.host { taken.insert(host) }
        }
        for (index, member) in config.members.enumerated() where names[index] == names[0] {
            for (name, host) in member.horizons where !taken.insert(host).inserted {
                report.add(
                    .horizonAddressNotUnique,
                    member.reference,
                    field: "members.\(index).horizons.\(name)",
                    "the address \(host) stands at two members"
                )
            }
        }
    }
}
