import Foundation
import ReplicaKit
import ReplicaKitBackup
import TestSupport
import Testing

/// Restores to moments between backups, from the archive of the oplog: exactly what was there then.
@Suite(.serialized) struct PointInTimeTests {
    /// A moment and what the source held at it.
    private struct Mark: Codable, Sendable {
        var seconds: UInt32
        var increment: UInt32
        var contents: [String: String]
    }

    /// How many random instants are restored: `RK_INSTANTS`, else few enough for every day.
    private static let instants = ProcessInfo.processInfo.environment["RK_INSTANTS"].flatMap(Int.init) ?? 10

    @Test(.realServers(), arguments: RealServers.outermostVersions)
    func everyMarkComesBackExactly(version: String) async throws {
        try await BackupFixture.with(version: version) { fixture in
            try await fixture.fillSource()
            let hasSeries = try await fixture.source.judge(
                """
                import datetime
                c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                result = c.server_info()["versionArray"][0] >= 5
                for name in ["goes", "stays"] if result else []:
                    c.shop.create_collection(name, timeseries={"timeField": "t"})
                    c.shop[name].insert_one({"t": datetime.datetime(2024, 1, 1), "v": 1})
                """,
                as: Bool.self
            )
            #expect(hasSeries == !version.hasPrefix("4."))
            let archiver = OplogArchiver(set: fixture.source.set, store: fixture.store)
            try await archiver.run(untilCaughtUp: true)
            let manifest = try await BackupCreator(set: fixture.source.set, store: fixture.store).run()
            let marks = try await fixture.source.judge(
                """
                import bson, datetime
                from bson import Int64
                c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                d = c.shop
                def mark():
                    r = c.admin.command("appendOplogNote", 1, data={"mark": 1})
                    t = r["operationTime"]
                    contents = {}
                    for name in c.list_database_names():
                        if name in ("admin", "config", "local"): continue
                        for k, v in c[name].command("dbHash")["collections"].items(): contents[name + "." + k] = v
                    contents["indexes of a series"] = " ".join(sorted(d.stays.index_information()))
                    return {"seconds": t.time, "increment": t.inc, "contents": contents}
                result = [mark()]
                d.orders.update_many({"a": 3}, {"$inc": {"n": 1}}); result.append(mark())
                d.orders.delete_many({"a": 4}); d.fresh.insert_many([{"_id": i} for i in range(50)]); result.append(mark())
                d.fresh.create_index("v", unique=True, sparse=True)
                d.fresh.update_one({"_id": 1}, {"$set": {"v": 1}}); d.fresh.update_one({"_id": 1}, {"$set": {"v": 2}})
                d.fresh.update_one({"_id": 2}, {"$set": {"v": 1}}); result.append(mark())
                d.fresh.rename("renamed"); d.fresh.insert_one({"_id": "again"}); result.append(mark())
                d.renamed.rename("valid", dropTarget=True); result.append(mark())
                d.valid.drop(); d.create_collection("valid"); d.valid.insert_one({"_id": "new"}); result.append(mark())
                with c.start_session() as s:
                    with s.start_transaction():
                        d.orders.insert_one({"_id": "tx1"}, session=s); d.valid.insert_one({"_id": "tx1"}, session=s)
                    result.append(mark())
                    s.start_transaction()
                    d.orders.insert_one({"_id": "tx2"}, session=s); s.abort_transaction()
                d.command("collMod", "orders", validator={"a": {"$exists": True}}, validationLevel="off"); result.append(mark())
                c.drop_database("other-db"); c["other-db"].c.insert_one({"_id": "reborn"}); result.append(mark())
                if c.server_info()["versionArray"][0] >= 5:
                    d.goes.drop(); d.stays.create_index("t"); result.append(mark())
                d.orders.drop_indexes(); d.orders.create_index("zero"); d.orders.insert_one({"_id": "end"}); result.append(mark())
                """,
                as: [Mark].self
            )
            try await archiver.run(untilCaughtUp: true)
            let restorer = Restorer(set: fixture.target.set, store: fixture.store)
            for (number, mark) in marks.enumerated() {
                let moment = RestoreTarget.entry(BSONTimestamp(seconds: mark.seconds, increment: mark.increment))
                let options = RestoreOptions(target: moment, mirrors: true)
                let plan = try await restorer.plan(nil, options)
                #expect(plan.manifest.id == manifest.id)
                let report = try await restorer.run(plan)
                let found = try await fixture.target.judge(
                    """
                    result = {}
                    for name in m[0].list_database_names():
                        if name in ("admin", "config", "local"): continue
                        for k, v in m[0][name].command("dbHash")["collections"].items(): result[name + "." + k] = v
                    result["indexes of a series"] = " ".join(sorted(m[0].shop.stays.index_information()))
                    """,
                    as: [String: String].self
                )
                // The definitions of views say how they were made; what they show is compared elsewhere.
                let wanted = mark.contents.filter { !$0.key.hasSuffix(".system.views") }
                let differing = Set(wanted.keys).union(found.keys.filter { !$0.hasSuffix(".system.views") })
                    .filter { wanted[$0] != found[$0] }
                #expect(differing.isEmpty, "mark \(number) of \(marks.count): \(differing.sorted()) \(report)")
            }
        }
    }

    @Test(.realServers())
    func randomInstantsOfACounterAreExactAndOthersAreRefused() async throws {
        try await BackupFixture.with { fixture in
            let store = fixture.store
            let set = fixture.source.set
            try await OplogArchiver(set: set, store: store).run(untilCaughtUp: true)
            _ = try await BackupCreator(set: set, store: store).run()
            // Each write's own place in the oplog, as the server says it.
            let log = try await fixture.source.judge(
                """
                c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                result = []
                for n in range(1, 1001):
                    r = c.shop.command("update", "counter", updates=[{"q": {"_id": 0}, "u": {"$set": {"n": n}}, "upsert": True}])
                    t = r["operationTime"]; result.append([t.time, t.inc])
                c.admin.command("appendOplogNote", 1, data={"end": 1})
                """,
                as: [[UInt32]].self
            )
            try await OplogArchiver(set: set, store: store).run(untilCaughtUp: true)
            let restorer = Restorer(set: fixture.target.set, store: store)
            for _ in 0..<Self.instants {
                let index = Int.random(in: 0..<log.count)
                let moment = BSONTimestamp(seconds: log[index][0], increment: log[index][1])
                let options = RestoreOptions(target: .entry(moment), mirrors: true, includesUsers: false)
                _ = try await restorer.run(try await restorer.plan(nil, options))
                let found = try await fixture.target.judge(
                    "result = (m[0].shop.counter.find_one() or {}).get(\"n\", 0)",
                    as: Int.self
                )
                #expect(found == index + 1, "\(moment)")
            }
            for moment in [
                BSONTimestamp(seconds: log[0][0] + 86_400, increment: 1), BSONTimestamp(seconds: 5, increment: 1),
            ] {
                let error = await #expect(throws: ReplicaKitError.self) {
                    try await restorer.plan(nil, RestoreOptions(target: .entry(moment), mirrors: true))
                }
                #expect(error?.code == .momentNotCovered)
            }
            try await Self.expectDamageIsFoundFirst(fixture, through: log[log.count - 1])
            try await Self.expectMomentsOfARestoreAreRefused(fixture)
        }
    }

    /// Restores into the set that is archived: what it held meanwhile is nothing to go back to.
    private static func expectMomentsOfARestoreAreRefused(_ fixture: BackupFixture) async throws {
        let (set, store) = (fixture.source.set, fixture.store)
        let mirror = RestoreOptions(mirrors: true)
        let restorer = Restorer(set: set, store: store)
        _ = try await restorer.run(try await restorer.plan(nil, mirror))
        let end = try await fixture.source.judge(
            """
            c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
            t = c.admin.command("appendOplogNote", 1, data={"end": 2})["operationTime"]
            result = [t.time, t.inc]
            """,
            as: [UInt32].self
        )
        try await OplogArchiver(set: set, store: store).run(untilCaughtUp: true)
        let window = try #require(try await OplogArchive(store: store).windows().last)
        var reader = try await OplogArchive(store: store)
            .entries(from: BSONTimestamp(rawValue: window.after.rawValue + 1), through: window.last)
        var marked: [BSONTimestamp] = []
        while let batch = try await reader.next() {
            marked += try batch.documents().filter { $0["ns"]?.stringValue == "replicakit_restore.progress" }
                .compactMap { $0["ts"]?.timestampValue }
        }
        let other = Restorer(set: fixture.target.set, store: store)
        for moment in [try #require(marked.first), try #require(marked.last)] {
            let plan = try await other.plan(nil, RestoreOptions(target: .entry(moment), mirrors: true))
            let error = await #expect(throws: ReplicaKitError.self) { try await other.run(plan) }
            #expect(error?.code == .refused && error?.hint?.contains("on.") == true, "\(String(describing: error))")
        }
        let after = RestoreTarget.entry(BSONTimestamp(seconds: end[0], increment: end[1]))
        _ = try await other.run(try await other.plan(nil, RestoreOptions(target: after, mirrors: true)))
    }

    /// Flips a bit of the archive: the restore that needs it is refused before the target is touched.
    private static func expectDamageIsFoundFirst(_ fixture: BackupFixture, through last: [UInt32]) async throws {
        let look = """
            result = [m[0].shop.counter.find_one(), "replicakit_restore" in m[0].list_database_names()]
            result = json.dumps(result)
            """
        let before = try await fixture.target.judge(look, as: String.self)
        let moment = BSONTimestamp(seconds: last[0], increment: last[1])
        let slices = try await OplogArchive(store: fixture.store).timelines().last?.slices ?? []
        let slice = try #require(slices.first { $0.after < moment && moment <= $0.last })
        let url = URL(filePath: fixture.storeDirectory).appending(path: slice.name)
        let whole = try Data(contentsOf: url)
        var flipped = whole
        flipped[flipped.count / 2] ^= 4
        try flipped.write(to: url)
        let restorer = Restorer(set: fixture.target.set, store: fixture.store)
        let plan = try await restorer.plan(nil, RestoreOptions(target: .entry(moment), mirrors: true))
        let error = await #expect(throws: ReplicaKitError.self) { try await restorer.run(plan) }
        #expect(error?.code == .backupDamaged)
        #expect(error?.message.contains(slice.name) == true)
        #expect(try await fixture.target.judge(look, as: String.self) == before)
        try whole.write(to: url)
    }

    @Test(.realServers())
    func theTargetsAdministratorStaysWhateverBecameOfTheSources() async throws {
        try await BackupFixture.with { fixture in
            let (set, store) = (fixture.source.set, fixture.store)
            try await OplogArchiver(set: set, store: store).run(untilCaughtUp: true)
            _ = try await BackupCreator(set: set, store: store).run()
            let end = try await fixture.source.judge(
                """
                c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                for user in ["clerk", "mender"]: c.admin.command("createUser", user, pwd="word", roles=["root"])
                c.admin.command("updateUser", "clerk", roles=["readAnyDatabase"])
                with c.start_session() as s:
                    c.admin.command("updateUser", input["user"], pwd="another", roles=[], session=s)
                    result = [s.operation_time.time, s.operation_time.inc]
                # After that moment all is as it was, for the archive's sake.
                mender = pymongo.MongoClient(*c.address, directConnection=True, username="mender", password="word")
                mender.admin.command("updateUser", input["user"], pwd=input["password"], roles=["root"])
                """,
                as: [UInt32].self
            )
            try await OplogArchiver(set: set, store: store).run(untilCaughtUp: true)
            let restorer = Restorer(set: fixture.target.set, store: store)
            let moment = BSONTimestamp(seconds: end[0], increment: end[1])
            _ = try await restorer.run(
                try await restorer.plan(nil, RestoreOptions(target: .entry(moment), mirrors: true))
            )
            // It signs in as the administrator, with the target's password.
            let roles = try await fixture.target.judge(
                """
                users = m[0].admin.command("usersInfo", 1)["users"]
                result = {u["user"]: [r["role"] for r in u["roles"]] for u in users}
                """,
                as: [String: [String]].self
            )
            #expect(roles["clerk"] == ["readAnyDatabase"])
            #expect(roles[set.spec.security.admin.user] == ["root"])
        }
    }
}
