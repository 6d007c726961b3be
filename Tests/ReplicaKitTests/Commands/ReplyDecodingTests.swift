import ReplicaKit
import Testing

@Suite("Replies as servers give them")
struct ReplyDecodingTests {
    @Test func linesOfALogAreFoundByTheirNumber() {
        func line(_ id: Int, _ message: String) -> BSONValue {
            .string(
                #"{"t":{"$date":"2026-12-01T04:36:09.320+00:00"},"s":"I",  "c":"ROLLBACK", "id":\#(id),   "#
                    + #""ctx":"BackgroundSync","msg":"\#(message)","attr":{"id":21612,"n":1}}"#
            )
        }
        let log: BSONArray = [
            line(21612, "one"), line(216120, "two"), .string("cut off \"id\":21612, here"), line(21612, "three"),
        ]
        let reply = GetLog.Reply(document: ["log": .array(log)])
        #expect(reply.lines(id: 21612).map(\.message) == ["one", "three"])
    }

    @Test("hello of a primary tells its term by its election's id")
    func helloOfPrimary() throws {
        let members = FakeMember.healthySet
        let hello = try HelloReply(document: Shapes.hello(members[0], members: members))
        #expect(hello.isWritablePrimary && !hello.isSecondary && !hello.isArbiter && !hello.awaitsConfig)
        #expect(hello.electionTerm == 2)
        #expect(hello.setName == "rs0")
        #expect(hello.me == Shapes.address(0))
        #expect(hello.visibleMembers == (0..<3).map(Shapes.address))
    }

    @Test("an election's id holds the term in its last eight bytes")
    func electionID() throws {
        let hello = try HelloReply(document: [
            "isWritablePrimary": true, "localTime": Shapes.date(0),
            "electionId": ObjectID("7fffffff000000000000012c").map { .objectID($0) } ?? .null,
        ])
        #expect(hello.electionTerm == 300)
    }

    @Test("what servers write as zero for unknown is nil")
    func zeroes() throws {
        var viewer = FakeMember.healthySet[0]
        viewer.sees[2] = .down
        let status = try ReplSetStatusReply(document: Shapes.status(viewer, members: FakeMember.healthySet))
        let down = try #require(status.members.last)
        #expect(!down.isHealthy)
        #expect(down.applied == nil)
        #expect(down.appliedWall == nil)
        #expect(status.syncSource == nil)
        #expect(status.ownEntry?.id == 0)
        let arbiter = FakeMember(1, .arbiter) { $0.isArbiter = true }
        #expect(try ReplSetStatusReply(document: Shapes.status(arbiter, members: [arbiter])).durable == nil)
    }

    @Test("numbers may have any number type")
    func numberTypes() throws {
        let status = try ServerStatusReply(document: [
            "version": "4.4.2", "uptime": .int64(7), "localTime": Shapes.date(0), "pid": 12,
            "connections": ["current": 201.0, "available": .int64(-1)],
        ])
        #expect(status.uptimeSeconds == 7)
        #expect(status.processID == 12)
        #expect(status.currentConnections == 201)
        #expect(status.availableConnections == -1)
        #expect(status.residentMegabytes == nil)
    }

    @Test(
        "a missing or wrong field is named with its path",
        arguments: [
            ("set", "set is missing"), ("members", "members is missing"), ("myState", "myState is missing"),
        ]
    )
    func missingField(key: String, message: String) throws {
        let member = FakeMember(0)
        let document = Shapes.status(member, members: [member]).removing(key)
        let error = try #require(throws: ReplyFieldError.self) { try ReplSetStatusReply(document: document) }
        #expect(error.description == message)
    }

    @Test("a wrong type inside an array is named with its index")
    func wrongType() throws {
        let document: BSONDocument = [
            "set": "rs0", "date": Shapes.date(0), "myState": 1, "members": [["_id": 0, "name": 5]],
        ]
        let error = try #require(throws: ReplyFieldError.self) { try ReplSetStatusReply(document: document) }
        #expect(error.description == "members.0.name is not a string but int")
    }

    @Test("a default that nobody has set is told apart from one that someone has", arguments: DefaultCase.all)
    func defaults(_ testCase: DefaultCase) {
        #expect(DefaultRWConcernReply(document: testCase.reply).isExplicit == testCase.isExplicit)
    }

    @Test("oplog entries may lack a term, and an oplog may be empty")
    func oplog() throws {
        let first = try FindOplogEntry.Reply(document: [
            "cursor": ["firstBatch": [["ts": .timestamp(BSONTimestamp(seconds: 5, increment: 1))]]]
        ])
        #expect(first.entry == OplogEntry(timestamp: BSONTimestamp(seconds: 5, increment: 1)))
        #expect(try FindOplogEntry.Reply(document: Shapes.cursor(nil)).entry == nil)
    }

    @Test("users come with roles and mechanisms, never passwords")
    func users() throws {
        let reply = try UsersInfo.Reply(document: [
            "users": [
                [
                    "_id": "admin.admin", "user": "admin", "db": "admin", "roles": [["role": "root", "db": "admin"]],
                    "mechanisms": ["SCRAM-SHA-1", "SCRAM-SHA-256"],
                ]
            ]
        ])
        #expect(reply.users.first?.roles == [.root])
        #expect(reply.users.first?.mechanisms == ["SCRAM-SHA-1", "SCRAM-SHA-256"])
    }

    @Test("the server's own databases are not user data")
    func databases() throws {
        let names: [BSONValue] = ["admin", "config", "local", "shop"].map { ["name": $0] }
        let reply = try ListDatabases.Reply(document: ["databases": .array(BSONArray(names))])
        #expect(reply.userDatabases == ["shop"])
    }

    @Test("a connection that closes is the success of a shutdown, and of nothing else")
    func shutdown() async throws {
        let connection = ClosingConnection()
        _ = try await connection.run(Shutdown(), timeout: .seconds(1))
        #expect(await codeThrown { _ = try await connection.run(Ping(), timeout: .seconds(1)) } == .connectionClosed)
    }
}

struct DefaultCase: Sendable {
    let reply: BSONDocument
    let isExplicit: Bool

    static let all = [
        // 4.4.2 says nothing; from 5.0 on the source is told.
        DefaultCase(reply: ["localUpdateWallClockTime": Shapes.date(1)], isExplicit: false),
        DefaultCase(reply: ["defaultWriteConcern": ["w": 1]], isExplicit: true),
        DefaultCase(
            reply: ["defaultWriteConcern": ["w": "majority"], "defaultWriteConcernSource": "implicit"],
            isExplicit: false
        ),
        DefaultCase(
            reply: ["defaultWriteConcern": ["w": "majority"], "defaultWriteConcernSource": "global"],
            isExplicit: true
        ),
    ]
}

/// A member that closes the connection whatever it is asked.
struct ClosingConnection: MemberConnection {
    let address = Shapes.address(0)

    func run(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> BSONDocument {
        throw ReplicaKitError(.connectionClosed, "the connection is closed", member: address)
    }

    func cursor(_ command: BSONDocument, on database: String, timeout: Duration) async throws -> any DocumentCursor {
        throw ReplicaKitError(.connectionClosed, "the connection is closed", member: address)
    }

    func insert(
        _ documents: DocumentBatch,
        into namespace: Namespace,
        options: InsertOptions,
        timeout: Duration
    ) async throws -> Int { 0 }
}
