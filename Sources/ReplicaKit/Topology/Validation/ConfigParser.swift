/// Reads a config document as a server does, noting what it would refuse to read.
struct ConfigParser {
    let validator: ReplicaSetConfigValidator
    let grammar: ConfigGrammar
    var report = ConfigReport()
    var config = ParsedConfig()

    init(_ validator: ReplicaSetConfigValidator) {
        self.validator = validator
        grammar = ConfigGrammar.of(validator.serverVersion)
    }

    mutating func parse(_ document: BSONDocument) {
        if grammar.isLegacy, document.contains("repaired") {
            report.add(.repaired, field: "repaired", Self.repairedText)
        }
        for event in grammar.read(document, grammar.top) {
            switch event {
            case .flaw(let rule, let field, let text): report.add(rule, field: field, text)
            case .value(let name, let value): take(name, value)
            }
        }
        if config.isRepaired { report.add(.repaired, field: "repaired", Self.repairedText) }
        // Tags are looked at when all members have been read, from 5.0 on.
        if !grammar.isLegacy {
            config.members.forEach { checkTags($0) }
            checkModeTags()
        }
        if let recipient = config.recipient { parseRecipient(recipient) }
    }

    private mutating func parseRecipient(_ value: BSONValue) {
        guard let document = value.documentValue ?? value.arrayValue?.document else {
            report.add(.wrongType, field: "recipientConfig", "recipientConfig must be an object")
            return
        }
        var parser = ConfigParser(validator)
        parser.parse(document)
        for violation in parser.report.violations {
            let field = violation.field.map { ".\($0)" } ?? ""
            report.add(violation.rule, field: "recipientConfig\(field)", violation.message)
        }
    }

    private static let repairedText = "the data was repaired: a config with repaired: true is not used"

    private mutating func take(_ name: String, _ value: BSONValue) {
        switch name {
        case "_id":
            config.setName = value.stringValue ?? ""
            if config.setName.isEmpty, !grammar.isLegacy {
                report.add(.emptySetName, field: name, "the set has an empty name")
            }
        case "version": config.version = value.exactInteger ?? 0
        case "members": takeMembers(value.arrayValue ?? [])
        case "configsvr": config.isConfigServer = value.isTruthy
        case "protocolVersion": config.protocolVersion = value.exactInteger ?? 1
        case "writeConcernMajorityJournalDefault": config.journalsMajority = value.isTruthy
        case "repaired": config.isRepaired = value.isTruthy
        case "recipientConfig": config.recipient = value
        case "settings": takeSettings(value.documentValue ?? [:])
        default: break
        }
    }

    private mutating func takeMembers(_ members: BSONArray) {
        for (index, (key, value)) in members.document.enumerated() {
            if !grammar.isLegacy, key.hasPrefix("-") || ServerHost.decimal(Array(key.utf8)[...]) != index {
                report.add(.arrayKeys, field: "members", "the key \"\(key)\" stands in place of \(index)")
            }
            if let document = value.documentValue {
                var reader = MemberParser(index: index, parser: self)
                reader.parse(document)
                report = reader.report
                config.members.append(reader.member)
            } else if grammar.isLegacy || !value.isNull {
                report.add(
                    .wrongType,
                    ConfigViolation.Member(index: index),
                    field: "members.\(index)",
                    "a member must be an object, not of type \(value.type.alias)"
                )
            }
        }
    }

    private mutating func takeSettings(_ settings: BSONDocument) {
        for event in grammar.read(settings, grammar.settings, isOpen: true) {
            switch event {
            case .flaw(let rule, let field, let text): report.add(rule, field: "settings.\(field)", text)
            case .value(let name, let value) where Self.longest[name] != nil:
                if name == "heartbeatIntervalMillis" { config.heartbeatInterval = value.exactInteger ?? 0 }
                takeTime(name, value)
            case .value("getLastErrorModes", let value): takeModes(value.documentValue ?? [:])
            case .value("getLastErrorDefaults", let value): takeWriteConcern(value.documentValue ?? [:])
            case .value("replicaSetId", let value): takeID(value.objectIDValue)
            case .value: break
            }
        }
    }

    /// Servers add these to the present time, and multiply them by the number of members, in 64 bits of milliseconds.
    private static let longest: [String: Int64] = [
        "heartbeatIntervalMillis": 1_000_000_000_000_000, "electionTimeoutMillis": 1_000_000_000_000_000,
        "catchUpTimeoutMillis": 1_000_000_000_000_000, "catchUpTakeoverDelayMillis": 1_000_000_000_000_000,
        "heartbeatTimeoutSecs": 1_000_000_000_000,
    ]

    private mutating func takeTime(_ name: String, _ value: BSONValue) {
        guard let limit = Self.longest[name], let number = value.exactInteger, number > limit else { return }
        report.add(
            .timeTooLong,
            field: "settings.\(name)",
            "\(name) is so large that servers fail in computing with it: at most \(limit) is usable"
        )
    }

    private mutating func takeID(_ id: ObjectID?) {
        if id?.bytes.allSatisfy({ $0 == 0 }) == true {
            report.add(.outOfRange, field: "settings.replicaSetId", "replicaSetId must not be all zeros")
        } else {
            config.replicaSetID = id
        }
    }

    private mutating func takeWriteConcern(_ document: BSONDocument) {
        config.writeConcernDefaults = document
        // Later servers end themselves over it, but only when all else is well.
        if grammar.isLegacy, let flaw = WriteConcernDefaults(document).legacyFlaw {
            report.add(.invalidWriteConcern, field: "settings.getLastErrorDefaults", "getLastErrorDefaults: \(flaw)")
        }
    }

    private mutating func takeModes(_ modes: BSONDocument) {
        config.modes = modes
        var names: Set<String> = []
        for (name, value) in modes {
            let path = "settings.getLastErrorModes.\(name)"
            if !names.insert(name).inserted {
                report.add(.duplicateField, field: path, "the mode \(name) stands twice")
            }
            guard let constraints = value.documentValue else {
                report.add(.wrongType, field: path, "a mode must be an object, not of type \(value.type.alias)")
                continue
            }
            for (tag, count) in constraints {
                if let count = count.wrappedInteger {
                    if count <= 0 { report.add(.outOfRange, field: "\(path).\(tag)", "a count must be at least 1") }
                } else {
                    report.add(.wrongType, field: "\(path).\(tag)", "a count must be a number")
                }
                if grammar.isLegacy { checkModeTag(tag, path) }
            }
        }
    }

    private mutating func checkModeTags() {
        for (name, value) in config.modes {
            for tag in value.documentValue?.keys ?? [] { checkModeTag(tag, "settings.getLastErrorModes.\(name)") }
        }
    }

    private mutating func checkModeTag(_ tag: String, _ path: String) {
        if !config.knows(tag: tag) { report.add(.unknownTag, field: "\(path).\(tag)", "no member has the tag \(tag)") }
    }

    private mutating func checkTags(_ member: ParsedMember) {
        for (name, value) in member.tags where value.type != .string {
            report.add(
                .wrongType,
                member.reference,
                field: "members.\(member.index).tags.\(name)",
                "a tag must be text, not of type \(value.type.alias)"
            )
        }
        if member.isArbiter, !member.tags.isEmpty {
            report.add(
                .arbiterWithTags,
                member.reference,
                field: "members.\(member.index).tags",
                "an arbiter has no tags"
            )
        }
    }
}
