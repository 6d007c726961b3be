import ReplicaKit
import ReplicaKitBackup
import TestSupport
import Testing

/// A replay whose client dies goes on where it was, and nothing is done twice.
@Suite(.serialized) struct ReplayResumeTests {
    static let setUp = """
        db.create_collection("cap", capped=True, size=4096, max=3)
        db.base.insert_many([{"_id": i, "x": i} for i in range(20)])
        db.old.insert_one({"_id": "old"})
        result = True
        """

    static let operations = """
        db.base.update_many({}, {"$inc": {"x": 1}})
        db.base.delete_many({"_id": {"$lt": 5}})
        db.cap.insert_many([{"_id": i} for i in range(10)])
        db.a.insert_many([{"_id": i} for i in range(3)])
        db.a.rename("b")
        db.a.insert_one({"_id": "a"})
        db.a.create_index("k")
        db.b.rename("old", dropTarget=True)
        db.old.update_one({"_id": 1}, {"$set": {"y": 1}})
        db.a.drop()
        db.a.insert_one({"_id": "again"})
        db.create_collection("v", viewOn="a", pipeline=[])
        with c.start_session() as s:
            s.start_transaction()
            for i in range(2500): db.base.insert_one({"_id": "t%d" % i}, session=s)
            db.base.update_one({"_id": "t1"}, {"$set": {"z": [1]}}, session=s)
            db.base.delete_one({"_id": "t1"}, session=s)
            s.commit_transaction()
        db.command("collMod", "base", validator={"q": 1}, validationAction="warn")
        db.command("convertToCapped", "old", size=8192)
        db.v.drop()
        c.drop_database("gone")
        db.base.update_one({"_id": 10}, {"$push": {"list": 1}})
        mark("end")
        result = marks[0]
        """

    @Test(.realServers(), arguments: ["6.0.5", "4.4.2"], BreakingConnection.Moment.allCases)
    func goesOnWhereItBroke(version: String, moment: BreakingConnection.Moment) async throws {
        try await ReplayFixture.with(version) { fixture in
            let _: Bool = try await fixture.python(Self.setUp, on: fixture.source)
            let base = try await BaseCopy(of: fixture)
            let end: ReplayFixture.Mark = try await fixture.python(Self.operations, on: fixture.source)
            let entries = try await fixture.oplog(after: base.timestamp)
            let expected = end.state.mapValues(\.withoutIndexes)
            var settings = OplogReplayer.Settings(
                id: "",
                after: base.timestamp,
                through: end.timestamp,
                catalogue: base.catalogue
            )
            var call = 1
            while true {
                try await base.restore(to: fixture)
                settings.id = "broken at \(call)"
                let whole = try await fixture.withConnection(to: fixture.target) { [settings] connection in
                    let breaking = BreakingConnection(connection, at: call, moment)
                    do {
                        var replayer = try await OplogReplayer(on: breaking, settings: settings)
                        for batch in entries { try await replayer.feed(batch) }
                        _ = try await replayer.finish()
                        return true
                    } catch let error as ReplicaKitError where error.code == .connectionClosed {
                        return false
                    }
                }
                if whole { break }
                let result = try await fixture.replay(entries, base: base, through: end.timestamp, id: settings.id)
                let found = try await fixture.targetState()
                #expect(found == expected, "broken \(moment) call \(call) on \(version)")
                let names = Set(expected.filter { $0.value.type == "collection" }.keys)
                #expect(Set(result.catalogue.collections.keys.map(\.description)) == names)
                call += version == "6.0.5" ? 1 : 3
            }
            #expect(call > 20)
        }
    }
}
