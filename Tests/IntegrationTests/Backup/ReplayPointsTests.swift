import ReplicaKit
import ReplicaKitBackup
import TestSupport
import Testing

/// Every kind of operation, replayed to the moment after it, gives what the source had at that moment.
@Suite(.serialized) struct ReplayPointsTests {
    /// What is there before the base is copied.
    static let setUp = """
        db.create_collection("cap", capped=True, size=4096, max=3)
        db.cap.insert_many([{"_id": i} for i in range(2)])
        db.create_collection("folded", collation={"locale": "en", "strength": 2})
        db.folded.create_index("name", unique=True)
        db.folded.create_index("plain", collation={"locale": "simple"})
        db.folded.insert_many([{"_id": "A", "name": "x"}, {"_id": "B", "name": "y"}])
        db.moved.insert_many([{"_id": i, "k": i} for i in range(20)])
        db.moved.create_index("k", unique=True)
        db.base.insert_many([{"_id": i, "x": i} for i in range(50)])
        db.base.create_index("x", expireAfterSeconds=5000)
        db.base.create_index([("x", 1), ("y", -1)], name="both", sparse=True)
        db.create_collection("oldview", viewOn="base", pipeline=[])
        c.other.things.insert_one({"_id": 1})
        if version > (5,):
            db.create_collection("weather", timeseries={"timeField": "t", "metaField": "m"})
            db.weather.insert_one({"t": datetime.datetime(2024, 1, 1), "m": 1, "q": 1})
        db.command("createUser", "early", pwd="p", roles=["read"])
        result = True
        """

    /// Each operation, and a mark after it.
    static let operations = """
        mark("base")
        step("insert", lambda: db.base.insert_one({"_id": 100, "x": 1}))
        step("odd documents", lambda: db.base.insert_many([
            {"_id": 200, "x": bson.Timestamp(0, 0) if False else None, "d": {"$weird": 1, "a.b": [float("nan"), None]}},
            {"_id": 201, "r": bson.Regex("a", "xi"), "o": bson.Binary(b"12", 2), "c": bson.Code("f", {"a": 1})},
            {"_id": {"z": 1, "a": 2}, "n": Int64(3), "dec": bson.Decimal128("NaN")}]))
        step("update by operators", lambda: db.base.update_many({"x": {"$lt": 5}}, {"$inc": {"x": 1000}, "$set": {"s.t": [1]}}))
        step("update of arrays", lambda: (db.base.update_one({"_id": 1}, {"$set": {"a": [1, 2, 3]}}),
            db.base.update_one({"_id": 1}, {"$push": {"a": 4}}), db.base.update_one({"_id": 1}, {"$pull": {"a": 2}})))
        step("replacement", lambda: db.base.replace_one({"_id": 7}, {"new": True}))
        step("update by pipeline", lambda: db.base.update_one({"_id": 8}, [{"$set": {"y": {"$add": ["$x", 1]}}}]))
        step("upsert", lambda: db.base.update_one({"_id": "up"}, {"$set": {"q": 1}}, upsert=True))
        step("delete", lambda: db.base.delete_many({"_id": {"$gte": 40, "$lt": 50}}))
        step("unique values swap", lambda: (db.moved.delete_one({"_id": 3}),
            db.moved.update_one({"_id": 4}, {"$set": {"k": 3}}), db.moved.insert_one({"_id": 3, "k": 4})))
        step("create", lambda: db.create_collection("made", validator={"x": {"$exists": True}},
            validationAction="warn", collation={"locale": "fr"}))
        step("implicit create", lambda: db.implicit.insert_many([{"_id": i} for i in range(10)]))
        step("index on empty", lambda: db.made.create_index("x", unique=True))
        step("index on data", lambda: db.implicit.create_index("z", partialFilterExpression={"z": {"$gt": 1}}))
        step("collMod of TTL", lambda: db.command("collMod", "base", index={"name": "x_1", "expireAfterSeconds": 9000}))
        step("collMod hides", lambda: db.command("collMod", "base", index={"name": "both", "hidden": True}))
        step("collMod of validator", lambda: db.command("collMod", "base", validator={"z": {"$exists": False}},
            validationLevel="moderate"))
        step("collMod unhides", lambda: db.command("collMod", "base", index={"keyPattern": {"x": 1, "y": -1}, "hidden": False}))
        step("drop of an index", lambda: db.base.drop_index("both"))
        step("capped inserts", lambda: db.cap.insert_many([{"_id": i} for i in range(2, 9)]))
        step("capped update", lambda: db.cap.update_one({"_id": 8}, {"$set": {"_x": 1}}) if False else None)
        step("rename", lambda: db.moved.rename("renamed"))
        step("write after rename", lambda: db.renamed.insert_one({"_id": 99, "k": 99}))
        step("namesake after rename", lambda: (db.moved.insert_one({"_id": "new"}), db.moved.create_index("fresh")))
        step("rename over", lambda: db.moved.rename("renamed", dropTarget=True))
        step("chain of renames", lambda: (db.renamed.rename("r1"), db.r1.rename("r2"), db.r2.create_index("late"),
            db.r2.rename("r3")))
        step("rename between databases", lambda: c.admin.command("renameCollection", "shop.r3", to="other.r3"))
        step("rename of capped", lambda: (db.cap.rename("cap2"), db.cap2.insert_many([{"_id": i} for i in range(20, 26)])))
        step("convertToCapped", lambda: db.command("convertToCapped", "implicit", size=8192))
        step("insert into it", lambda: db.implicit.insert_one({"_id": 1000, "pad": "x" * 500}))
        step("out", lambda: list(db.base.aggregate([{"$match": {"x": {"$gt": 10}}}, {"$out": "outcome"}])))
        step("out again", lambda: list(db.base.aggregate([{"$limit": 3}, {"$out": "outcome"}])))
        step("view", lambda: db.create_collection("view", viewOn="base", pipeline=[{"$match": {"x": 1}}]))
        step("view changed", lambda: db.command("collMod", "view", viewOn="made", pipeline=[]))
        step("view dropped", lambda: db.oldview.drop())
        def transaction(n, commit=True, pad=0):
            with c.start_session() as s:
                s.start_transaction()
                for k in range(n):
                    db.base.insert_one({"_id": "t%s-%s-%s-%s" % (n, commit, pad, k), "pad": "x" * pad}, session=s)
                db.base.update_one({"_id": 10}, {"$set": {"by": n}}, session=s)
                (s.commit_transaction if commit else s.abort_transaction)()
        step("transaction", lambda: transaction(3))
        step("aborted transaction", lambda: transaction(4, False))
        step("transaction of 18 MB", lambda: transaction(3, True, 6 << 20))
        def create_in_transaction():
            with c.start_session() as s:
                s.start_transaction()
                db.create_collection("intx", session=s)
                db.intx.create_index("k", session=s)
                db.intx.insert_one({"_id": 1}, session=s)
                s.commit_transaction()
        step("create in a transaction", create_in_transaction)
        def prepared(commit):
            def run():
                other = client()
                with other.start_session() as s:
                    s.start_transaction()
                    other.shop.base.insert_one({"_id": "prepared%s" % commit}, session=s)
                    at = other.admin.command("prepareTransaction", session=s, writeConcern={"w": "majority"})["prepareTimestamp"]
                    c.other.things.insert_one({"_id": "between%s" % commit})
                    if commit:
                        other.admin.command({"commitTransaction": 1, "commitTimestamp": at}, session=s)
                    else:
                        other.admin.command({"abortTransaction": 1}, session=s)
            return run
        step("prepared and committed", prepared(True))
        step("prepared and aborted", prepared(False))
        step("applyOps of a user", lambda: c.admin.command({"applyOps": [
            {"op": "i", "ns": "shop.base", "o": {"_id": "ao1"}}, {"op": "i", "ns": "other.things", "o": {"_id": "ao2"}}]}))
        step("user", lambda: db.command("createUser", "late", pwd="p", roles=["readWrite"]))
        step("role", lambda: db.command("createRole", "auditor", privileges=[], roles=["read"]))
        step("user changed", lambda: db.command("updateUser", "early", pwd="q", roles=["auditor"]))
        step("user dropped", lambda: db.command("dropUser", "late"))
        step("script", lambda: db.system.js.insert_one({"_id": "f", "value": bson.Code("function() {}")}))
        if version > (5,):
            step("time series", lambda: (db.create_collection("rain", timeseries={"timeField": "t", "metaField": "m"},
                expireAfterSeconds=3600 * 24 * 3650), db.rain.insert_many(
                [{"t": datetime.datetime(2024, 1, 1, 0, k), "m": k % 2, "q": k} for k in range(20)])))
            step("time series grows", lambda: db.weather.insert_many(
                [{"t": datetime.datetime(2024, 1, 1, 0, k), "m": 1, "q": k} for k in range(20)]))
            step("time series index", lambda: db.rain.create_index("m"))
            step("time series coarser", lambda: db.command("collMod", "rain", timeseries={"granularity": "minutes"}))
            step("time series dropped", lambda: db.weather.drop())
        if version > (6,):
            step("clustered", lambda: (db.create_collection("cl", clusteredIndex={"key": {"_id": 1}, "unique": True}),
                db.cl.insert_many([{"_id": 3 - k} for k in range(3)])))
            step("index to be unique", lambda: (db.base.create_index("u", name="u"), db.command("collMod", "base",
                index={"name": "u", "prepareUnique": True})))
            step("index back", lambda: db.command("collMod", "base", index={"name": "u", "prepareUnique": False}))
            def unique():
                db.cl.create_index("v")
                db.cl.update_many({}, [{"$set": {"v": "$_id"}}])
                db.command("collMod", "cl", index={"name": "v_1", "prepareUnique": True})
                db.command("collMod", "cl", index={"name": "v_1", "unique": True})
            step("unique by collMod", unique)
            step("capped delete", lambda: db.cap2.delete_one({"_id": 24}))
        step("emptied capped", lambda: db.command("emptycapped", "cap2"))
        step("capped again", lambda: db.cap2.insert_many([{"_id": i} for i in range(30, 35)]))
        step("drop of all indexes", lambda: db.folded.drop_indexes())
        step("drop", lambda: db.made.drop())
        step("made again", lambda: db.made.insert_one({"_id": "again"}))
        step("database dropped", lambda: c.drop_database("other"))
        step("database again", lambda: c.other.again.insert_one({"_id": 1}))
        big = 16 * 1024 * 1024 - 200
        step("largest document", lambda: db.large.insert_one({"_id": 1, "x": "y" * big}))
        step("many", lambda: db.many.insert_many([{"_id": k, "x": "y" * 100} for k in range(5000)]))
        result = marks
        """

    @Test(.realServers(), arguments: RealServers.availableVersions)
    func everyPointIsAsTheSourceWasThen(version: String) async throws {
        try await ReplayFixture.with(version) { fixture in
            let _: Bool = try await fixture.python(Self.setUp, on: fixture.source)
            let base = try await BaseCopy(of: fixture)
            let marks: [ReplayFixture.Mark] = try await fixture.python(Self.operations, on: fixture.source)
            #expect(marks.count >= 55)
            // From the beginning: what comes before the base is there for transactions, and is not applied.
            let entries = try await fixture.oplog()
            for (index, mark) in marks.enumerated() {
                try await base.restore(to: fixture)
                let result = try await fixture.replay(
                    entries,
                    base: base,
                    through: mark.timestamp,
                    id: "to \(index)"
                )
                let expected = mark.state.mapValues(\.withoutIndexes)
                let found = try await fixture.targetState()
                for name in Set(expected.keys).union(found.keys).sorted() {
                    #expect(found[name] == expected[name], "\(name) after \(mark.name) on \(version)")
                }
                for (name, state) in mark.state where state.type == "collection" {
                    let namespace = try #require(Namespace(name))
                    // As text: the server gives the same number as int32 here and as int64 there.
                    let indexes = try Set(
                        state.indexes.map { try BSONDocument(extendedJSON: $0).sortedByKey.description }
                    )
                    let followed = Set((result.catalogue[namespace]?.indexes ?? []).map(\.sortedByKey.description))
                    #expect(followed == indexes, "indexes of \(name) after \(mark.name) on \(version)")
                }
                let left = result.catalogue.collections.keys.map(\.description).filter { mark.state[$0] == nil }
                #expect(left.isEmpty, "indexes of what is gone after \(mark.name) on \(version)")
            }
        }
    }
}

extension Namespace {
    init?(_ text: String) {
        let parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        self.init(database: parts[0], collection: parts[1])
    }
}

extension BSONDocument {
    /// The same with its top-level keys in the order of the alphabet.
    var sortedByKey: BSONDocument {
        BSONDocument(map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 })
    }
}
