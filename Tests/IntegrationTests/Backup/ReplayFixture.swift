import ReplicaKit
import ReplicaKitBackup
import ReplicaKitMongo
import TestSupport

/// A set that is written to and another that its oplog is replayed on, each of one member.
struct ReplayFixture: Sendable {
    let source: RealSet
    let target: RealSet

    static func with<Result: Sendable>(
        _ version: String,
        targetVersion: String? = nil,
        parameters: [String: String] = [:],
        _ body: (ReplayFixture) async throws -> Result
    ) async throws -> Result {
        try await RealSet.with(
            members: 1,
            version: version,
            editing: { spec in
                guard case .process(var runtime) = spec.runtime else { return }
                runtime.parameters.merge(parameters) { $1 }
                spec.runtime = .process(runtime)
            }
        ) { source in
            try await RealSet.with(members: 1, version: targetVersion ?? version) { target in
                try await body(ReplayFixture(source: source, target: target))
            }
        }
    }

    // MARK: Python

    struct Login: Codable, Sendable {
        var port: Int
        var key: String
    }

    /// A moment of the source between two operations, and everything that it holds then.
    struct Mark: Decodable, Sendable {
        var name: String
        var t: UInt32
        var i: UInt32
        var state: [String: State]

        var timestamp: BSONTimestamp { BSONTimestamp(seconds: t, increment: i) }
    }

    /// What a collection is, as another client sees it.
    struct State: Decodable, Sendable, Equatable {
        var type: String
        var options: String
        var hash: String?
        /// The order of a capped collection.
        var order: String?
        /// Index specs as Extended JSON.
        var indexes: [String]

        var withoutIndexes: State {
            var copy = self
            copy.indexes = []
            return copy
        }
    }

    private static let preamble = """
        import pymongo, bson, hashlib, datetime, time
        from bson import json_util, Int64
        from bson.raw_bson import RawBSONDocument
        def client():
            return pymongo.MongoClient("127.0.0.1", input["port"], directConnection=True, username="__system",
                password=input["key"], authSource="local", authMechanism="SCRAM-SHA-256",
                serverSelectionTimeoutMS=20000)
        c = client()
        db = c.shop
        version = tuple(c.server_info()["versionArray"][:3])
        marks = []
        def canonical(d): return json_util.dumps(d, json_options=json_util.CANONICAL_JSON_OPTIONS)
        def own_hash(coll):
            raw = coll.with_options(codec_options=bson.CodecOptions(document_class=RawBSONDocument))
            return hashlib.sha256(b"".join(sorted(x.raw for x in raw.find()))).hexdigest()
        def state():
            out = {}
            for d in sorted(c.list_database_names()):
                if d in ("local", "config", "replicakit_restore"): continue
                hashes = c[d].command("dbHash")["collections"]
                for info in c[d].list_collections():
                    n = info["name"]
                    if d == "admin" and n in ("system.keys", "system.version"): continue
                    e = {"type": info["type"], "options": canonical(dict(sorted(info["options"].items()))),
                         "indexes": []}
                    if info["type"] == "collection":
                        e["hash"] = hashes.get(n) or own_hash(c[d][n])
                        if info["options"].get("capped"):
                            e["order"] = canonical({"ids": [x["_id"] for x in c[d][n].find({}, {"_id": 1})]})
                        e["indexes"] = [canonical(x) for x in c[d][n].list_indexes()]
                    out[d + "." + n] = e
            return out
        def last():
            return next(c.local["oplog.rs"].find({}, {"ts": 1}).sort("$natural", -1))["ts"]
        def mark(name):
            ts = last()
            marks.append({"name": name, "t": ts.time, "i": ts.inc, "state": state()})
        def step(name, f):
            f()
            mark(name)

        """

    func login(_ set: RealSet) -> Login {
        Login(port: set.addresses[0].port, key: set.members.keyFile.reveal())
    }

    /// Runs Python with `c`, `db` and the helpers above on one of the sets.
    func python<Answer: Decodable & Sendable>(
        _ script: String,
        on set: RealSet,
        as answer: Answer.Type = Answer.self
    ) async throws -> Answer {
        try await Judge.ask(Self.preamble + script, input: login(set), as: answer)
    }

    /// What the target holds, without what only concerns indexes.
    func targetState() async throws -> [String: State] {
        let state: [String: State] = try await python("result = state()", on: target)
        return state.mapValues(\.withoutIndexes)
    }

    // MARK: Swift

    func withConnection<Result: Sendable>(
        to set: RealSet,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try await LibMongoCDriver.quiet.withConnection(
            to: set.addresses[0],
            as: .keyFile(set.members.keyFile),
            timeout: .seconds(20),
            body
        )
    }

    /// The source's whole oplog from the entry after a timestamp on.
    func oplog(after timestamp: BSONTimestamp = BSONTimestamp(rawValue: 0)) async throws -> [DocumentBatch] {
        try await withConnection(to: source) { connection in
            try await connection.batches(
                ["find": "oplog.rs", "filter": ["ts": ["$gt": .timestamp(timestamp)]]],
                on: "local"
            )
        }
    }

    /// Replays entries on the target in one go.
    func replay(
        _ entries: [DocumentBatch],
        base: BaseCopy,
        through: BSONTimestamp,
        id: String = "test",
        editing edit: (inout OplogReplayer.Settings) -> Void = { _ in }
    ) async throws -> ReplayResult {
        var settings = OplogReplayer.Settings(
            id: id,
            after: base.timestamp,
            through: through,
            catalogue: base.catalogue
        )
        edit(&settings)
        return try await withConnection(to: target) { [settings] connection in
            var replayer = try await OplogReplayer(on: connection, settings: settings)
            for batch in entries where !replayer.isComplete { try await replayer.feed(batch) }
            return try await replayer.finish()
        }
    }
}

extension MemberConnection {
    /// Everything that a command's cursor gives.
    func batches(_ command: BSONDocument, on database: String) async throws -> [DocumentBatch] {
        let cursor = try await cursor(command, on: database, timeout: .seconds(60))
        var batches: [DocumentBatch] = []
        while let batch = try await cursor.nextBatch() { batches.append(batch) }
        return batches
    }

    func documents(_ command: BSONDocument, on database: String) async throws -> [BSONDocument] {
        try await batches(command, on: database).flatMap { try $0.documents() }
    }
}

extension DocumentBatch {
    func documents() throws -> [BSONDocument] {
        var documents: [BSONDocument] = []
        var rest = bytes[...]
        while let document = try BSONDocument(takingFrom: &rest) { documents.append(document) }
        return documents
    }
}
