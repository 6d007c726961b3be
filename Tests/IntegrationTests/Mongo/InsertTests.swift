import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("Raw inserts", .realServers("6.0.5", "4.4.2"), .serialized)
struct InsertTests {
    private let driver = LibMongoCDriver.quiet

    private func withConnection(
        _ version: String,
        _ body: (any MemberConnection) async throws -> Void
    ) async throws {
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20), body)
        }
    }

    private func insert(
        _ documents: [BSONDocument],
        into collection: String,
        of database: String = "test",
        options: InsertOptions = InsertOptions(),
        over connection: any MemberConnection
    ) async throws -> Int {
        var batch = DocumentBatch()
        for document in documents { batch.append(document) }
        return try await connection.insert(
            batch,
            into: Namespace(database: database, collection: collection),
            options: options,
            timeout: .seconds(60)
        )
    }

    private func read(
        _ collection: String,
        of database: String = "test",
        over connection: any MemberConnection
    ) async throws -> [BSONDocument] {
        let find: BSONDocument = ["find": .string(collection), "sort": ["$natural": 1]]
        let reply = try await connection.run(find, on: database, timeout: .seconds(20))
        return reply[path: "cursor", "firstBatch"]?.arrayValue?.compactMap(\.documentValue) ?? []
    }

    @Test("What the server does not change comes back byte for byte", arguments: RealServers.tested)
    func bytes(version: String) async throws {
        let documents: [BSONDocument] = [
            ["_id": 1, "$dollar": 1, "a.b": ["$c.d": 2, "": 3]],
            ["_id": ["nested": ["x": 1.5, "y": .null]], "same": 1, "same": 2],
            [
                "_id": .objectID(try #require(ObjectID("0123456789abcdef01234567"))), "symbol": .symbol("s"),
                "undefined": .undefined, "min": .minKey,
            ],
            ["_id": .int64(7), "date": .dateTime(BSONDateTime(milliseconds: -1)), "max": .maxKey],
        ]
        try await withConnection(version) { connection in
            // Servers before 5.0 refuse top-level keys with a dollar: what reaches them is theirs to judge.
            let accepted = version.hasPrefix("4.") ? Array(documents.dropFirst()) : documents
            #expect(try await insert(accepted, into: "docs", over: connection) == accepted.count)
            let back = try await read("docs", over: connection)
            #expect(back == accepted)
            if accepted.count < documents.count {
                let error = try await replicaKitError {
                    _ = try await insert([documents[0]], into: "x", over: connection)
                }
                #expect(error.code == .commandFailed)
                #expect(error.server?.message.contains("$dollar") == true)
            }
        }
    }

    @Test("Where a document has no _id, the server decides", arguments: RealServers.tested)
    func withoutID(version: String) async throws {
        try await withConnection(version) { connection in
            #expect(try await insert([["a": 1], ["b": 2, "_id": 9]], into: "docs", over: connection) == 2)
            let back = try await read("docs", over: connection)
            #expect(back.map(\.keys) == [["_id", "a"], ["_id", "b"]])
            #expect(back.first?["_id"]?.objectIDValue != nil)
            #expect(back.last?["_id"]?.intValue == 9)
        }
    }

    @Test("Ordered inserts stop at the first error, unordered ones try all", arguments: RealServers.tested)
    func order(version: String) async throws {
        let documents: [BSONDocument] = [["_id": 1], ["_id": 1], ["_id": 2], ["_id": 2], ["_id": 3]]
        try await withConnection(version) { connection in
            for (ordered, expected) in [(true, [1]), (false, [1, 2, 3])] {
                let collection = ordered ? "ordered" : "unordered"
                let error = try await replicaKitError {
                    _ = try await insert(
                        documents,
                        into: collection,
                        options: InsertOptions(ordered: ordered),
                        over: connection
                    )
                }
                #expect(error.code == .commandFailed)
                #expect(error.server?.code == 11000)
                #expect(try await read(collection, over: connection).compactMap { $0["_id"]?.intValue } == expected)
            }
        }
    }

    /// `{_id: number}` as bytes.
    private static func numbered(_ number: Int) -> [UInt8] {
        [14, 0, 0, 0, 0x10] + Array("_id".utf8) + [0]
            + (0..<4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } + [0]
    }

    @Test("Any number and size is cut into commands that the server takes", arguments: RealServers.tested)
    func sizes(version: String) async throws {
        try await withConnection(version) { connection in
            // More than one command by number, then by length, with the longest document there can be.
            let many = DocumentBatch(bytes: (0..<100_050).flatMap(Self.numbered), count: 100_050)
            let namespace = Namespace(database: "test", collection: "many")
            let count = try await connection.insert(many, into: namespace, options: .init(), timeout: .seconds(60))
            #expect(count == 100_050)
            let empty: BSONDocument = ["_id": 1, "x": ""]
            let longest = 16 * 1024 * 1024
            let large: BSONDocument = [
                "_id": 1, "x": .string(String(repeating: "x", count: longest - empty.byteCount)),
            ]
            #expect(large.byteCount == longest)
            let small = (2..<40).map { index -> BSONDocument in
                ["_id": .int32(Int32(index)), "x": .string(String(repeating: "y", count: 900_000))]
            }
            #expect(try await insert([large] + small, into: "large", over: connection) == 39)
            let tooLong = large.setting(.string("y"), for: "y")
            let error = try await replicaKitError { _ = try await insert([tooLong], into: "large", over: connection) }
            #expect(error.code == .invalidArgument)
            #expect(try await insert([], into: "none", over: connection) == 0)
        }
    }

    @Test("Options reach the server", arguments: RealServers.tested)
    func options(version: String) async throws {
        try await withConnection(version) { connection in
            let create: BSONDocument = ["create": "strict", "validator": ["a": ["$exists": true]]]
            _ = try await connection.run(create, on: "test", timeout: .seconds(10))
            let refused = try await replicaKitError {
                _ = try await insert([["_id": 1]], into: "strict", over: connection)
            }
            #expect(refused.server?.code == 121)
            let bypassing = InsertOptions(bypassDocumentValidation: true)
            #expect(try await insert([["_id": 1]], into: "strict", options: bypassing, over: connection) == 1)
            let impossible = InsertOptions(writeConcern: ["w": "no such mode"])
            let error = try await replicaKitError {
                _ = try await insert([["_id": 2, "a": 1]], into: "strict", options: impossible, over: connection)
            }
            #expect(error.server != nil)
        }
    }

    @Test("Bytes that are no documents are refused here")
    func malformed() async throws {
        try await withConnection(RealServers.defaultVersion) { connection in
            for bytes: [UInt8] in [
                [1, 2, 3], [5, 0, 0, 0, 1], [200, 0, 0, 0, 0], [4, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0],
            ] {
                let error = try await replicaKitError {
                    _ = try await connection.insert(
                        DocumentBatch(bytes: bytes, count: 1),
                        into: Namespace(database: "test", collection: "docs"),
                        options: InsertOptions(),
                        timeout: .seconds(5)
                    )
                }
                #expect(error.code == .invalidBSON, "\(bytes)")
            }
        }
    }
}
