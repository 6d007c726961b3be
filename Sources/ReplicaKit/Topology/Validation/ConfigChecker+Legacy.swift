/// What servers before 5.0 check after they have read everything.
extension ConfigChecker {
    mutating func checkLegacyRanges(ignoringVersion: Bool) {
        if !ignoringVersion, !(1...Int64(Int32.max)).contains(config.version) {
            report.add(.outOfRange, field: "version", "version must be 1 to \(Int32.max), not \(config.version)")
        }
        if config.heartbeatInterval < 0 {
            report.add(
                .outOfRange,
                field: "settings.heartbeatIntervalMillis",
                "heartbeatIntervalMillis must be at least 0"
            )
        }
    }

    /// Members that the set does not have yet.
    mutating func checkLegacyIDs(_ members: [ParsedMember]) {
        for member in members where member.id > 255 {
            report.add(
                .outOfRange,
                member.reference,
                field: "members.\(member.index)._id",
                "_id must be 0 to 255, not \(member.id)"
            )
        }
    }

    mutating func checkLegacyMember(_ member: ParsedMember) {
        func path(_ field: String) -> String { "members.\(member.index).\(field)" }
        if member.priority < 0 || member.priority > 1000 {
            report.add(
                .outOfRange,
                member.reference,
                field: path("priority"),
                "priority must be 0 to 1000, not \(member.priority)"
            )
        }
        if !(0...1).contains(member.votes) {
            report.add(.outOfRange, member.reference, field: path("votes"), "votes must be 0 or 1, not \(member.votes)")
        }
        var parser = MemberParser(member, report: report, validator: validator)
        parser.checkVote()
        report = parser.report
        if member.isArbiter, !member.tags.isEmpty {
            report.add(.arbiterWithTags, member.reference, field: path("tags"), "an arbiter has no tags")
        }
        if !(0...366 * 24 * 3600).contains(member.delay) {
            report.add(.outOfRange, member.reference, field: path("slaveDelay"), "slaveDelay must be 0 to 366 days")
        }
        parser.report = report
        parser.checkPriority()
        report = parser.report
    }

    mutating func checkLegacyEnd() {
        if config.protocolVersion != 1 {
            report.add(
                .outOfRange,
                field: "protocolVersion",
                "protocolVersion must be 1, not \(config.protocolVersion)"
            )
        }
        guard let document = config.writeConcernDefaults else { return }
        let defaults = WriteConcernDefaults(document)
        let flaw: String? =
            if let mode = defaults.mode {
                isKnown(mode)
                    ? isSatisfiable(mode) ? nil : "too few members match the mode \(mode)" : "there is no mode \(mode)"
            } else if defaults.count == 0 {
                "at least one member must acknowledge"
            } else {
                defaults.count > config.members.count - config.arbiters.count ? "more members than hold data" : nil
            }
        if let flaw {
            report.add(.invalidWriteConcern, field: "settings.getLastErrorDefaults", "getLastErrorDefaults: \(flaw)")
        }
    }

    /// What stands in the way when everything was accepted and the config is written down.
    mutating func checkLegacyStorage() {
        for member in config.members {
            let names = [("tags", member.tags.keys), ("horizons", member.horizons.map(\.name))]
            for (field, keys) in names {
                for key in keys { checkName(key, member.reference, "members.\(member.index).\(field)") }
            }
        }
        for (name, mode) in config.modes {
            checkName(name, nil, "settings.getLastErrorModes")
            for tag in mode.documentValue?.keys ?? [] { checkName(tag, nil, "settings.getLastErrorModes.\(name)") }
        }
    }

    private mutating func checkName(_ name: String, _ member: ConfigViolation.Member?, _ path: String) {
        guard name.hasPrefix("$") else { return }
        report.add(
            .dollarPrefixedName,
            member,
            field: "\(path).\(name)",
            code: ConfigReport.ServerCode.dollarPrefixedName,
            "servers before 5.0 cannot store the name \(name)"
        )
    }

    private func isKnown(_ mode: String) -> Bool {
        config.modes.contains(mode)
            || ["$majority", "$stepDownCheck", "$majorityConfig", "$configAll"].contains(mode)
    }

    private func isSatisfiable(_ mode: String) -> Bool {
        (config.modes[mode]?.documentValue ?? [:]).allSatisfy { tag, count in
            let values = config.members.compactMap { $0.tags[tag]?.stringValue }
            return tag.hasPrefix("$") || Set(values).count >= Int(count.wrappedInteger ?? 1)
        }
    }
}
