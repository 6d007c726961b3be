import ReplicaKit
import ReplicaKitBackup
import TestSupport
import Testing

/// Where a replay begins and ends: inside transactions, inside a fuzzy copy, at any write.
@Suite(.serialized) struct ReplayCutTests {
    /// A transaction of several entries, and the entry that makes it count.
    struct Transaction: Decodable, Sendable {
        var tag: String
        var begin: [UInt32]
        var end: [UInt32]
        var count: Int

        func timestamp(_ parts: [UInt32]) -> BSONTimestamp { BSONTimestamp(seconds: parts[0], increment: parts[1]) }
    }

    static let transactions = """
        found = []
        def transaction(tag, n, commit, prepare):
            other = client()
            before = last()
            with other.start_session() as s:
                s.start_transaction()
                for k in range(n): other.shop.base.insert_one({"tag": tag}, session=s)
                if prepare:
                    at = other.admin.command("prepareTransaction", session=s, writeConcern={"w": "majority"})["prepareTimestamp"]
                    db.base.insert_one({"tag": "between"})
                    if commit: other.admin.command({"commitTransaction": 1, "commitTimestamp": at}, session=s)
                    else: other.admin.command({"abortTransaction": 1}, session=s)
                elif commit: s.commit_transaction()
                else: s.abort_transaction()
            first = c.local["oplog.rs"].find_one({"ts": {"$gt": before}, "o.applyOps": {"$exists": True}})
            if first:
                end = last()
                found.append({"tag": tag, "begin": [first["ts"].time, first["ts"].inc],
                    "end": [end.time, end.inc], "count": n if commit else 0})
        transaction("plain", 7, True, False)
        transaction("aborted", 7, False, False)
        transaction("prepared", 5, True, True)
        transaction("taken back", 5, False, True)
        db.base.insert_one({"tag": "end"})
        result = found
        """

    @Test(.realServers(), arguments: RealServers.outermostVersions)
    func transactionsAreWholeOrAbsent(version: String) async throws {
        let small = ["maxNumberOfTransactionOperationsInSingleOplogEntry": "2"]
        try await ReplayFixture.with(version, parameters: small) { fixture in
            let _: Bool = try await fixture.python("db.base.insert_one({}); result = True", on: fixture.source)
            let base = try await BaseCopy(of: fixture)
            let transactions: [Transaction] = try await fixture.python(Self.transactions, on: fixture.source)
            #expect(transactions.map(\.tag) == ["plain", "prepared", "taken back"])
            let entries = try await fixture.oplog(after: base.timestamp)
            let timestamps = try entries.flatMap { try $0.documents() }.compactMap { $0["ts"]?.timestampValue }
            #expect(timestamps.count >= 12)
            for (index, through) in timestamps.enumerated() {
                try await base.restore(to: fixture)
                // With no room in memory all wait in files.
                _ = try await fixture.replay(entries, base: base, through: through, id: "to \(index)") {
                    $0.transactionBytes = index.isMultiple(of: 2) ? 0 : 1 << 20
                }
                let counts = try await counts(fixture)
                for transaction in transactions {
                    let expected = through >= transaction.timestamp(transaction.end) ? transaction.count : 0
                    #expect(counts[transaction.tag, default: 0] == expected, "\(transaction.tag) at \(through)")
                }
            }
            // What begins before the base and commits after it belongs to the replay.
            let last = try #require(timestamps.last)
            for transaction in transactions {
                let open = timestamps.filter {
                    $0 >= transaction.timestamp(transaction.begin) && $0 < transaction.timestamp(transaction.end)
                }
                #expect(open.count >= 3)
                for (index, after) in open.enumerated() {
                    try await base.restore(to: fixture)
                    _ = try await fixture.replay(entries, base: base, through: last, id: "\(transaction.tag) \(index)")
                    {
                        $0.after = after
                    }
                    #expect(try await counts(fixture)[transaction.tag, default: 0] == transaction.count)
                    // Without its beginning it cannot be replayed, and that is said.
                    guard transaction.count > 0 else { continue }
                    let error = try await replicaKitError {
                        _ = try await fixture.replay(
                            try await fixture.oplog(after: after),
                            base: base,
                            through: last,
                            id: "\(transaction.tag) \(index) cut"
                        ) { $0.after = after }
                    }
                    #expect(error.code == .backupDamaged && error.message.contains("began before"))
                }
            }
        }
    }

    private func counts(_ fixture: ReplayFixture) async throws -> [String: Int] {
        try await fixture.withConnection(to: fixture.target) { connection in
            let found = try await connection.documents(
                ["aggregate": "base", "pipeline": [["$sortByCount": "$tag"]], "cursor": BSONValue.document([:])],
                on: "shop"
            )
            return found.reduce(into: [:]) { $0[$1["_id"]?.stringValue ?? ""] = $1["count"]?.intValue }
        }
    }

    struct Count: Decodable, Sendable {
        var t: UInt32
        var i: UInt32
        var value: Int
    }

    /// A counter whose every step is known by its timestamp.
    @Test(.realServers())
    func aHundredRandomInstantsOfACounter() async throws {
        try await ReplayFixture.with(RealServers.defaultVersion) { fixture in
            let _: Bool = try await fixture.python(
                "db.counter.insert_one({'_id': 1, 'n': 0}); db.log.insert_one({'_id': 0}); result = True",
                on: fixture.source
            )
            let base = try await BaseCopy(of: fixture)
            let steps: [Count] = try await fixture.python(
                """
                result = []
                with c.start_session() as s:
                    for n in range(1, 2001):
                        if n % 5:
                            db.counter.update_one({"_id": 1}, {"$set": {"n": n}}, session=s)
                        else:
                            s.start_transaction()
                            db.log.insert_one({"_id": n}, session=s)
                            db.counter.update_one({"_id": 1}, {"$inc": {"n": 1}}, session=s)
                            s.commit_transaction()
                        at = s.operation_time
                        result.append({"t": at.time, "i": at.inc, "value": n})
                """,
                on: fixture.source
            )
            let entries = try await fixture.oplog(after: base.timestamp)
            for instant in 0..<100 {
                let step = try #require(steps.randomElement())
                let through = BSONTimestamp(seconds: step.t, increment: step.i)
                try await fixture.withConnection(to: fixture.target) { connection in
                    for name in ["counter", "log"] {
                        _ = try? await connection.run(
                            ["drop": .string(name)],
                            on: "shop",
                            timeout: .seconds(20)
                        )
                        _ = try await connection.run(["create": .string(name)], on: "shop", timeout: .seconds(20))
                    }
                    _ = try await connection.run(
                        ["insert": "counter", "documents": [["_id": 1, "n": 0]]],
                        on: "shop",
                        timeout: .seconds(20)
                    )
                }
                _ = try await fixture.replay(entries, base: base, through: through, id: "\(instant)")
                let (value, logged) = try await fixture.withConnection(to: fixture.target) { connection in
                    (
                        try await connection.documents(["find": "counter"], on: "shop").first?["n"]?.intValue,
                        try await connection.documents(["find": "log"], on: "shop").count
                    )
                }
                #expect(value == step.value)
                #expect(logged == step.value / 5)
            }
        }
    }

    /// A base that was copied while the source was written to comes right by the end of that time.
    @Test(.realServers(), arguments: RealServers.outermostVersions)
    func aFuzzyBaseComesRight(version: String) async throws {
        try await ReplayFixture.with(version) { fixture in
            let start: ReplayFixture.Mark = try await fixture.python(
                """
                db.a.insert_many([{"_id": i, "list": [i]} for i in range(20)])
                db.b.insert_many([{"_id": i} for i in range(5)])
                db.gone.insert_one({"_id": 1})
                mark("start")
                result = marks[0]
                """,
                on: fixture.source
            )
            let _: Bool = try await fixture.python(
                """
                db.a.update_many({}, {"$set": {"x.y": 1}, "$push": {"list": 7}})
                db.a.delete_many({"_id": {"$lt": 10}})
                db.a.insert_many([{"_id": "new%d" % i} for i in range(5)])
                db.gone.update_one({"_id": 1}, {"$set": {"q": 1}})
                db.gone.drop()
                db.brief.insert_one({"_id": 1})
                db.brief.create_index("z")
                db.command("collMod", "brief", validationLevel="moderate")
                db.brief.drop()
                db.b.insert_one({"_id": "b"})
                db.b.rename("c")
                db.c.update_one({"_id": 1}, {"$set": {"k": [1]}})
                result = True
                """,
                on: fixture.source
            )
            var base = try await BaseCopy(of: fixture)
            let copied = base.timestamp
            base.timestamp = start.timestamp
            let end: ReplayFixture.Mark = try await fixture.python(
                """
                db.a.update_one({"_id": 15}, {"$pull": {"list": 15}})
                db.c.insert_one({"_id": "late"})
                mark("end")
                result = marks[0]
                """,
                on: fixture.source
            )
            try await base.restore(to: fixture)
            let entries = try await fixture.oplog()
            let strict = try await replicaKitError {
                _ = try await fixture.replay(entries, base: base, through: end.timestamp, id: "strict")
            }
            #expect(strict.message.contains("shop.gone"))
            try await base.restore(to: fixture)
            let result = try await fixture.replay(entries, base: base, through: end.timestamp, id: "tolerant") {
                $0.tolerantUntil = copied
            }
            #expect(try await fixture.targetState() == end.state.mapValues(\.withoutIndexes))
            #expect((result.skipped[.collectionAbsent] ?? 0) > 0)
        }
    }

    @Test(.realServers())
    func aSelectionComesBackUnderItsNewNames() async throws {
        try await ReplayFixture.with(RealServers.defaultVersion) { fixture in
            let base = try await BaseCopy(of: fixture)
            let end: ReplayFixture.Mark = try await fixture.python(
                """
                db.a.insert_many([{"_id": i} for i in range(3)])
                db.a.rename("b")
                db.secret.insert_one({"_id": 1})
                c.other.x.insert_one({"_id": 1})
                db.create_collection("rain", timeseries={"timeField": "t", "metaField": "m"})
                db.rain.insert_many([{"t": datetime.datetime(2024, 1, 1), "m": 1, "q": k} for k in range(3)])
                db.create_collection("v", viewOn="b", pipeline=[])
                db.create_collection("hidden", viewOn="secret", pipeline=[])
                c.old.x.insert_one({"_id": 1})
                c.drop_database("old")
                mark("end")
                result = marks[0]
                """,
                on: fixture.source
            )
            let selection = NamespaceSelection(
                includes: [try .init("shop"), try .init("old")],
                excludes: [try .init("shop.secret"), try .init("shop.hidden")],
                renames: [try .init(from: .init("shop"), to: .init("restored"))]
            )
            let entries = try await fixture.oplog()
            let result = try await fixture.replay(entries, base: base, through: end.timestamp) {
                $0.selection = selection
            }
            #expect(result.skipped.keys.contains(.notSelected))
            let found: [String: Int] = try await fixture.python(
                """
                result = {d + "." + n: c[d][n].count_documents({}) for d in c.list_database_names()
                    if d not in ("admin", "config", "local", "replicakit_restore")
                    for n in c[d].list_collection_names()}
                """,
                on: fixture.target
            )
            #expect(
                found == [
                    "restored.b": 3, "restored.rain": 3, "restored.v": 3, "restored.system.views": 2,
                    "restored.system.buckets.rain": 1,
                ]
            )
        }
    }

    /// The server's own words, and which entry it was.
    @Test(.realServers())
    func whatTheServerRefusesIsNamed() async throws {
        try await ReplayFixture.with(RealServers.defaultVersion) { fixture in
            let _: Bool = try await fixture.python(
                "db.a.insert_one({'_id': 0, 'k': 0}); result = True",
                on: fixture.source
            )
            let base = try await BaseCopy(of: fixture)
            let end: ReplayFixture.Mark = try await fixture.python(
                "db.a.insert_many([{'_id': i, 'k': i % 7} for i in range(1, 50)]); mark('end'); result = marks[0]",
                on: fixture.source
            )
            try await base.restore(to: fixture)
            let _: Bool = try await fixture.python(
                "db.a.create_index('k', unique=True); result = True",
                on: fixture.target
            )
            let entries = try await fixture.oplog(after: base.timestamp)
            let error = try await replicaKitError {
                _ = try await fixture.replay(entries, base: base, through: end.timestamp)
            }
            #expect(error.server?.code == 11000)
            #expect(error.message.contains("insert into shop.a of Timestamp("))
            let kept: Int = try await fixture.python("result = db.a.count_documents({})", on: fixture.target)
            #expect(kept == 7)
        }
    }
}
