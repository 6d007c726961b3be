import ReplicaKit
import ReplicaKitBackup
import TestSupport

/// A set to be backed up, a store for the backups, and a set to restore to.
struct BackupFixture: Sendable {
    let source: LifecycleFixture
    let target: LifecycleFixture
    let store: LocalBackupStore
    let storeDirectory: String

    static func with(
        version: String = RealServers.defaultVersion,
        targetVersion: String? = nil,
        sourceMembers: Int = 2,
        _ body: @escaping (BackupFixture) async throws -> Void
    ) async throws {
        try await LifecycleFixture.with(members: sourceMembers, version: version) { source in
            _ = try await source.set.apply(.up)
            try await LifecycleFixture.with(
                members: 1,
                version: targetVersion ?? version,
                editing: { $0.name = source.set.spec.name }
            ) { target in
                _ = try await target.set.apply(.up)
                try await TemporaryDirectory.with { directory in
                    try await body(
                        BackupFixture(
                            source: source,
                            target: target,
                            store: LocalBackupStore(directory: directory.path("store")),
                            storeDirectory: directory.path("store")
                        )
                    )
                }
            }
        }
    }

    /// What a set holds, by an independent client: of each collection its hash (`dbHash`), options and indexes, and the
    /// users and roles.
    typealias Contents = [String: String]

    static func contents(of fixture: LifecycleFixture) async throws -> Contents {
        try await fixture.judge(
            """
            import bson.json_util as ju
            def plain(v):
                if isinstance(v, dict): return {k: plain(v[k]) for k in sorted(v)}
                if isinstance(v, list): return [plain(x) for x in v]
                if isinstance(v, (int, float)) and not isinstance(v, bool): return float(v)
                return ju.dumps(v)
            result = {}
            for c in m:
                if not c.admin.command("hello")["isWritablePrimary"]: continue
                for name in c.list_database_names():
                    if name in ("admin", "config", "local", "replicakit_restore"): continue
                    db = c[name]
                    hashes = db.command("dbHash")["collections"]
                    for info in db.list_collections():
                        ns = info["name"]
                        if ns in ("system.views",): continue
                        parts = [hashes.get(ns, ""), json.dumps(plain(info.get("options", {})))]
                        if info["type"] != "view":
                            specs = sorted(db[ns].list_indexes(), key=lambda s: s["name"])
                            parts.append(json.dumps([plain({k: v for k, v in s.items() if k != "ns"}) for s in specs]))
                        result[name + "." + ns] = "|".join(parts)
                for kind, command in (("users", {"usersInfo": {"forAllDBs": True}}), ("roles", {"rolesInfo": 1})):
                    for one in c.admin.command(command)[kind]:
                        if one.get("user") == input["user"]: continue
                        one.pop("userId", None)
                        result[kind + " " + str(one.get("_id", one.get("role")))] = json.dumps(plain(one))
            """,
            as: Contents.self
        )
    }

    /// Python that fills a set with every kind of collection, index and value that its version knows. `c` is a client of
    /// the primary.
    static let fill = """
        import bson, datetime, uuid, re
        from bson import Binary, Code, Decimal128, DBRef, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
        from bson.raw_bson import RawBSONDocument
        c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
        version = tuple(c.server_info()["versionArray"][:2])
        d = c["shop"]
        d.orders.insert_many([{"_id": i, "a": i % 7, "s": "x" * 200, "zero": 0, "float": 0.0} for i in range(3000)])
        d.orders.create_index("a"); d.orders.create_index([("s", "hashed")])
        d.orders.create_index("u", unique=True, sparse=True, hidden=True)
        d.orders.create_index("part", partialFilterExpression={"part": {"$gt": 5}})
        d.types.insert_one({"_id": ObjectId(), "min": MinKey(), "max": MaxKey(), "int": 5, "long": Int64(5),
            "dec": Decimal128("NaN"), "dec2": Decimal128("1E+10"), "bin": Binary(b"abc", 0), "old": Binary(b"abc", 2),
            "uuid": Binary(uuid.uuid4().bytes, 4), "user": Binary(b"z", 200), "code": Code("f()"),
            "scope": Code("f()", {"a": 1}), "re": Regex("a.*", "imx"), "date": datetime.datetime(1960, 1, 1),
            "nan": float("nan"), "inf": float("-inf"), "null": None, "nested": {"ts": Timestamp(0, 0), "l": [1, [2, {}]]},
            "ref": DBRef("a", 1), "bool": True, "text": "ü\\u0000€"})
        # Names and repetitions that drivers refuse, and a timestamp that servers replace when it is inserted.
        d.raw.update_one({"_id": 1}, [{"$replaceWith": {"$literal": {"_id": 1, "ts": Timestamp(0, 0), "a.b": 2}}}], upsert=True)
        assert d.raw.find_one()["ts"] == Timestamp(0, 0)
        twice = bson.encode({"_id": 2})[4:-1] + b"\\x10same\\x00\\x01\\x00\\x00\\x00" * 2 + b"\\x00"
        d.raw.insert_one(RawBSONDocument((len(twice) + 4).to_bytes(4, "little") + twice))
        d.create_collection("capped", capped=True, size=100000, max=50)
        d.capped.insert_many([{"_id": 100 - i, "n": i} for i in range(80)])
        d.create_collection("valid", validator={"x": {"$type": "int"}}, validationAction="error", collation={"locale": "de"})
        d.valid.insert_one({"x": 1}); d.valid.create_index("x", expireAfterSeconds=10**8)
        d.valid.create_index("y", collation={"locale": "simple"})
        d.invalid.insert_one({"x": "text"})
        d.command("collMod", "invalid", validator={"x": {"$type": "int"}})
        d.command("create", "view", viewOn="orders", pipeline=[{"$match": {"a": 1}}])
        d.command("create", "view2", viewOn="view", pipeline=[])
        d.command("create", "view3", viewOn="valid", pipeline=[], collation={"locale": "de"})
        d['odd name/ü%"'].insert_one({"a": 1}); d["x" * 180 + "é" * 15].insert_one({"b": 2})
        d.geo.create_index([("p", "2dsphere")]); d.geo.create_index([("t", "text")], default_language="german")
        d.geo.insert_one({"p": {"type": "Point", "coordinates": [1, 2]}, "t": "hallo welt"})
        d.flat.create_index([("p", "2d")]); d.wild.create_index([("$**", 1)], wildcardProjection={"a": 1})
        d.create_collection("empty"); c["other-db"].c.insert_one({"_id": Int64(5)})
        d["system.js"].insert_one({"_id": "f", "value": Code("function() {}")})
        if version >= (5, 0):
            d.create_collection("ts", timeseries={"timeField": "t", "metaField": "m"})
            d.ts.insert_many([{"t": datetime.datetime(2024, 1, 1, 0, i % 60), "m": {"a": i % 3}, "v": i} for i in range(500)])
            d.ts.create_index([("m.a", 1), ("t", 1)])
        if version >= (5, 3):
            d.command("create", "clustered", clusteredIndex={"key": {"_id": 1}, "unique": True})
            d.clustered.insert_many([{"_id": i} for i in range(100)])
        c.admin.command("createRole", "r1", privileges=[], roles=["read"])
        c.shop.command("createUser", "bob", pwd="pw12345", roles=["readWrite"])
        result = True
        """

    /// Fills the source.
    func fillSource() async throws {
        let done = try await source.judge(Self.fill, as: Bool.self)
        guard done else { throw TestFailure("the source was not filled") }
    }
}
