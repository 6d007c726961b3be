import ReplicaKit
import Testing

/// A command and the document that it must be.
struct EncodingCase: Sendable, CustomTestStringConvertible {
    let command: any ServerCommand
    let document: BSONDocument
    var database = "admin"
    var testDescription: String { command.description }

    static let config = Shapes.config([FakeMember(0)])

    static func all() throws -> [EncodingCase] {
        let config = try ReplicaSetConfig(document: config)
        let majority = WriteConcernSpec()
        let test = Namespace(database: "test", collection: "t")
        return [
            EncodingCase(command: Hello(), document: ["hello": 1]),
            EncodingCase(command: Ping(), document: ["ping": 1]),
            EncodingCase(command: BuildInfo(), document: ["buildInfo": 1]),
            EncodingCase(command: ReplSetGetStatus(), document: ["replSetGetStatus": 1]),
            EncodingCase(command: ReplSetGetConfig(), document: ["replSetGetConfig": 1]),
            EncodingCase(
                command: ReplSetGetConfig(commitmentStatus: true, includesNewlyAdded: true),
                document: ["replSetGetConfig": 1, "commitmentStatus": true, "$_internalIncludeNewlyAdded": true]
            ),
            EncodingCase(
                command: ReplSetInitiate(config: config),
                document: ["replSetInitiate": .document(Self.config)]
            ),
            EncodingCase(
                command: ReplSetReconfig(config: config),
                document: ["replSetReconfig": .document(Self.config)]
            ),
            EncodingCase(
                command: ReplSetReconfig(config: config, force: true, maxTime: .milliseconds(1500)),
                document: ["replSetReconfig": .document(Self.config), "force": true, "maxTimeMS": .int64(1500)]
            ),
            EncodingCase(
                command: ReplSetStepDown(period: .seconds(60), secondaryCatchUp: .milliseconds(9500)),
                document: ["replSetStepDown": .int64(60), "secondaryCatchUpPeriodSecs": .int64(10)]
            ),
            EncodingCase(
                command: ReplSetStepDown(period: .seconds(5), force: true),
                document: ["replSetStepDown": .int64(5), "force": true]
            ),
            EncodingCase(command: ReplSetStepUp(), document: ["replSetStepUp": 1]),
            EncodingCase(command: ReplSetAbortPrimaryCatchUp(), document: ["replSetAbortPrimaryCatchUp": 1]),
            EncodingCase(command: ReplSetFreeze(period: .zero), document: ["replSetFreeze": .int64(0)]),
            EncodingCase(
                command: ReplSetSyncFrom(source: Shapes.address(1)),
                document: ["replSetSyncFrom": "127.0.0.1:27301"]
            ),
            EncodingCase(command: Shutdown(), document: ["shutdown": 1]),
            EncodingCase(
                command: Shutdown(timeout: .seconds(1), force: true),
                document: ["shutdown": 1, "force": true, "timeoutSecs": .int64(1)]
            ),
            EncodingCase(command: UsersInfo(), document: ["usersInfo": 1]),
            EncodingCase(
                command: UsersInfo(user: "admin", database: "x"),
                document: ["usersInfo": "admin"],
                database: "x"
            ),
            EncodingCase(
                command: SetDefaultRWConcern(writeConcern: majority, acknowledged: majority),
                document: [
                    "setDefaultRWConcern": 1,
                    "defaultWriteConcern": ["w": "majority", "j": true, "wtimeout": 10000],
                    "writeConcern": ["w": "majority", "j": true, "wtimeout": 10000],
                ]
            ),
            EncodingCase(command: GetDefaultRWConcern(), document: ["getDefaultRWConcern": 1]),
            EncodingCase(
                command: GetFeatureCompatibilityVersion(),
                document: ["getParameter": 1, "featureCompatibilityVersion": 1]
            ),
            EncodingCase(
                command: FindOplogEntry(.last),
                document: [
                    "find": "oplog.rs", "sort": ["$natural": -1],
                    "projection": ["_id": 0, "ts": 1, "t": 1, "wall": 1], "limit": 1, "singleBatch": true,
                    "readConcern": ["level": "local"],
                ],
                database: "local"
            ),
            EncodingCase(
                command: InsertOne(["x": 1], into: test, writeConcern: WriteConcernSpec(w: .members(3), j: nil)),
                document: [
                    "insert": "t", "documents": [["x": 1]], "writeConcern": ["w": 3, "wtimeout": 10000],
                ],
                database: "test"
            ),
            EncodingCase(command: DropCollection(test), document: ["drop": "t"], database: "test"),
        ]
    }
}

@Suite("Commands as they are sent")
struct CommandEncodingTests {
    @Test("each is the server's own document", arguments: try EncodingCase.all())
    func encoding(_ testCase: EncodingCase) {
        #expect(testCase.command.encoded() == testCase.document)
        #expect(testCase.command.database == testCase.database)
        #expect(testCase.command.encoded().keys.first == type(of: testCase.command).name)
    }

    @Test("a password is sent and never shown")
    func redaction() {
        let command = CreateUser(user: "admin", password: Secret("p4ssw0rd"), roles: [.root])
        #expect(command.encoded()["pwd"] == "p4ssw0rd")
        #expect(command.encoded()[path: "roles", "0"] == ["role": "root", "db": "admin"])
        var dumped = ""
        dump(command, to: &dumped)
        for text in [command.description, "\(command)", String(reflecting: command), dumped] {
            #expect(!text.contains("p4ssw0rd"))
        }
        #expect(command.description.contains("<redacted>"))
    }

    @Test("the trimmed server status leaves out what is large, unless it is asked for")
    func serverStatus() {
        let plain = ServerStatus().encoded()
        #expect(plain["metrics"] == 0)
        #expect(plain["wiredTiger"] == 0)
        #expect(!plain.contains("connections"))
        let more = ServerStatus(including: ["metrics"]).encoded()
        #expect(more["metrics"] == 1)
        #expect(more.keys.filter { $0 == "metrics" }.count == 1)
    }
}
