import ReplicaKit
import Testing

@testable import ReplicaKitBackup

/// What operations of the source come to on the target.
@Suite struct ReplayTargetTests {
    private func target(
        _ collections: [String: Bool] = ["shop.a": false, "shop.cap": true],
        selection: NamespaceSelection = NamespaceSelection(),
        version: ServerVersion = ServerVersion(6, 0, 5)
    ) -> ReplayTarget {
        let pairs = collections.compactMap { name, isCapped in Namespace(oplog: name).map { ($0, isCapped) } }
        return ReplayTarget(
            selection: selection,
            version: version,
            progress: Namespace(database: "replicakit_restore", collection: "progress"),
            keptUsers: ["admin"],
            collections: Dictionary(uniqueKeysWithValues: pairs)
        )
    }

    private func steps(
        _ target: inout ReplayTarget,
        _ command: BSONDocument,
        in database: String = "shop",
        isTolerant: Bool = false,
        mayBeDone: Bool = false
    ) throws -> [BSONDocument] {
        let operation = try OplogOperation(["op": "c", "ns": .string("\(database).$cmd"), "o": .document(command)])
        let steps = try target.steps(
            for: OplogCommand(operation),
            sources: [Namespace(database: "shop", collection: "a")],
            isTolerant: isTolerant,
            mayBeDone: mayBeDone
        )
        #expect(steps.allSatisfy { $0["op"] == "c" })
        return steps.compactMap { $0["o"]?.documentValue }
    }

    @Test func leavesToServersWhatIsTheirs() {
        var target = target()
        for name in [
            "local.x", "config.transactions", "config.$cmd", "admin.system.keys", "shop.system.profile",
            "replicakit_restore.progress",
        ] {
            #expect(target.writes(to: name) == .skipped(.ownedByServer), "\(name)")
        }
        #expect(target.writes(to: "shop.a") == .applied("shop.a", isCapped: false))
        #expect(target.writes(to: "shop.cap") == .applied("shop.cap", isCapped: true))
        #expect(target.writes(to: "shop.gone") == .missing)
        #expect(target.writes(to: "shop.system.views") == .views)
    }

    @Test func appliesOnlyTheSchemeOfTheUsersToTheVersion() throws {
        let target = target()
        let scheme = try OplogOperation(["op": "i", "ns": "admin.system.version", "o": ["_id": "authSchema"]])
        let feature = try OplogOperation([
            "op": "u", "ns": "admin.system.version", "o2": ["_id": "featureCompatibilityVersion"],
            "o": ["version": "7.0"],
        ])
        #expect(try !target.isKept(scheme))
        #expect(try target.isKept(feature))
    }

    @Test func keepsTheTargetsOwnUsers() throws {
        let target = target()
        func isKept(_ operation: BSONDocument) throws -> Bool { try target.isKept(try OplogOperation(operation)) }
        let own: BSONDocument = ["_id": "admin.admin"]
        #expect(try isKept(["op": "i", "ns": "admin.system.users", "o": .document(own)]))
        #expect(try isKept(["op": "u", "ns": "admin.system.users", "o2": .document(own), "o": ["$v": 2]]))
        #expect(try isKept(["op": "d", "ns": "admin.system.users", "o": .document(own)]))
        #expect(try !isKept(["op": "d", "ns": "admin.system.users", "o": ["_id": "shop.admin"]]))
        #expect(try !isKept(["op": "d", "ns": "shop.users", "o": .document(own)]))
    }

    @Test func knowsWhatServersDoWithCappedCollections() {
        #expect(target(version: ServerVersion(4, 4, 2)).miscountsCapped)
        #expect(!target(version: ServerVersion(5, 0, 4)).miscountsCapped)
        #expect(target(version: ServerVersion(5, 0, 4)).refusesCappedDeletes)
        #expect(!target(version: ServerVersion(6, 0, 5)).refusesCappedDeletes)
    }

    @Test func dropsANamesakeBeforeItCreates() throws {
        var target = target()
        let create: BSONDocument = ["create": "a", "capped": true, "idIndex": ["v": 2]]
        #expect(try steps(&target, create) == [["drop": "a"], create])
        #expect(target.writes(to: "shop.a") == .applied("shop.a", isCapped: true))
        let new: BSONDocument = ["create": "new"]
        #expect(try steps(&target, new) == [new])
        var users = self.target(["admin.system.users": false])
        #expect(try steps(&users, ["create": "system.users"], in: "admin").isEmpty)
    }

    @Test func dropsTheTargetOfARenameByItself() throws {
        var target = target(["shop.a": false, "shop.b": true])
        let found = try steps(
            &target,
            [
                "renameCollection": "shop.a", "to": "shop.b",
                "dropTarget": .binary(BSONBinary(subtype: .uuid, bytes: [1])),
            ]
        )
        #expect(found == [["drop": "b"], ["renameCollection": "shop.a", "to": "shop.b", "stayTemp": false]])
        #expect(target.writes(to: "shop.a") == .missing)
        #expect(target.writes(to: "shop.b") == .applied("shop.b", isCapped: false))
    }

    /// A command that the replay before this one ran, and did not note any more.
    @Test func doesNothingTwiceAfterItBroke() throws {
        var target = target(["shop.b": false])
        let rename: BSONDocument = ["renameCollection": "shop.a", "to": "shop.b", "dropTarget": true]
        #expect(try steps(&target, rename, mayBeDone: true).isEmpty)
        #expect(try steps(&target, ["drop": "a"], mayBeDone: true).isEmpty)
        #expect(throws: ReplicaKitError.self) { _ = try steps(&target, rename) }
        #expect(throws: ReplicaKitError.self) { _ = try steps(&target, ["drop": "a"]) }
        #expect(try steps(&target, ["drop": "a"], isTolerant: true).isEmpty)
    }

    @Test func leavesIndexesToTheCatalogue() throws {
        var target = target()
        #expect(try steps(&target, ["createIndexes": "a", "key": ["x": 1], "name": "x_1"]).isEmpty)
        #expect(try steps(&target, ["collMod": "a", "index": ["name": "x_1", "hidden": true]]).isEmpty)
        let both: BSONDocument = ["collMod": "a", "index": ["name": "x_1", "hidden": true], "validator": ["x": 1]]
        #expect(try steps(&target, both) == [["collMod": "a", "validator": ["x": 1]]])
    }

    @Test func refusesWhatCannotBeReplayed() throws {
        var target = target()
        let error = #expect(throws: ReplicaKitError.self) {
            _ = try steps(&target, ["importCollection": "shop.x"])
        }
        #expect(error?.code == .backupOvertaken)
        #expect(error?.message.contains("importCollection") == true)
    }

    @Test func followsRenamesOutOfTheSelectionAndRefusesThoseIntoIt() throws {
        let selection = NamespaceSelection(
            includes: [try .init("shop.a")],
            renames: [try .init(from: .init("shop.a"), to: .init("shop.kept"))]
        )
        var target = target(["shop.kept": false], selection: selection)
        #expect(try steps(&target, ["renameCollection": "shop.a", "to": "shop.b"]) == [["drop": "kept"]])
        let error = #expect(throws: ReplicaKitError.self) {
            _ = try steps(&target, ["renameCollection": "shop.b", "to": "shop.a"])
        }
        #expect(error?.code == .backupOvertaken)
    }

    @Test func definesViewsByTheirNames() throws {
        let selection = NamespaceSelection(renames: [try .init(from: .init("shop"), to: .init("old"))])
        var target = target(["old.a": false], selection: selection)
        let view = try OplogOperation([
            "op": "i", "ns": "shop.system.views", "o": ["_id": "shop.v", "viewOn": "a", "pipeline": []],
        ])
        let steps = try #require(try target.viewSteps(for: view))
        #expect(
            steps == [
                ["op": "c", "ns": "old.$cmd", "o": ["create": "system.views"]],
                ["op": "i", "ns": "old.system.views", "o": ["_id": "old.v", "viewOn": "a", "pipeline": []]],
            ]
        )
        #expect(try target.viewSteps(for: view)?.count == 1)
    }

    /// The written bytes are those of the entry, whatever is in them.
    @Test func copiesWhatIsWrittenAsItIs() throws {
        let odd: BSONDocument = ["_id": 1, "$x": 1, "a.b": .double(.nan), "_id": 2]
        let operation = try OplogOperation([
            "op": "u", "ns": "shop.a", "ui": .binary(BSONBinary(subtype: .uuid, bytes: [1])), "o": .document(odd),
            "o2": ["_id": 1], "b": true, "ts": .timestamp(BSONTimestamp(seconds: 1, increment: 1)), "t": 1,
            "lsid": ["id": 1], "txnNumber": 1, "stmtId": 0,
        ])
        let item = OperationBatch.Item(
            operation: operation,
            target: "old.a",
            progress: ReplayProgress(BSONTimestamp(seconds: 1, increment: 1))
        )
        var writer = BSONWriter()
        writer.appendArray(forKey: "applyOps") { item.append(to: &$0) }
        #expect(
            writer.finish() == [
                "applyOps": [["op": "u", "ns": "old.a", "o": .document(odd), "o2": ["_id": 1], "b": true]]
            ]
        )
    }

    @Test func transactionsStayWithinTheirLimitInMemory() async throws {
        var buffer = TransactionBuffer(limit: 3000)
        let (id, other) = (transaction(1, session: 1), transaction(1, session: 2))
        let at = BSONTimestamp(seconds: 1, increment: 1)
        let operations = (0..<500).map { ["a": .integer($0)] as BSONDocument }
        for chunk in stride(from: 0, to: 500, by: 50) {
            try await buffer.add(Array(operations[chunk..<chunk + 50]), to: id, at: at, isFirst: chunk == 0)
            try await buffer.add([operations[chunk]], to: other, at: at, isFirst: chunk == 0)
            #expect(buffer.bytes <= 3000)
        }
        for (id, wanted) in [(id, operations), (other, stride(from: 0, to: 500, by: 50).map { operations[$0] })] {
            let transaction = buffer.end(1, of: id.session)
            let ended = try #require(transaction)
            #expect(ended.operations.count == wanted.count)
            #expect(try await read(ended.operations) == wanted)
        }
        #expect(buffer.bytes == 0)
    }

    @Test func aLaterTransactionOfASessionEndsTheEarlier() async throws {
        var buffer = TransactionBuffer(limit: 100)
        let at = BSONTimestamp(seconds: 1, increment: 1)
        try await buffer.add([["a": 1]], to: transaction(1, session: 1), at: at, isFirst: true)
        try await buffer.add([["b": 1]], to: transaction(2, session: 1), at: at, isFirst: true)
        let old = buffer.end(1, of: ["id": 1])
        #expect(old == nil)
        let other = buffer.end(2, of: ["id": 1])
        let new = try #require(other)
        #expect(try await read(new.operations) == [["b": 1]])
        #expect(buffer.bytes == 0)
    }

    private func transaction(_ number: Int64, session: Int) -> OplogOperation.TransactionID {
        OplogOperation.TransactionID(session: ["id": .integer(session)], number: number)
    }

    private func read(_ operations: OperationSpool) async throws -> [BSONDocument] {
        var reader = operations.reader()
        var documents: [BSONDocument] = []
        while let next = try await reader.next() { documents += next }
        return documents
    }
}
