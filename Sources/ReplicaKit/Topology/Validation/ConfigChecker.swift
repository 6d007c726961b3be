/// Checks what the parts of a config say together.
struct ConfigChecker {
    let validator: ReplicaSetConfigValidator
    let config: ParsedConfig
    var report: ConfigReport

    init(_ validator: ReplicaSetConfigValidator, _ config: ParsedConfig, report: ConfigReport = ConfigReport()) {
        self.validator = validator
        self.config = config
        self.report = report
    }

    var isLegacy: Bool { !validator.serverVersion.isAtLeast(5, 0) }

    /// What is only asked at `replSetInitiate`.
    mutating func checkInitiate(_ document: BSONDocument) {
        if config.replicaSetID != nil {
            report.add(
                .replicaSetIDAtInitiate,
                field: "settings.replicaSetId",
                "replicaSetId is made by the server and cannot be given at initiate"
            )
        }
        checkSetName()
        checkConfig()
        checkWriteConcernDefaults()
        if isLegacy { checkLegacyIDs(config.members) }
        checkArbiterPriorities()
        for member in config.members where member.isNewlyAdded {
            report.add(
                .newlyAddedGiven,
                member.reference,
                field: "members.\(member.index).newlyAdded",
                "newlyAdded cannot be given at initiate"
            )
        }
        if config.version != 1 {
            report.add(.versionNotOne, field: "version", "the first version is 1, not \(config.version)")
        }
        if isLegacy, report.isClean { checkLegacyStorage() }
    }

    mutating func checkSetName() {
        if config.setName != validator.setName.rawValue {
            report.add(
                .setNameMismatch,
                field: "_id",
                "the set is named \"\(config.setName)\", and the server was started for \"\(validator.setName)\""
            )
        }
    }

    mutating func checkArbiterPriorities() {
        for arbiter in config.arbiters where arbiter.priority != 0 {
            report.add(
                .arbiterPriority,
                arbiter.reference,
                field: "members.\(arbiter.index).priority",
                "an arbiter must have priority 0"
            )
        }
    }

    /// Whether the member that gets the config finds itself in it, once, and electable if need be.
    mutating func checkSelf(
        _ receiver: ReplicaSetConfigValidator.Receiver,
        mustBeElectable: Bool,
        notFoundCode: Int?
    ) {
        guard let hosts = receiver.hosts else { return }
        let own = config.members.filter { $0.host.map { hosts.contains($0.address) } ?? false }
        guard let first = own.first else {
            report.add(.selfNotFound, code: notFoundCode, "the member that gets the config is not in it")
            return
        }
        if own.count > 1 {
            report.add(.selfDuplicate, own[1].reference, "the member that gets the config is in it twice")
        } else if mustBeElectable, !first.isElectable {
            report.add(
                .selfNotElectable,
                first.reference,
                code: notFoundCode == nil ? nil : ConfigReport.ServerCode.notElectable,
                "the member that gets the config could not be elected under it"
            )
        }
    }

    /// What every config must be.
    ///
    /// - Parameter ignoringVersion: Whether the server will put in another version anyway.
    mutating func checkConfig(ignoringVersion: Bool = false) {
        if isLegacy { checkLegacyRanges(ignoringVersion: ignoringVersion) }
        if isLegacy, config.setName.isEmpty { report.add(.emptySetName, field: "_id", "the set has an empty name") }
        guard (1...50).contains(config.members.count) else {
            report.add(.memberCount, field: "members", "a set has 1 to 50 members, not \(config.members.count)")
            return
        }
        for member in config.members {
            if isLegacy { checkLegacyMember(member) } else { checkHorizonAddresses(member) }
            checkUnique(member)
        }
        checkHorizons()
        let localCount = config.members.count { $0.host?.isLocal == true }
        if localCount != 0, localCount != config.members.count {
            report.add(
                .mixedLocalHosts,
                field: "members",
                "\(localCount) of \(config.members.count) members are on the local machine: all must be, or none"
            )
        }
        let voters = config.voters.count
        if !(1...7).contains(voters) {
            report.add(.voterCount, field: "members", "a set has 1 to 7 voters, not \(voters)")
        }
        if !config.members.contains(where: { !$0.isArbiter && $0.effectivePriority > 0 }) {
            report.add(
                .noElectableMember,
                field: "members",
                "at least one member that is no arbiter must have a priority above 0"
            )
        }
        if isLegacy { checkLegacyEnd() }
        checkConfigServer()
        if validator.serverVersion.isAtLeast(5, 3), !validator.allowsMultipleArbiters, config.arbiters.count > 1 {
            report.add(
                .multipleArbiters,
                config.arbiters[1].reference,
                "a second arbiter needs allowMultipleArbiters=true on all members"
            )
        }
        config.members.forEach { checkDelayField($0) }
    }

    /// A default write concern, which servers from 5.0 on do not bear.
    mutating func checkWriteConcernDefaults(code: Int? = nil) {
        guard !isLegacy, let defaults = config.writeConcernDefaults,
            !WriteConcernDefaults(defaults).isPlain(for: validator.serverVersion)
        else { return }
        report.add(
            .customWriteConcernDefaults,
            field: "settings.getLastErrorDefaults",
            code: code,
            "getLastErrorDefaults other than {w: 1, wtimeout: 0} makes servers from 5.0 on end themselves at initiate and "
                + "at start; use setDefaultRWConcern"
        )
    }

    private mutating func checkUnique(_ member: ParsedMember) {
        for other in config.members[(member.index + 1)...] {
            if other.id == member.id {
                report.add(
                    .duplicateMemberID,
                    other.reference,
                    field: "members.\(other.index)._id",
                    "the number \(member.id) belongs to members[\(member.index)] too"
                )
            }
            if other.host == member.host {
                report.add(
                    .duplicateHost,
                    other.reference,
                    field: "members.\(other.index).host",
                    "members[\(member.index)] has the same address"
                )
            }
        }
    }

    private mutating func checkDelayField(_ member: ParsedMember) {
        guard !isLegacy, !validator.serverVersion.isAtLeast(6, 0) else { return }
        let isNew = (validator.featureCompatibilityVersion ?? validator.serverVersion).isAtLeast(5, 0)
        let wrong = isNew ? "slaveDelay" : "secondaryDelaySecs"
        if member.delayFields.contains(wrong) {
            report.add(
                .delayFieldName,
                member.reference,
                field: "members.\(member.index).\(wrong)",
                "the delay must be spelt \(isNew ? "secondaryDelaySecs" : "slaveDelay")"
            )
        }
    }

    private mutating func checkConfigServer() {
        guard config.isConfigServer || validator.isConfigServer else { return }
        if config.isConfigServer {
            for member in config.members where member.isArbiter || !member.buildsIndexes || member.delay != 0 {
                report.add(
                    .configServerMember,
                    member.reference,
                    "a member of config servers builds indexes, has no delay and is no arbiter"
                )
            }
        }
        if config.isConfigServer != validator.isConfigServer {
            report.add(
                .configServerRole,
                field: "configsvr",
                config.isConfigServer
                    ? "configsvr: true needs a server started with --configsvr"
                    : "a server started with --configsvr needs configsvr: true"
            )
        }
        if config.isConfigServer, !config.journalsMajority {
            report.add(
                .configServerRole,
                field: "writeConcernMajorityJournalDefault",
                "config servers need writeConcernMajorityJournalDefault: true"
            )
        }
    }
}
