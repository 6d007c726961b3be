/// The config of a replica set, as the servers hold it (`replSetGetConfig`) and take it (`replSetInitiate`,
/// `replSetReconfig`).
///
/// It *is* the whole server document: what this library knows is read from it where it stands, and edits change it in
/// place, so that horizons, tags, settings, fields of newer servers and the BSON types of numbers survive a reconfig
/// untouched. Change it with ``applying(_:serverVersion:)``; whether a server would take it is judged by
/// ``ReplicaSetConfigValidator``.
///
/// A config goes stale on its own: servers raise ``version`` by automatic reconfigs. Read it again before each change.
public struct ReplicaSetConfig: Sendable, Hashable {
    /// The document, fields in the server's order.
    public let document: BSONDocument
    /// The name of the set (`_id`).
    public let setName: ReplicaSetName
    /// How often the config has been changed (`version`), from 1.
    public let version: Int
    /// The members, in the order of the document. Clients and servers know them by ``Member/id``.
    public let members: [Member]

    /// Takes a config document, such as the `config` of a `replSetGetConfig` reply.
    ///
    /// Only what is needed to find one's way in it is checked: a name, a version, and members that have a number and a
    /// host.
    /// - Throws: ``ReplicaKitError`` with ``ReplicaKitError/Code/unexpectedReply`` when it is not such a document.
    public init(document: BSONDocument) throws(ReplicaKitError) {
        guard let name = document["_id"]?.stringValue else { throw Self.malformed("it has no name (_id)") }
        guard let version = document["version"]?.intValue else { throw Self.malformed("it has no version") }
        guard let list = document["members"]?.arrayValue else { throw Self.malformed("it has no members") }
        var members: [Member] = []
        for (index, value) in list.enumerated() {
            guard let member = value.documentValue.flatMap(Member.init(document:)) else {
                throw Self.malformed("members[\(index)] has no number (_id) or no host")
            }
            members.append(member)
        }
        self.document = document
        self.setName = ReplicaSetName(rawValue: name)
        self.version = version
        self.members = members
    }

    private static func malformed(_ why: String) -> ReplicaKitError {
        ReplicaKitError(.unexpectedReply, "this is not a replica set config: \(why)")
    }

    /// The election term that the config was written in (`term`); `nil` where there is none, as after a forced reconfig
    /// or in a document for `replSetInitiate`.
    public var term: Int64? {
        guard let term = document["term"]?.int64Value, term >= 0 else { return nil }
        return term
    }

    /// The settings of the set, each with the server's default where the document does not name it.
    public var settings: Settings { Settings(document: document["settings"]?.documentValue ?? BSONDocument()) }

    /// The member with that number, or nil.
    public func member(_ id: MemberID) -> Member? {
        members.first { $0.id == id }
    }

    /// The member at that address, or nil.
    public func member(_ host: MemberAddress) -> Member? {
        members.first { $0.host == host }
    }
}

extension ReplicaSetConfig: Codable {
    /// Decodes the whole document: BSON as it is, other formats as a string of Extended JSON.
    public init(from decoder: any Decoder) throws {
        try self.init(document: BSONDocument(from: decoder))
    }

    /// Encodes the whole document, with all BSON types: in formats other than BSON as a string of Extended JSON.
    public func encode(to encoder: any Encoder) throws {
        try document.encode(to: encoder)
    }
}

extension ReplicaSetConfig: CustomStringConvertible {
    /// One line for people and logs.
    public var description: String {
        "\(setName) version \(version): " + members.map(\.description).joined(separator: ", ")
    }
}
