import Foundation
import ReplicaKit
import ReplicaKitBackup
import ReplicaKitS3
import TestSupport
import Testing

@Suite struct S3BackupStoreTests {
    /// Bytes of which each 64 KiB are different.
    private static func content(_ size: Int) -> [UInt8] {
        (0..<size).map { UInt8(truncatingIfNeeded: $0 ^ ($0 >> 16) &* 31) }
    }

    private func read(_ store: S3BackupStore, _ name: String, from offset: Int = 0) async throws -> [UInt8] {
        let reader = try await store.read(name, from: offset)
        var bytes: [UInt8] = []
        while let piece = try await reader.next() { bytes += piece }
        await reader.close()
        return bytes
    }

    @Test func objectsOfAllSizesAndNamesAreKept() async throws {
        try await ObjectServer.with { server in
            try await server.withStore(prefix: "sets/rs0/") { store in
                let sizes = [0, 1, 4 << 20, (4 << 20) + 1, 8 << 20, (20 << 20) + 5]
                for size in sizes {
                    let content = Self.content(size)
                    let writer = try await store.write("size/\(size)")
                    for start in stride(from: 0, to: size, by: 3_000_000) {
                        try await writer.write(Array(content[start..<min(start + 3_000_000, size)]))
                    }
                    #expect(try await store.list("size/\(size)").isEmpty)
                    try await writer.commit()
                    #expect(try await read(store, "size/\(size)") == content)
                    #expect(try await read(store, "size/\(size)", from: size / 2) == Array(content[(size / 2)...]))
                    #expect(try await read(store, "size/\(size)", from: size) == [])
                }
                #expect(Set(try await store.list("size/").map(\.bytes)) == Set(sizes))
                // Another client finds the same bytes under the same names.
                let same = try await server.ask(
                    """
                    found = {o["Key"]: s3.get_object(Bucket="kept", Key=o["Key"])["Body"].read()
                             for o in s3.list_objects_v2(Bucket="kept")["Contents"]}
                    longest = max(len(data) for data in found.values())
                    whole = bytes((i ^ (i >> 16) * 31) & 255 for i in range(longest))
                    result = sum(key == f"sets/rs0/size/{len(data)}" and data == whole[:len(data)]
                                 for key, data in found.items())
                    """,
                    as: Int.self
                )
                #expect(same == sizes.count)

                let names = ["a+b", "a b", "ü/%25", "x&<y>\"'", "a$b.c"]
                for name in names { try await store.put(Array(name.utf8), as: "names/\(name)") }
                for name in names { #expect(try await store.content(of: "names/\(name)") == Array(name.utf8)) }
                #expect(try await store.list("names/").map(\.name) == names.map { "names/\($0)" }.sorted())
                try await store.delete(names.map { "names/\($0)" } + ["names/never"])
                #expect(try await store.list("names/").isEmpty)

                let error = await #expect(throws: ReplicaKitError.self) { _ = try await store.read("none", from: 0) }
                #expect(error?.code == .backupObjectMissing)
            }
        }
    }

    @Test func aLongListComesInPages() async throws {
        try await ObjectServer.with { server in
            let made = try await server.ask(
                """
                for number in range(1203): s3.put_object(Bucket="kept", Key=f"many/{number:05}", Body=b"x")
                result = 1203
                """,
                as: Int.self
            )
            try await server.withStore { store in
                let names = try await store.list("many/").map(\.name)
                #expect(names.count == made)
                #expect(names.last == "many/01202")
                try await store.delete(names)
                #expect(try await store.list("").isEmpty)
            }
        }
    }

    @Test func aBackupIsPublishedOnce() async throws {
        try await ObjectServer.with { server in
            try await server.withStore { store in
                try await store.publish("backups/B1", manifest: [1], named: "manifest.json")
                let error = await #expect(throws: ReplicaKitError.self) {
                    try await store.publish("backups/B1", manifest: [2], named: "manifest.json")
                }
                #expect(error?.message.contains("is there already") == true)
                #expect(try await store.content(of: "backups/B1/manifest.json") == [1])
                // The answer to the request that put it was lost: it is ours all the same.
                try server.spoil(.init(pattern: "^PUT .*B2", kind: "lose"))
                try await store.publish("backups/B2", manifest: [3], named: "manifest.json")
                // A service that knows no conditions.
                let none = "<Error><Code>NotImplemented</Code><Message>no</Message></Error>"
                try server.spoil(
                    .init(pattern: "^PUT .*B3", kind: "status", status: 501, body: none),
                    .init(pattern: "^PUT .*B1", kind: "status", status: 501, times: 2, body: none)
                )
                try await store.publish("backups/B3", manifest: [4], named: "manifest.json")
                #expect(try await store.content(of: "backups/B3/manifest.json") == [4])
                await #expect(throws: ReplicaKitError.self) {
                    try await store.publish("backups/B1", manifest: [2], named: "manifest.json")
                }
                #expect(try await store.content(of: "backups/B1/manifest.json") == [1])
            }
        }
    }

    @Test func passingFailuresPass() async throws {
        try await ObjectServer.with { server in
            try await server.withStore { store in
                let content = Self.content((20 << 20) + 5)
                try server.spoil(
                    .init(
                        pattern: "^PUT .*partNumber=1",
                        kind: "status",
                        status: 503,
                        times: 2,
                        body: "<Error><Code>SlowDown</Code></Error>"
                    ),
                    .init(pattern: "^PUT .*partNumber=2", kind: "lose"),
                    .init(pattern: "^POST .*uploads", kind: "status", status: 500),
                    .init(pattern: "^POST .*uploadId", kind: "lose"),
                    .init(pattern: "^GET .*object", kind: "cut", times: 3)
                )
                try await store.put(content, as: "object")
                #expect(try await read(store, "object") == content)
            }
        }
    }

    @Test func lastingFailuresAreSaid() async throws {
        try await ObjectServer.with { server in
            try await server.withStore { store in
                try server.spoil(.init(pattern: "^PUT .*tag", kind: "tag", times: 100))
                for size in [10, 9 << 20] {
                    let error = await #expect(throws: ReplicaKitError.self) {
                        try await store.put(Self.content(size), as: "tag")
                    }
                    #expect(error?.message.contains("other bytes") == true)
                }
                let failed = "<Error><Code>InvalidPart</Code><Message>a part is gone</Message></Error>"
                try server.spoil(.init(pattern: "^POST .*uploadId", kind: "status", status: 200, body: failed))
                let error = await #expect(throws: ReplicaKitError.self) {
                    try await store.put(Self.content(9 << 20), as: "part")
                }
                #expect(error?.message.contains("a part is gone") == true)
                // What failed is not left behind.
                let uploads = try await server.ask(
                    "result = len(s3.list_multipart_uploads(Bucket='kept').get('Uploads', []))",
                    as: Int.self
                )
                #expect(uploads == 0)
            }
        }
    }

    @Test func aWrongSecretIsSaidWithoutShowingIt() async throws {
        try await ObjectServer.with { server in
            let wrong = "this is the wrong secret of the key"
            try await server.withStore(secret: wrong) { store in
                for call in [
                    { _ = try await store.list("") }, { _ = try await store.read("a", from: 0) },
                    { try await store.put([1], as: "a") }, { try await store.delete(["a"]) },
                ] {
                    let error = await #expect(throws: ReplicaKitError.self) { try await call() }
                    #expect(error?.code == .backupStoreRefused)
                    #expect(error?.message.contains("SignatureDoesNotMatch") == true)
                    #expect(error.map { "\($0) \($0.hint ?? "")".contains(wrong) } == false)
                }
            }
        }
    }

    @Test func cancelledUploadsAreAborted() async throws {
        try await ObjectServer.with { server in
            try await server.withStore { store in
                let writer = try await store.write("half")
                try await writer.write(Self.content(17 << 20))
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    await writer.cancel()
                }
                await task.value
                let left = try await server.ask(
                    """
                    result = [len(s3.list_multipart_uploads(Bucket="kept").get("Uploads", [])),
                              s3.list_objects_v2(Bucket="kept")["KeyCount"]]
                    """,
                    as: [Int].self
                )
                #expect(left == [0, 0])
            }
        }
    }
}
