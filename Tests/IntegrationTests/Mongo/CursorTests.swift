import Foundation
import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

@Suite("Cursors", .realServers("6.0.5", "4.4.2"), .serialized)
struct CursorTests {
    private let driver = LibMongoCDriver.quiet
    private let namespace = Namespace(database: "test", collection: "docs")

    /// Documents of very different lengths, among them some longer than a batch.
    private func makeDocuments(bytes: Int) -> DocumentBatch {
        var batch = DocumentBatch(reservingCapacity: bytes)
        var index = 0
        while batch.bytes.count < bytes {
            let length = index % 97 == 96 ? 1_500_000 : index * 7919 % 20_000
            batch.append(["_id": .int32(Int32(index)), "x": .string(String(repeating: "x", count: length))])
            index += 1
        }
        return batch
    }

    private func openCursors(_ connection: any MemberConnection) async throws -> Int? {
        let status = try await connection.run(["serverStatus": 1], on: "admin", timeout: .seconds(10))
        return status[path: "metrics", "cursor", "open", "total"]?.intValue
    }

    @Test("Twenty megabytes come in batches of about one, byte for byte", arguments: RealServers.tested)
    func large(version: String) async throws {
        let documents = makeDocuments(bytes: 21_000_000)
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                let count = try await connection.insert(
                    documents,
                    into: namespace,
                    options: .init(),
                    timeout: .seconds(60)
                )
                #expect(count == documents.count)
                let cursor = try await connection.cursor(
                    ["find": "docs", "sort": ["_id": 1]],
                    on: "test",
                    timeout: .seconds(20)
                )
                var read = DocumentBatch(reservingCapacity: documents.bytes.count)
                var sizes: [Int] = []
                while let batch = try await cursor.nextBatch() {
                    sizes.append(batch.bytes.count)
                    read = DocumentBatch(bytes: read.bytes + batch.bytes, count: read.count + batch.count)
                }
                #expect(read.count == documents.count)
                #expect(read.bytes == documents.bytes)
                #expect(sizes.allSatisfy { $0 <= 1_600_000 })
                #expect(sizes.dropLast().allSatisfy { $0 > 500_000 }, "\(sizes)")
                #expect(try await cursor.nextBatch() == nil)
                await cursor.close()
                #expect(try await openCursors(connection) == 0)
            }
            // Another client, which shares nothing with this one, sees the same bytes.
            let expected = server.directory.path("expected")
            try Data(documents.bytes).write(to: URL(filePath: expected))
            let script = """
                import pymongo
                docs = pymongo.MongoClient(input["host"], input["port"], directConnection=True).test.docs
                data = b"".join(docs.find_raw_batches(sort=[("_id", 1)]))
                result = data == open(input["expected"], "rb").read()
                """
            let input = JudgeInput(host: "127.0.0.1", port: server.port, expected: expected)
            #expect(try await Judge.ask(script, input: input, as: Bool.self))
        }
    }

    private struct JudgeInput: Encodable {
        var host: String
        var port: Int
        var expected: String
    }

    @Test("Commands that answer with a cursor", arguments: RealServers.tested)
    func commands(version: String) async throws {
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                func read(_ command: BSONDocument, on database: String) async throws -> Int {
                    let cursor = try await connection.cursor(command, on: database, timeout: .seconds(10))
                    var count = 0
                    while let batch = try await cursor.nextBatch() {
                        #expect(!batch.isEmpty)
                        count += batch.count
                    }
                    return count
                }
                for index in 0..<7 {
                    _ = try await connection.run(["create": .string("c\(index)")], on: "many", timeout: .seconds(10))
                }
                // Small batches, so that getMore is needed on a namespace like `many.$cmd.listCollections`.
                #expect(try await read(["listCollections": 1, "cursor": ["batchSize": 2]], on: "many") == 7)
                #expect(try await read(["listCollections": 1], on: "none") == 0)
                #expect(try await read(["listIndexes": "c1"], on: "many") == 1)
                #expect(try await read(["find": "c1"], on: "many") == 0)
                let sequence: BSONArray = [
                    ["$listLocalSessions": ["allUsers": true]], ["$limit": 1],
                ]
                let aggregate: BSONDocument = ["aggregate": 1, "pipeline": .array(sequence), "cursor": [:]]
                #expect(try await read(aggregate, on: "many") <= 1)

                let error = try await replicaKitError { _ = try await read(["find": "c1", "nonsense": 1], on: "many") }
                #expect(error.code == .commandFailed)
                #expect(error.server != nil)
                let noCursor = try await replicaKitError { _ = try await read(["ping": 1], on: "many") }
                #expect(noCursor.code == .unexpectedReply)
                _ = try await connection.run(["ping": 1], on: "many", timeout: .seconds(10))
            }
        }
    }

    @Test("Closing a cursor, or its connection, frees it on the server", arguments: RealServers.tested)
    func closing(version: String) async throws {
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { watcher in
                try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                    var documents = DocumentBatch()
                    for index in 0..<1000 { documents.append(["_id": .int32(Int32(index))]) }
                    _ = try await connection.insert(documents, into: namespace, options: .init(), timeout: .seconds(20))
                    let find: BSONDocument = ["find": "docs", "batchSize": 10]
                    let first = try await connection.cursor(find, on: "test", timeout: .seconds(10))
                    let second = try await connection.cursor(find, on: "test", timeout: .seconds(10))
                    #expect(try await openCursors(watcher) == 2)
                    await first.close()
                    await first.close()
                    #expect(try await first.nextBatch() == nil)
                    #expect(try await openCursors(watcher) == 1)
                    _ = second
                }
                #expect(try await openCursors(watcher) == 0)
                let status = try await watcher.run(["serverStatus": 1], on: "admin", timeout: .seconds(10))
                #expect(status[path: "metrics", "commands", "endSessions", "total"]?.intValue == 1)
            }
        }
    }

    @Test("A tailable cursor gives empty batches while nothing is new", arguments: RealServers.tested)
    func tailable(version: String) async throws {
        try await RealMongod.with(version) { server in
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                let create: BSONDocument = ["create": "log", "capped": true, "size": 100_000]
                _ = try await connection.run(create, on: "test", timeout: .seconds(10))
                let log = Namespace(database: "test", collection: "log")
                func write(_ number: Int32) async throws {
                    var batch = DocumentBatch()
                    batch.append(["_id": .int32(number)])
                    _ = try await connection.insert(batch, into: log, options: .init(), timeout: .seconds(10))
                }
                try await write(1)
                let command: BSONDocument = ["find": "log", "tailable": true, "awaitData": true]
                // The wait for news has to end before the deadline of the round trip.
                let cursor = try await connection.cursor(command, on: "test", timeout: .milliseconds(600))
                #expect(try await cursor.nextBatch()?.count == 1)
                let start = ContinuousClock.now
                let nothing = try #require(try await cursor.nextBatch())
                #expect(nothing.isEmpty)
                #expect(ContinuousClock.now - start >= .milliseconds(200))
                try await write(2)
                try await write(3)
                #expect(try await cursor.nextBatch()?.count == 2)
                await cursor.close()
                #expect(try await cursor.nextBatch() == nil)
            }
        }
    }

    @Test("The end of the oplog can be followed, and a change stream", arguments: RealServers.tested)
    func oplog(version: String) async throws {
        try await RealMongod.with(version, arguments: ["--replSet", "rs"]) { server in
            let config: BSONDocument = ["_id": "rs", "members": [["_id": 0, "host": .string("\(server.address)")]]]
            try await driver.run(["replSetInitiate": .document(config)], at: server.address)
            try await server.waitUntilPrimary()
            try await driver.withConnection(to: server.address, as: .none, timeout: .seconds(20)) { connection in
                let changes: BSONDocument = ["aggregate": "docs", "pipeline": [["$changeStream": [:]]], "cursor": [:]]
                let stream = try await connection.cursor(changes, on: "test", timeout: .milliseconds(500))
                #expect(try await stream.nextBatch()?.isEmpty == true)
                let tail: BSONDocument = [
                    "find": "oplog.rs", "tailable": true, "awaitData": true, "filter": ["op": "i", "ns": "test.docs"],
                ]
                let entries = try await connection.cursor(tail, on: "local", timeout: .milliseconds(500))
                var documents = DocumentBatch()
                documents.append(["_id": 1])
                _ = try await connection.insert(documents, into: namespace, options: .init(), timeout: .seconds(10))
                for cursor in [stream, entries] {
                    var found = 0
                    for _ in 0..<20 where found == 0 { found = try await cursor.nextBatch()?.count ?? 0 }
                    #expect(found == 1)
                }
            }
        }
    }
}
