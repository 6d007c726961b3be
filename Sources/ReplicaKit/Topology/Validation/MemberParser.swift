/// Reads one member of a config as a server does.
struct MemberParser {
    let grammar: ConfigGrammar
    let validator: ReplicaSetConfigValidator
    var report: ConfigReport
    var member: ParsedMember

    init(index: Int, parser: ConfigParser) {
        grammar = parser.grammar
        validator = parser.validator
        report = parser.report
        member = ParsedMember(index: index)
    }

    /// Takes a member that was read before.
    init(_ member: ParsedMember, report: ConfigReport, validator: ReplicaSetConfigValidator) {
        grammar = ConfigGrammar.of(validator.serverVersion)
        self.validator = validator
        self.report = report
        self.member = member
    }

    mutating func parse(_ document: BSONDocument) {
        let before = report.violations.count
        if let id = document["_id"]?.wrappedInteger { member.id = id }
        if let host = document["host"]?.stringValue { member.text = host }
        var horizons: BSONDocument?
        for event in grammar.read(document, grammar.member) {
            switch event {
            case .flaw(let rule, let field, let text): add(rule, field, text)
            case .value("horizons", let value):
                horizons = value.documentValue
            case .value(let name, let value): take(name, value)
            }
        }
        if !grammar.isLegacy, report.violations.count == before { takeHost() }
        if grammar.isLegacy {
            for (name, value) in member.tags where value.type != .string {
                add(.wrongType, "tags.\(name)", "a tag must be text, not of type \(value.type.alias)")
            }
        }
        if let horizons { takeHorizons(horizons) }
        if !grammar.isLegacy, report.violations.count == before {
            checkMeaning()
        }
        if member.isArbiter, member.priority == 1 { member.priority = 0 }
    }

    private mutating func take(_ name: String, _ value: BSONValue) {
        switch name {
        case "_id":
            member.id = value.wrappedInteger ?? 0
            if member.id < 0 { add(.outOfRange, name, "_id must be 0 to \(Int32.max), not \(value)") }
        case "host" where grammar.isLegacy: takeHost()
        case "votes":
            member.votes = grammar.isLegacy ? Int64(value.wrappedInteger ?? 1) : value.clampedInteger ?? 1
        case "newlyAdded":
            member.isNewlyAdded = value.isTruthy
            if !member.isNewlyAdded { add(.newlyAddedGiven, name, "newlyAdded must be true where it stands") }
        case "priority": member.priority = (grammar.isLegacy ? value.real : value.safeReal) ?? 1
        case "hidden": member.isHidden = value.isTruthy
        case "slaveDelay", "secondaryDelaySecs":
            member.delayFields.insert(name)
            // Of both, which 5.0 can read, the new name counts.
            if name == "slaveDelay", member.delayFields.count > 1 { break }
            member.delay = grammar.isLegacy ? Int64(value.wrappedInteger ?? 0) : value.clampedInteger ?? 0
        case "arbiterOnly": member.isArbiter = value.isTruthy
        case "buildIndexes": member.buildsIndexes = value.isTruthy
        case "tags": member.tags = value.documentValue ?? [:]
        default: break
        }
    }

    private mutating func takeHost() {
        do throws(ServerHost.Flaw) {
            member.host = try ServerHost(ServerHost.trimmed(member.text))
        } catch {
            add(.invalidHost, "host", error.rawValue)
        }
    }

    private mutating func takeHorizons(_ horizons: BSONDocument) {
        if horizons.isEmpty { add(.horizonsEmpty, "horizons", "horizons must not be empty where it stands") }
        for (name, value) in horizons {
            guard let text = value.stringValue else {
                add(.wrongType, "horizons.\(name)", "an address must be text, not of type \(value.type.alias)")
                continue
            }
            if name == "__default" || name.isEmpty {
                add(.horizonName, "horizons.\(name)", "a horizon must have a name, and \"__default\" is reserved")
            }
            do throws(ServerHost.Flaw) {
                let host = try ServerHost(text)
                if member.horizons.contains(where: { $0.name == name }) {
                    add(.horizonDuplicateName, "horizons.\(name)", "the horizon \(name) stands twice")
                }
                member.horizons.append((name, host))
            } catch {
                add(.invalidHost, "horizons.\(name)", error.rawValue)
            }
        }
        var hosts: Set<String> = member.host.map { [$0.host] } ?? []
        for (name, host) in member.horizons where !hosts.insert(host.host).inserted {
            add(.horizonDuplicateHost, "horizons.\(name)", "the host \(host.host) stands twice")
        }
    }

    /// What a member's fields say together.
    mutating func checkMeaning() {
        checkVote()
        checkPriority()
    }

    mutating func checkVote() {
        if member.isArbiter, !member.isVoter { add(.arbiterWithoutVote, "votes", "an arbiter must vote") }
    }

    mutating func checkPriority() {
        let priority = member.isArbiter && member.priority == 1 ? 0 : member.effectivePriority
        // Not "greater than": what is not a number counts as a priority here.
        guard priority != 0 else { return }
        if !member.isVoter { add(.priorityWithoutVote, "priority", "priority must be 0 without a vote") }
        if member.delay > 0 { add(.priorityWithDelay, "priority", "priority must be 0 with a delay") }
        if member.isHidden { add(.priorityOfHidden, "priority", "priority must be 0 when hidden") }
        if !member.buildsIndexes {
            add(.priorityWithoutIndexes, "priority", "priority must be 0 when no indexes are built")
        }
    }

    mutating func add(_ rule: ConfigRule, _ field: String, _ message: String) {
        report.add(rule, member.reference, field: "members.\(member.index).\(field)", message)
    }
}
