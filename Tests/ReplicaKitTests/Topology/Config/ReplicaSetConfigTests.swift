import Foundation
import ReplicaKit
import Testing

@Suite("Replica set config")
struct ReplicaSetConfigTests {
    /// As a 6.0 answers, with fields that this library does not know.
    static let document: BSONDocument = [
        "_id": "rs0", "version": .int32(7), "term": .int64(3),
        "members": [
            [
                "_id": .int32(0), "host": "a:27017", "arbiterOnly": false, "buildIndexes": true, "hidden": false,
                "priority": 2.0, "tags": ["dc": "east"], "horizons": ["outside": "a.example:27017"],
                "secondaryDelaySecs": .int64(0), "votes": .int32(1), "future": ["x": 1.5],
            ],
            ["_id": .int32(1), "host": "b:27018", "priority": 1.0, "votes": .int64(1), "newlyAdded": true],
            ["_id": .int32(5), "host": "[::1]:27019", "priority": 0.0, "votes": .double(0), "hidden": true],
            ["_id": .int32(6), "host": "c", "arbiterOnly": true, "priority": 0.0, "votes": .int32(1)],
        ],
        "protocolVersion": .int64(1), "writeConcernMajorityJournalDefault": true,
        "settings": [
            "chainingAllowed": false, "heartbeatIntervalMillis": .int32(500), "futureSetting": "kept",
            "replicaSetId": Self.setID,
        ],
        "futureTop": [1, 2],
    ]
    static let six = ServerVersion(6, 0, 5)
    static let setID = ObjectID("0123456789abcdef01234567").map { BSONValue.objectID($0) } ?? .null

    @Test("What the library knows is read from the document where it stands")
    func reading() throws {
        let config = try ReplicaSetConfig(document: Self.document)
        #expect(config.setName == "rs0" && config.version == 7 && config.term == 3)
        #expect(config.members.map(\.id) == [0, 1, 5, 6])
        #expect(config.members.map(\.host.description) == ["a:27017", "b:27018", "[::1]:27019", "c:27017"])
        #expect(config.members.map(\.isVoter) == [true, false, false, true])
        #expect(config.members.map(\.isElectable) == [true, false, false, false])
        #expect(config.members[0].tags == ["dc": "east"])
        #expect(config.members[0].horizons == ["outside": "a.example:27017"])
        #expect(config.members[2].isHidden && config.members[2].votes == 0 && config.members[3].isArbiter)
        #expect(!config.settings.isChainingAllowed && config.settings.heartbeatIntervalMillis == 500)
        #expect(config.settings.electionTimeoutMillis == 10000 && config.settings.catchUpTimeoutMillis == -1)
        #expect(config.settings.replicaSetID == Self.setID.objectIDValue)
        #expect(config.majorityVoteCount == 2 && config.writeMajority == 1)
        #expect(config.member(5)?.host.port == 27019)
    }

    @Test(
        "Delays are read under both of their names",
        arguments: [("slaveDelay", 60), ("secondaryDelaySecs", 60), ("other", 0)]
    )
    func delays(key: String, seconds: Int) throws {
        let member = try #require(ReplicaSetConfig.Member(document: ["_id": 0, "host": "a:1", .init(key): 60]))
        #expect(member.delaySeconds == seconds)
    }

    @Test(
        "What is no config is refused",
        arguments: [
            [:], ["_id": "a", "members": []], ["_id": "a", "version": 1], ["_id": 1, "version": 1, "members": []],
            ["_id": "a", "version": .double(.nan), "members": []], ["_id": "a", "version": 1, "members": [1]],
            ["_id": "a", "version": 1, "members": [["_id": 0]]],
            ["_id": "a", "version": 1, "members": [["_id": .double(.infinity), "host": "a:1"]]],
        ] as [BSONDocument]
    )
    func refused(document: BSONDocument) {
        let error = #expect(throws: ReplicaKitError.self) { try ReplicaSetConfig(document: document) }
        #expect(error?.code == .unexpectedReply)
    }

    @Test("A journal keeps every byte")
    func coding() throws {
        let config = try ReplicaSetConfig(document: Self.document)
        let data = try JSONEncoder().encode([config])
        #expect(try JSONDecoder().decode([ReplicaSetConfig].self, from: data) == [config])
    }

    @Test("Edits change what they name and nothing else")
    func lossless() throws {
        let config = try ReplicaSetConfig(document: Self.document)
        let edited = try config.applying([.setPriority(of: MemberAddress("a"), to: 3)], serverVersion: Self.six)
        var expected = Self.document
        var members = (Self.document["members"]?.arrayValue ?? []).compactMap(\.documentValue)
        members[0].set(3.0, for: "priority")
        members[1].removeValue(forKey: "newlyAdded")
        expected.set(.int32(8), for: "version")
        expected.set(.array(BSONArray(members.map { .document($0) })), for: "members")
        #expect(edited.document == expected)
    }

    @Test("Numbers keep the type that stands there")
    func numberTypes() throws {
        let config = try ReplicaSetConfig(document: Self.document)
        let (b, c) = (try MemberAddress("b:27018"), try MemberAddress("[::1]:27019"))
        let edited = try config.applying(
            [
                .setVotes(of: b, to: 0), .setVotes(of: c, to: 1),
                .setSetting("heartbeatIntervalMillis", to: .integer(9)),
                .setSetting("electionTimeoutMillis", to: .integer(1000)), .removeSetting("chainingAllowed"),
            ],
            serverVersion: Self.six
        )
        #expect(edited.document[path: "members", "1", "votes"] == .int64(0))
        #expect(edited.document[path: "members", "2", "votes"] == .double(1))
        #expect(
            edited.document["settings"] == [
                "heartbeatIntervalMillis": .int32(9), "futureSetting": "kept",
                "replicaSetId": Self.setID, "electionTimeoutMillis": 1000,
            ]
        )
        #expect(try config.votingChange(by: [.setVotes(of: b, to: 0)], serverVersion: Self.six).lost == [b])
        #expect(config.votingChange(to: edited) == .init(gained: [c], lost: [b]))
    }

    @Test("A new member gets the next number, and its delay the name that the config uses")
    func adding() throws {
        let config = try ReplicaSetConfig(document: Self.document)
        let new = ConfigEdit.NewMember(
            host: try MemberAddress("d:1"),
            priority: 0,
            votes: 0,
            hidden: true,
            delaySeconds: 60,
            tags: ["z": "1", "a": "2"]
        )
        let edited = try config.applying([.addMember(new)], serverVersion: ServerVersion(4, 4))
        #expect(
            edited.members.last?.document == [
                "_id": 7, "host": "d:1", "hidden": true, "priority": 0.0, "votes": 0, "secondaryDelaySecs": 60,
                "tags": ["a": "2", "z": "1"],
            ]
        )
        let old = try ReplicaSetConfig(document: ["_id": "a", "version": 1, "members": [["_id": 255, "host": "a:1"]]])
        let grown = try old.applying([.addMember(new)], serverVersion: ServerVersion(4, 4))
        #expect(grown.members.last?.id == 0)
        #expect(grown.members.last?.document["slaveDelay"] == 60)
        #expect(old.nextMemberID(serverVersion: Self.six) == 256)
    }

    @Test("An edit of a member that is not there, or would be there twice, is refused")
    func refusedEdits() throws {
        let config = try ReplicaSetConfig(document: Self.document)
        let (a, nobody) = (try MemberAddress("a:27017"), try MemberAddress("nobody:1"))
        let cases: [(ConfigEdit, ReplicaKitError.Code)] = [
            (.removeMember(nobody), .unknownMember), (.setDelay(of: nobody, toSeconds: 1), .unknownMember),
            (.addMember(.init(host: a, priority: 1, votes: 1)), .invalidArgument),
            (.addMember(.init(host: nobody, priority: 1, votes: 1, id: 5)), .invalidArgument),
            (.setHost(of: try MemberAddress("b:27018"), to: a), .invalidArgument),
        ]
        for (edit, code) in cases {
            let error = #expect(throws: ReplicaKitError.self) { try config.applying([edit], serverVersion: Self.six) }
            #expect(error?.code == code, "\(edit)")
        }
    }

    @Test("Edits stand in a journal and say what they do")
    func edits() throws {
        let host = try MemberAddress("a:1")
        let edits: [(ConfigEdit, String)] = [
            (.addMember(.init(host: host, priority: 0.5, votes: 1)), "add member a:1 with votes 1, priority 0.5"),
            (.removeMember(host), "remove member a:1"), (.setPriority(of: host, to: 2), "set priority of a:1 to 2"),
            (.setHidden(of: host, to: true), "hide a:1"), (.setDelay(of: host, toSeconds: 60), "delay a:1 by 60 s"),
            (.setTags(of: host, to: ["b": "2", "a": "1"]), "set tags of a:1 to a: 1, b: 2"),
            (.setSetting("chainingAllowed", to: .boolean(false)), "set settings.chainingAllowed to false"),
            (.setHost(of: host, to: MemberAddress(host: "b", port: 2)), "move member a:1 to b:2"),
        ]
        for (edit, text) in edits {
            #expect(edit.description == text)
            let data = try JSONEncoder().encode(edit)
            #expect(try JSONDecoder().decode(ConfigEdit.self, from: data) == edit)
        }
    }

    @Test("A spec becomes the config of a new set, without what is the server's default")
    func spec() throws {
        let spec = ReplicaSetSpec(
            name: "rs1",
            members: [
                MemberSpec(name: "one", host: try MemberAddress("a"), priority: 2),
                MemberSpec(name: "two", host: try MemberAddress("b:2"), votes: 0, delaySeconds: 5),
                MemberSpec(name: "three", host: try MemberAddress("c:3"), arbiter: true),
            ],
            settings: SettingsSpec(heartbeatIntervalMillis: 100)
        )
        let whole = try ReplicaSetConfig(spec: spec, serverVersion: ServerVersion(4, 4, 2))
        #expect(
            whole.document == [
                "_id": "rs1", "version": 1,
                "members": [
                    ["_id": 0, "host": "a:27017", "priority": 2.0],
                    ["_id": 1, "host": "b:2", "priority": 0.0, "votes": 0, "slaveDelay": 5],
                    ["_id": 2, "host": "c:3", "arbiterOnly": true, "priority": 0.0],
                ],
                "settings": ["heartbeatIntervalMillis": 100],
            ]
        )
        let first = try ReplicaSetConfig(spec: spec, serverVersion: Self.six, members: ["two"])
        #expect(first.members.map(\.host.port) == [2] && first.members[0].document["secondaryDelaySecs"] == 5)
        #expect(throws: ReplicaKitError.self) {
            try ReplicaSetConfig(spec: spec, serverVersion: Self.six, members: ["four"])
        }
    }
}
