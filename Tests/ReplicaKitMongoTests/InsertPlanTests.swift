import ReplicaKit
import Testing

@testable import ReplicaKitMongo

@Suite("Inserts, cut into commands")
struct InsertPlanTests {
    private let namespace = Namespace(database: "test", collection: "docs")

    private func batch(_ documents: [BSONDocument]) -> DocumentBatch {
        var batch = DocumentBatch()
        for document in documents { batch.append(document) }
        return batch
    }

    private func commands(
        _ documents: [BSONDocument],
        options: InsertOptions = InsertOptions(),
        limits: ServerLimits = ServerLimits()
    ) throws -> [BSONDocument] {
        var plan = try InsertPlan(batch(documents), into: namespace, options: options, limits: limits)
        var commands: [BSONDocument] = []
        while let command = try plan.next() { commands.append(command) }
        return commands
    }

    private func documents(in command: BSONDocument) -> [BSONDocument] {
        command["documents"]?.arrayValue?.compactMap(\.documentValue) ?? []
    }

    @Test func nothingNeedsNoCommand() throws {
        #expect(try commands([]).isEmpty)
    }

    @Test func documentsStayAsTheyAre() throws {
        let all: [BSONDocument] = [["a": 1], ["_id": 1, "$b.c": ["x": 1], "same": 1, "same": 2], [:]]
        let made = try commands(all)
        #expect(made.count == 1)
        #expect(made.map(\.keys) == [["insert", "ordered", "documents"]])
        #expect(documents(in: made[0]) == all)
        try made[0].validate()
    }

    @Test func optionsAreInEveryCommand() throws {
        let options = InsertOptions(ordered: false, writeConcern: ["w": 1], bypassDocumentValidation: true)
        var limits = ServerLimits()
        limits.documents = 2
        let made = try commands([["a": 1], ["a": 2], ["a": 3]], options: options, limits: limits)
        #expect(made.map { documents(in: $0).count } == [2, 1])
        for command in made {
            #expect(command["insert"] == "docs")
            #expect(command["ordered"] == false)
            #expect(command["writeConcern"] == ["w": 1])
            #expect(command["bypassDocumentValidation"] == true)
        }
    }

    @Test func commandsAreNotLongerThanTheServerTakes() throws {
        var limits = ServerLimits()
        limits.documentBytes = 1000
        let all = (1...50).map { BSONDocument([("x", .string(String(repeating: "x", count: $0 * 19)))]) }
        let made = try commands(all, limits: limits)
        #expect(made.flatMap(documents) == all)
        #expect(made.allSatisfy { $0.byteCount <= 1000 + 16 * 1024 })
        #expect(made.filter { documents(in: $0).count > 1 }.allSatisfy { $0.byteCount <= 1000 })
    }

    @Test func aDocumentThatIsTooLongIsNamed() throws {
        var limits = ServerLimits()
        limits.documentBytes = 100
        let error = #expect(throws: ReplicaKitError.self) {
            try commands([["a": 1], ["x": .string(String(repeating: "x", count: 200))]], limits: limits)
        }
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains("document 2") == true)
    }

    @Test(arguments: [
        [1, 2, 3] as [UInt8], [5, 0, 0, 0, 1], [200, 0, 0, 0, 0], [4, 0, 0, 0], [0xFF, 0xFF, 0xFF, 0xFF, 0],
        [5, 0, 0, 0, 0, 9],
    ])
    func bytesThatAreNoDocuments(bytes: [UInt8]) throws {
        let error = #expect(throws: ReplicaKitError.self) {
            var plan = try InsertPlan(
                DocumentBatch(bytes: bytes, count: 1),
                into: namespace,
                options: InsertOptions(),
                limits: ServerLimits()
            )
            while try plan.next() != nil {}
        }
        #expect(error?.code == .invalidBSON)
    }

    @Test func limitsComeFromTheServer() {
        let limits = ServerLimits(["maxBsonObjectSize": 1000, "maxWriteBatchSize": 7])
        #expect(limits.documentBytes == 1000)
        #expect(limits.documents == 7)
        #expect(ServerLimits(["maxBsonObjectSize": -1, "maxWriteBatchSize": "x"]) == ServerLimits())
    }
}
