/// The members and settings of a config while edits are made to them.
struct ConfigEditor {
    private(set) var members: [BSONDocument]
    private(set) var settings: BSONDocument
    private let serverVersion: ServerVersion
    private let setName: ReplicaSetName

    init(_ config: ReplicaSetConfig, serverVersion: ServerVersion) {
        members = config.members.map(\.document)
        settings = config.settings.document
        setName = config.setName
        self.serverVersion = serverVersion
    }

    mutating func apply(_ edit: ConfigEdit) throws(ReplicaKitError) {
        switch edit {
        case .addMember(let new): try add(new)
        case .removeMember(let host): members.remove(at: try index(of: host))
        case .setHost(let host, let new): try move(host, to: new)
        case .setPriority(let host, let priority): members[try index(of: host)].set(.double(priority), for: "priority")
        case .setVotes(let host, let votes): members[try index(of: host)].setNumber(votes, for: "votes")
        case .setHidden(let host, let hidden): members[try index(of: host)].set(.bool(hidden), for: "hidden")
        case .setDelay(let host, let seconds):
            let index = try index(of: host)
            members[index].setNumber(seconds, for: delayKey(of: members[index]))
        case .setTags(let host, let tags): members[try index(of: host)].set(.document(Self.texts(tags)), for: "tags")
        case .setHorizons(let host, let horizons):
            let index = try index(of: host)
            members[index]["horizons"] = horizons.isEmpty ? nil : .document(Self.texts(horizons))
        case .setSetting(let name, .integer(let number)): settings.setNumber(number, for: name)
        case .setSetting(let name, .boolean(let flag)): settings.set(.bool(flag), for: name)
        case .setSetting(let name, .modes(let modes)): settings.set(.document(Self.modes(modes)), for: name)
        case .removeSetting(let name): settings.removeValue(forKey: name)
        }
    }

    private mutating func add(_ new: ConfigEdit.NewMember) throws(ReplicaKitError) {
        let present = members.compactMap(ReplicaSetConfig.Member.init(document:))
        if let double = present.first(where: { $0.host == new.host || $0.id == new.id }) {
            throw ReplicaKitError(
                .invalidArgument,
                "\(setName) already has the member \(double.host) with the number \(double.id)",
                member: new.host
            )
        }
        let id = new.id ?? ReplicaSetConfig.nextMemberID(after: present.map(\.id), serverVersion: serverVersion)
        members.append(Self.document(new, id: id, delayKey: delayKey(of: BSONDocument())))
    }

    private mutating func move(_ host: MemberAddress, to new: MemberAddress) throws(ReplicaKitError) {
        let index = try index(of: host)
        if host != new, (try? self.index(of: new)) != nil {
            throw ReplicaKitError(.invalidArgument, "\(setName) already has the member \(new)", member: new)
        }
        members[index].set(.string(new.description), for: "host")
    }

    private func index(of host: MemberAddress) throws(ReplicaKitError) -> Int {
        let hosts = members.map { ReplicaSetConfig.Member(document: $0)?.host }
        if let index = hosts.firstIndex(of: host) { return index }
        throw ReplicaKitError(
            .unknownMember,
            "the config of \(setName) has no member at \(host)",
            hint: "Its members are: \(hosts.compactMap { $0?.description }.joined(separator: ", "))."
        )
    }

    /// How a delay is spelt: as the server wrote it where it wrote one, because 5.0 goes on with `slaveDelay` until its
    /// feature compatibility version is raised; else by the server's version.
    private func delayKey(of member: BSONDocument) -> String {
        for document in [member] + members {
            for key in ["slaveDelay", "secondaryDelaySecs"] where document.contains(key) { return key }
        }
        return serverVersion.isAtLeast(5, 0) ? "secondaryDelaySecs" : "slaveDelay"
    }

    /// The document of a new member; what is the server's default is left out.
    static func document(_ new: ConfigEdit.NewMember, id: MemberID, delayKey: String) -> BSONDocument {
        var document: BSONDocument = ["_id": .integer(id.rawValue), "host": .string(new.host.description)]
        if new.arbiter { document.append("arbiterOnly", true) }
        if new.hidden { document.append("hidden", true) }
        if new.priority != 1 { document.append("priority", .double(new.priority)) }
        if new.votes != 1 { document.append("votes", .integer(new.votes)) }
        if new.delaySeconds != 0 { document.append(delayKey, .integer(new.delaySeconds)) }
        if !new.tags.isEmpty { document.append("tags", .document(texts(new.tags))) }
        return document
    }

    /// In the order of the keys, so that the same texts are the same bytes.
    private static func texts(_ texts: [String: String]) -> BSONDocument {
        BSONDocument(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }

    private static func modes(_ modes: [String: [String: Int]]) -> BSONDocument {
        BSONDocument(
            modes.sorted { $0.key < $1.key }.map { name, tags in
                (name, .document(BSONDocument(tags.sorted { $0.key < $1.key }.map { ($0.key, .integer($0.value)) })))
            }
        )
    }
}
