import ReplicaKit

extension ConfigGenerator {
    /// A config to follow another: mostly a sensible change of it, with some things in it that are not.
    ///
    /// - Parameters:
    ///   - old: The config in force.
    ///   - force: Whether it is to be sent with force.
    ///   - hasWildSettings: Whether election and heartbeat times may change, which a set of several real members would
    ///     not survive.
    mutating func next(after old: BSONDocument, force: Bool, hasWildSettings: Bool) -> BSONDocument {
        var top = old.map { ($0.key, $0.value) }.filter { $0.0 != "term" }
        let version = old["version"]?.intValue ?? 1
        // The highest version leaves no room for what force adds; without force it would be the last of all.
        let limit = Int(Int32.max) - version + (force ? 0 : 1)
        let step = random.once(in: 8) ? random.pick([0, -1, 2, 1000, limit]) : 1
        Self.set(.integer(version + step), for: "version", in: &top)
        var members = (old["members"]?.arrayValue ?? []).compactMap { $0.documentValue?.removing("newlyAdded") }
        for _ in 0..<random.pick([0, 1, 1, 1, 2, 2, 3]) { change(&members) }
        let array =
            random.once(in: 60)
            ? memberArray() : BSONArray(members.map { BSONValue.document($0) })
        Self.set(.array(array), for: "members", in: &top)
        if random.once(in: 8) { top.removeAll { $0.0 == "settings" } }
        if hasWildSettings, random.once(in: 5) {
            var settings = old["settings"]?.documentValue ?? [:]
            for (key, value) in self.settings() { settings.set(value, for: key) }
            Self.set(.document(settings), for: "settings", in: &top)
        }
        if random.once(in: 12) { top.append(("term", .int64(Int64.random(in: -2...9, using: &random)))) }
        if hasWildSettings, random.once(in: 10) { mutateTop(&top) }
        if random.once(in: 40) { Self.set(.string("rs1"), for: "_id", in: &top) }
        return BSONDocument(top)
    }

    private static func set(_ value: BSONValue, for key: String, in fields: inout [(String, BSONValue)]) {
        if let index = fields.firstIndex(where: { $0.0 == key }) {
            fields[index].1 = value
        } else {
            fields.append((key, value))
        }
    }

    private mutating func change(_ members: inout [BSONDocument]) {
        let added = "localhost:\(Int.random(in: 1...9, using: &random))"
        guard let index = members.indices.randomElement(using: &random) else {
            members.append(["_id": 0, "host": .string(added)])
            return
        }
        let other = members.indices.randomElement(using: &random) ?? index
        switch Int.random(in: 0..<16, using: &random) {
        case 0, 1: members.append(newMember(at: added, beside: members))
        case 2:
            members.append(newMember(at: added, beside: members).setting(0, for: "votes").setting(0, for: "priority"))
        case 3: members.append(newMember(at: added, beside: members).setting(true, for: "arbiterOnly"))
        case 4, 5: members.remove(at: index)
        case 6: (members[index], members[other]) = (members[other], members[index])
        case 7:
            let hosts = (members[index]["host"] ?? "", members[other]["host"] ?? "")
            members[index].set(hosts.1, for: "host")
            members[other].set(hosts.0, for: "host")
        case 8: members[index].set(.integer(Int.random(in: 0...20, using: &random)), for: "_id")
        case 9: members[index].set(.string(added), for: "host")
        case 10, 11:
            let votes = random.pick([0, 0, 1, 1, 1])
            members[index].set(.integer(votes), for: "votes")
            if votes == 0 || random.once(in: 3) { members[index].set(0, for: "priority") }
        case 12: members[index].set(random.pick([0, 1, 2, 0.5, 1000, 1001]), for: "priority")
        case 13: members[index].set(.bool(random.once(in: 2)), for: random.pick(["buildIndexes", "arbiterOnly"]))
        case 14:
            members[index].set(true, for: "hidden")
            members[index].set(0, for: "priority")
        default: mutateMember(&members[index])
        }
    }

    private mutating func newMember(at host: String, beside members: [BSONDocument]) -> BSONDocument {
        let highest = members.compactMap { $0["_id"]?.intValue }.filter { $0 < 1000 }.max() ?? 0
        return ["_id": .integer(highest + 1), "host": .string(host)]
    }
}
