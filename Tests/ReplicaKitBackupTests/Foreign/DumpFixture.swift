import Foundation
import ReplicaKit
import TestSupport

@testable import ReplicaKitBackup

/// Dumps as `mongodump` writes them, made by Python from the description of its formats.
enum DumpFixture {
    private static let common = #"""
        import base64, gzip, hashlib, json, os, struct, urllib.parse
        from bson import BSON
        from bson.int64 import Int64

        LONG = "a/long name " + "ü" * 60
        def stem(name):
            text = urllib.parse.quote_plus(name, safe="$")
            if len(text) <= 238: return text
            digest = base64.urlsafe_b64encode(hashlib.sha1(name.encode()).digest()).decode().rstrip("=")
            return text[:208] + "%24" + digest
        def docs(first, count, size=10):
            return [BSON.encode({"_id": number, "fill": "x" * size}) for number in range(first, first + count)]
        index = {"v": {"$numberInt": "2"}, "key": {"_id": {"$numberInt": "1"}}, "name": "_id_"}
        def metadata(name, kind="collection", **options):
            return json.dumps({"options": options, "indexes": [] if kind == "view" else [index],
                               "uuid": "00112233445566778899aabbccddeeff", "collectionName": name, "type": kind})
        series = {"timeseries": {"timeField": "t"}}
        collections = [  # database, collection, kind, options, where the documents are, the documents
            ("shop", "orders", "collection", {}, "orders", docs(0, 700, 3000)),
            ("shop", "empty", "collection", {"capped": True, "size": {"$numberInt": "4096"}}, "empty", []),
            ("shop", "a b+c/%d", "collection", {}, "a b+c/%d", docs(5, 3)),
            ("shop", LONG, "collection", {}, LONG, docs(9, 4)),
            ("shop", "open", "view", {"viewOn": "orders", "pipeline": []}, None, []),
            ("shop", "series", "timeseries", series, "system.buckets.series", docs(20, 5)),
            ("admin", "system.version", "collection", {}, "system.version", docs(1, 1)),
        ]
        oplog = docs(1000, 50)

        """#

    /// Writes a directory.
    static func directory(_ path: String, isGzip: Bool) async throws {
        let script = #"""
            def write(path, data, zipped):
                os.makedirs(os.path.dirname(path), exist_ok=True)
                open(path, "wb").write(gzip.compress(data) if zipped else data)
            zipped, suffix = input["gzip"] == "1", ".gz" if input["gzip"] == "1" else ""
            for database, name, kind, options, data, documents in collections:
                folder = os.path.join(input["path"], database)
                write(f"{folder}/{stem(name)}.metadata.json{suffix}", metadata(name, kind, **options).encode(), zipped)
                if data: write(f"{folder}/{stem(data)}.bson{suffix}", b"".join(documents), zipped)
            write(f"{input['path']}/shop/$admin.system.users.bson{suffix}", b"".join(docs(0, 2)), zipped)
            write(f"{input['path']}/oplog.bson", b"".join(oplog), zipped)
            write(f"{input['path']}/prelude.json{suffix}", b'{"ServerVersion":"6.0.5","ToolVersion":"100.12.0"}', zipped)
            write(f"{input['path']}/notes.txt", b"not of the dump", False)
            """#
        _ = try await Judge.ask(common + script, input: ["path": path, "gzip": isGzip ? "1" : "0"], as: Int?.self)
    }

    /// Writes an archive, and gives the offset of its first block.
    static func archive(_ path: String, isGzip: Bool, isSmall: Bool = false) async throws -> Int {
        let script = #"""
            END = b"\xff\xff\xff\xff"
            def crc64(data):
                crc = 0xFFFFFFFFFFFFFFFF
                for byte in data:
                    crc ^= byte
                    for _ in range(8): crc = (crc >> 1) ^ (0xC96C5795D7870F42 if crc & 1 else 0)
                return crc ^ 0xFFFFFFFFFFFFFFFF
            def block(database, name, documents, crc=None):
                header = {"db": database, "collection": name, "EOF": crc is not None, "CRC": Int64(0)}
                if crc is not None: header["CRC"] = Int64(struct.unpack("<q", struct.pack("<Q", crc))[0])
                return BSON.encode(header) + b"".join(documents) + END
            if input["small"] == "1":
                collections = [("shop", "orders", "collection", {}, "orders", docs(0, 4)),
                               ("shop", "items", "collection", {}, "items", docs(4, 3)), collections[4]]
                oplog = docs(8, 2)
            else:
                collections[0] = ("shop", "orders", "collection", {}, "orders", docs(0, 40, 3000))
            out = b"\x6d\xe2\x99\x81" + BSON.encode({"concurrent_collections": 4, "version": "0.1",
                "server_version": "6.0.5", "tool_version": "100.8.0"})
            for database, name, kind, options, data, documents in collections:
                out += BSON.encode({"db": database, "collection": name, "metadata": metadata(name, kind, **options),
                                    "size": len(documents), "type": kind})
            out += BSON.encode({"db": "", "collection": "oplog", "metadata": "", "size": 0, "type": "collection"}) + END
            first = len(out)
            streams = [(database, data, documents) for database, _, _, _, data, documents in collections if data]
            streams.append(("", "oplog", oplog))
            # In turns, as several are dumped at once.
            for turn in range(2):
                for database, name, documents in streams:
                    half = len(documents) // 2
                    part = documents[half:] if turn else documents[:half]
                    if part: out += block(database, name, part)
                    if turn: out += block(database, name, [], crc64(b"".join(documents)))
            open(input["path"], "wb").write(gzip.compress(out) if input["gzip"] == "1" else out)
            result = first
            """#
        let input = ["path": path, "gzip": isGzip ? "1" : "0", "small": isSmall ? "1" : "0"]
        return try await Judge.ask(common + script, input: input, as: Int.self)
    }

    /// The numbers of the documents that a reader gives.
    static func numbers(_ reader: (any DocumentReader)?) async throws -> [Int] {
        var numbers: [Int] = []
        while let batch = try await reader?.next() {
            var rest = batch.bytes[...]
            while let document = try BSONDocument(takingFrom: &rest) { numbers.append(document["_id"]?.intValue ?? -1) }
        }
        return numbers
    }

    static func numbers(_ dump: some DumpSource, _ database: String, _ collection: String) async throws -> [Int] {
        try await numbers(dump.documents(of: Namespace(database: database, collection: collection)))
    }

    static let longName = "a/long name " + String(repeating: "ü", count: 60)
}
