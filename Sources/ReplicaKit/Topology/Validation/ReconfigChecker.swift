/// Checks a config against the one that it replaces.
struct ReconfigChecker {
    private let validator: ReplicaSetConfigValidator
    private let old: ParsedConfig
    /// As it is in the document.
    private let given: ParsedConfig
    /// As the server marks it.
    private let new: ParsedConfig
    private let force: Bool
    private(set) var report = ConfigReport()

    init(
        _ validator: ReplicaSetConfigValidator,
        from old: ParsedConfig,
        to given: ParsedConfig,
        force: Bool
    ) {
        self.validator = validator
        self.old = old
        self.given = given
        self.force = force
        new = validator.marked(given, from: old, force: force)
    }

    /// Goes through the server's stages; it names what is wrong at the first that finds anything.
    mutating func check(_ receiver: ReplicaSetConfigValidator.Receiver) {
        checkGiven()
        for arbiter in new.arbiters where arbiter.isNewlyAdded {
            report.add(
                .duplicateMemberID,
                arbiter.reference,
                field: "members.\(arbiter.index)._id",
                code: ConfigReport.ServerCode.badValue,
                "the number \(arbiter.id) belongs to a new member too"
            )
        }
        checkMarkedTags()
        guard report.isClean else { return }
        report.code = ConfigReport.ServerCode.incompatible
        checkImplicitWriteConcern(receiver)
        var checker = ConfigChecker(validator, new, report: report)
        checker.checkConfig(ignoringVersion: force)
        checker.checkWriteConcernDefaults(code: ConfigReport.ServerCode.writeConcernDefaults)
        report = checker.report
        checkVersion()
        checkIdentity()
        checkMembers()
        checkArbiterSet()
        if !force { checkVoters() }
        checker = ConfigChecker(validator, new, report: report)
        checker.checkArbiterPriorities()
        guard checker.report.isClean else {
            report = checker.report
            return
        }
        checker.report.code = ConfigReport.ServerCode.invalidConfig
        checker.checkSelf(receiver, mustBeElectable: !force, notFoundCode: ConfigReport.ServerCode.nodeNotFound)
        if isLegacy, checker.report.isClean { checker.checkLegacyStorage() }
        report = checker.report
    }

    private mutating func checkGiven() {
        var checker = ConfigChecker(validator, given)
        checker.checkSetName()
        report = checker.report
        for member in given.members where member.isNewlyAdded {
            report.add(
                .newlyAddedGiven,
                member.reference,
                field: "members.\(member.index).newlyAdded",
                "newlyAdded is the server's own mark"
            )
        }
    }

    /// Custom write concerns that count voters or electable members of which, as the server marks them, none is left.
    private mutating func checkMarkedTags() {
        for (name, mode) in new.modes {
            for tag in mode.documentValue?.keys ?? [] where !new.knows(tag: tag) {
                report.add(
                    .unknownTag,
                    field: "settings.getLastErrorModes.\(name).\(tag)",
                    code: ConfigReport.ServerCode.noSuchKey,
                    "no member that has finished its initial sync counts as \(tag)"
                )
            }
        }
    }

    private mutating func checkImplicitWriteConcern(_ receiver: ReplicaSetConfigValidator.Receiver) {
        guard !isLegacy, receiver.hasDefaultWriteConcern == false,
            old.impliesMajority != new.impliesMajority
        else { return }
        report.add(
            .implicitWriteConcernChanged,
            field: "members",
            "the number of arbiters would make the default write concern \(new.impliesMajority ? "\"majority\"" : "1"); "
                + "set one explicitly first (setDefaultRWConcern)"
        )
    }

    /// Force raises the version by a random number from 10,000 to 100,000.
    private static let largestForcedStep: Int64 = 100_000

    private var isLegacy: Bool { !validator.serverVersion.isAtLeast(5, 0) }

    private mutating func checkVersion() {
        if force {
            let base = max(old.version, new.version)
            guard base > Int64(Int32.max) - Self.largestForcedStep else { return }
            report.add(
                .outOfRange,
                field: "version",
                code: isLegacy ? nil : ConfigReport.ServerCode.versionTooHigh,
                "force raises the version by up to \(Self.largestForcedStep), and \(base) leaves no room for that"
            )
            return
        }
        guard new.version <= old.version else { return }
        report.add(
            .versionNotHigher,
            field: "version",
            "version \(new.version) is not higher than that of the config in force, \(old.version)"
        )
    }

    private mutating func checkIdentity() {
        if let id = new.replicaSetID, id != old.replicaSetID {
            report.add(
                .replicaSetIDChanged,
                field: "settings.replicaSetId",
                "replicaSetId is not that of this set"
            )
        }
        if old.isConfigServer, !new.isConfigServer {
            report.add(.configServerRemoved, field: "configsvr", "configsvr cannot be taken away")
        }
    }

    private mutating func checkMembers() {
        for member in new.members {
            for other in old.members where other.id == member.id || other.host == member.host {
                func path(_ field: String) -> String { "members.\(member.index).\(field)" }
                if other.id != member.id {
                    report.add(
                        .memberIDChanged,
                        member.reference,
                        field: path("_id"),
                        "the number at this address is \(other.id) and cannot become \(member.id)"
                    )
                }
                if other.buildsIndexes != member.buildsIndexes {
                    report.add(
                        .buildIndexesChanged,
                        member.reference,
                        field: path("buildIndexes"),
                        "buildIndexes cannot change: remove the member and add it again"
                    )
                }
                if other.isArbiter != member.isArbiter {
                    report.add(
                        .arbiterChanged,
                        member.reference,
                        field: path("arbiterOnly"),
                        "arbiterOnly cannot change: remove the member and add it again"
                    )
                }
            }
        }
        if isLegacy {
            var checker = ConfigChecker(validator, new, report: report)
            let known = Set(old.members.map(\.id))
            checker.checkLegacyIDs(new.members.filter { !known.contains($0.id) })
            report = checker.report
        }
    }

    /// A primary, a secondary and an arbiter, after a config in which writes could be acknowledged by the primary alone.
    private mutating func checkArbiterSet() {
        let voters = old.members.count { $0.votes > 0 }
        let isOldSafe = voters / 2 + 1 <= voters - old.arbiters.count
        let isArbiterSet = new.members.count == 3 && new.arbiters.count == 1
        let electable = new.members.count { $0.priority > 0 }
        guard !isLegacy, !isOldSafe, isArbiterSet, electable > 1 else { return }
        report.add(
            .unsafeArbiterSet,
            field: "members",
            "with one arbiter and two members that hold data, the second must first be added without a priority"
        )
    }

    private mutating func checkVoters() {
        let changed = Set(old.voters.map(\.id)).symmetricDifference(new.voters.map(\.id))
        guard changed.count > 1 else { return }
        report.add(
            .manyVotersChanged,
            field: "members",
            "the votes of the members \(changed.sorted().map(String.init).joined(separator: ", ")) change: only one may"
        )
    }
}

extension ParsedConfig {
    /// Whether a server without an explicit default write concern takes `majority` for it.
    var impliesMajority: Bool {
        let writable = voters.count - arbiters.count
        return arbiters.isEmpty || writable > voters.count / 2 + 1
    }
}
