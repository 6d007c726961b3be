import ReplicaKit

/// Makes configs for `replSetInitiate`: mostly sensible ones, with some things in them that are not.
struct ConfigGenerator {
    var random: SeededGenerator
    /// The name of the delay in the version under test; the other one is tried too.
    let delayField: String

    init(seed: UInt64, delayField: String) {
        random = SeededGenerator(seed: seed)
        self.delayField = delayField
    }

    /// The next config.
    mutating func next() -> BSONDocument {
        var top: [(String, BSONValue)] = [("_id", "rs0")]
        if !random.once(in: 4) { top.append(("version", 1)) }
        if random.once(in: 8) { top.append(("term", .int64(1))) }
        if random.once(in: 3) { top.append(("protocolVersion", 1)) }
        top.append(("members", .array(memberArray())))
        if random.once(in: 2) { top.append(("settings", .document(settings()))) }
        if random.once(in: 30) {
            let recipient: BSONDocument = ["_id": "rs1", "version": 1, "members": .array(memberArray())]
            top.append(("recipientConfig", random.once(in: 4) ? random.pick(ConfigValues.any) : .document(recipient)))
        }
        if random.once(in: 20) { top.append(("configsvr", .bool(random.once(in: 2)))) }
        for _ in 0..<random.pick([0, 0, 1, 1, 2]) { mutateTop(&top) }
        if random.once(in: 6) { top.shuffle(using: &random) }
        let document = BSONDocument(top)
        return document.isEmpty ? ["_id": "rs0"] : document
    }

    /// The members; once in a while with keys that no array has, or with something that is no member.
    mutating func memberArray() -> BSONArray {
        var elements = members().enumerated().map { (String($0.offset), BSONValue.document($0.element)) }
        if random.once(in: 40), let index = elements.indices.randomElement(using: &random) {
            elements[index].0 = random.pick(["00", "0", "+\(index)", "x", "", "-0", "1"])
        }
        if random.once(in: 60) { elements.append((String(elements.count), random.pick(ConfigValues.any))) }
        return BSONArray(document: BSONDocument(elements))
    }

    mutating func members() -> [BSONDocument] {
        var count = random.pick([1, 1, 2, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 12])
        if random.once(in: 100) { count = random.pick([0, 49, 50, 51]) }
        let hasHorizons = random.once(in: 6)
        let areVotersFew = count > 7 && !random.once(in: 4)
        var members = (0..<count).map { index in
            member(index, hasHorizons: hasHorizons, mayVote: !areVotersFew || index < 6)
        }
        if random.once(in: 30), let one = members.randomElement(using: &random) { members.append(one) }
        if random.once(in: 3), !members.isEmpty {
            let index = Int.random(in: 0..<members.count, using: &random)
            for _ in 0..<random.pick([1, 1, 2]) { mutateMember(&members[index]) }
        }
        return members
    }

    /// A member that is mostly well, if sometimes of no use.
    mutating func member(_ index: Int, hasHorizons: Bool, mayVote: Bool) -> BSONDocument {
        var fields: [(String, BSONValue)] = [
            ("_id", .integer(index)), ("host", .string(random.once(in: 150) ? "a:1" : "localhost:\(index + 1)")),
        ]
        if !mayVote {
            fields += [("votes", 0), ("priority", 0)]
        } else if random.once(in: 4) {
            fields.append(contentsOf: role())
        }
        if random.once(in: 6) { fields.append(("tags", .document(tags()))) }
        if hasHorizons, !random.once(in: 12) {
            fields.append(
                ("horizons", .document(["out": .string("h\(index):1"), "far": .string("g\(index):\(index + 1)")]))
            )
        }
        if random.once(in: 8) { fields[2...].shuffle(using: &random) }
        return BSONDocument(fields)
    }

    private mutating func role() -> [(String, BSONValue)] {
        let priority = random.pick([0, 0, 0, 0, 0, 0, 0.0, 0.0, 1, 2, 0.5, 1.0, .double(.nan)] as [BSONValue])
        return switch Int.random(in: 0..<7, using: &random) {
        case 0: [("priority", priority)]
        case 1: [("votes", random.pick([0, 0, 1])), ("priority", priority)]
        case 2: [("hidden", true), ("priority", priority)]
        case 3: [(delayField, random.pick([0, 60, 3600])), ("priority", priority)]
        case 4: [("buildIndexes", false), ("priority", priority)]
        case 5: [("arbiterOnly", true)]
        default: [("arbiterOnly", true), ("priority", priority), ("votes", random.pick([1, 1, 0]))]
        }
    }

    private mutating func tags() -> BSONDocument {
        var tags: BSONDocument = [:]
        for _ in 0..<random.pick([0, 1, 1, 2]) {
            let value: BSONValue =
                random.once(in: 12) ? random.pick(ConfigValues.any) : .string(random.pick(["a", "b", ""]))
            tags.append(random.pick(["dc", "use", "", "$x"]), value)
        }
        return tags
    }

    mutating func settings() -> BSONDocument {
        var settings: [(String, BSONValue)] = []
        let names = [
            "heartbeatIntervalMillis", "heartbeatTimeoutSecs", "electionTimeoutMillis", "catchUpTimeoutMillis",
            "catchUpTakeoverDelayMillis", "chainingAllowed",
        ]
        for name in names where random.once(in: 4) {
            let number = random.once(in: 8) ? random.pick(ConfigValues.numbers) : random.pick([1000, 2000, 10])
            settings.append((name, random.once(in: 20) ? random.pick(ConfigValues.any) : number))
        }
        if random.once(in: 3) { settings.append(("getLastErrorModes", .document(modes()))) }
        if random.once(in: 20) { settings.append(("getLastErrorModes", random.pick(ConfigValues.any))) }
        if random.once(in: 12) { settings.append(("getLastErrorDefaults", .document(harmlessDefaults()))) }
        if random.once(in: 25) { settings.append(("replicaSetId", random.pick(ConfigValues.any))) }
        if random.once(in: 10) { settings.append(("unknown", random.pick(ConfigValues.any))) }
        if random.once(in: 30), let one = settings.randomElement(using: &random) { settings.append(one) }
        if random.once(in: 5) { settings.shuffle(using: &random) }
        return BSONDocument(settings)
    }

    private mutating func modes() -> BSONDocument {
        var modes: BSONDocument = [:]
        for _ in 0..<random.pick([0, 1, 1, 2]) {
            var mode: BSONDocument = [:]
            for _ in 0..<random.pick([0, 1, 1, 2]) {
                let tag = random.pick([
                    "dc", "dc", "use", "", "$x", "$voter", "$all", "$electable", "$configAll", "nobody",
                ])
                let count: BSONValue = random.once(in: 4) ? random.pick(ConfigValues.numbers) : random.pick([1, 2])
                mode.append(tag, random.once(in: 15) ? random.pick(ConfigValues.any) : count)
            }
            let name = random.pick(["one", "two", "majority", ""])
            modes.append(name, random.once(in: 15) ? random.pick(ConfigValues.any) : .document(mode))
        }
        return modes
    }

    /// Default write concerns that do no server harm.
    private mutating func harmlessDefaults() -> BSONDocument {
        random.pick([[:], ["w": 1], ["w": 1, "wtimeout": 0], ["w": 1.5], ["fsync": false], ["w": 1, "wtimeout": "x"]])
    }

    mutating func mutateTop(_ top: inout [(String, BSONValue)]) {
        let index = Int.random(in: 0..<top.count, using: &random)
        switch Int.random(in: 0..<7, using: &random) {
        case 0: top.remove(at: index)
        case 1: top.append(top[index])
        case 2: top[index].1 = random.pick(ConfigValues.any)
        case 3: top.append((random.pick(["unknown", "", "comment", "Version"]), random.pick(ConfigValues.any)))
        case 4:
            let name = random.pick(["version", "term", "protocolVersion"])
            top.removeAll { $0.0 == name }
            top.append((name, random.pick(ConfigValues.numbers)))
        case 5:
            top.append(
                (random.pick(["configsvr", "writeConcernMajorityJournalDefault", "repaired", "term"]), anyValue())
            )
        default:
            top.append(
                (random.pick(["_id", "protocolVersion", "settings", "term"]), random.pick([.null, .undefined, "rs0"]))
            )
        }
        if top.isEmpty { top.append(("_id", "rs0")) }
    }

    private mutating func anyValue() -> BSONValue {
        random.once(in: 2) ? random.pick(ConfigValues.any) : random.pick(ConfigValues.numbers)
    }

    mutating func mutateMember(_ member: inout BSONDocument) {
        switch Int.random(in: 0..<12, using: &random) {
        case 0: member.removeValue(forKey: random.pick(["_id", "host", "priority", "votes"]))
        case 1:
            let keys = member.keys
            if let key = keys.randomElement(using: &random), let value = member[key] { member.append(key, value) }
        case 2: member.set(random.pick(ConfigValues.any), for: random.pick(Self.memberFields))
        case 3: member.append(random.pick(["unknown", "", "Host", "stateStr"]), random.pick(ConfigValues.any))
        case 4, 5: member.set(.string(random.pick(ConfigValues.hosts)), for: "host")
        case 6: member.set(.document(horizons()), for: "horizons")
        case 7: member.set(random.pick(ConfigValues.numbers), for: "_id")
        case 8: member.append(random.pick(Self.memberFields), random.pick([.null, .undefined]))
        case 9: member.set(anyValue(), for: random.pick(["newlyAdded", "slaveDelay", "secondaryDelaySecs", "hidden"]))
        default:
            member.set(random.pick(ConfigValues.numbers), for: random.pick(["votes", "priority", delayField, "_id"]))
        }
    }

    private static let memberFields = [
        "_id", "host", "votes", "priority", "hidden", "slaveDelay", "secondaryDelaySecs", "arbiterOnly", "buildIndexes",
        "tags", "horizons", "newlyAdded",
    ]

    private mutating func horizons() -> BSONDocument {
        var horizons: BSONDocument = [:]
        for _ in 0..<random.pick([0, 1, 1, 1, 2, 2]) {
            let value: BSONValue =
                random.once(in: 15)
                ? random.pick(ConfigValues.any) : .string(random.pick(ConfigValues.horizonHosts))
            horizons.append(random.pick(["out", "out", "far", "far", "__default", ""]), value)
        }
        return horizons
    }
}
