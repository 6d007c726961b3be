import Foundation
import ReplicaKit
import ReplicaKitBackup
import Synchronization
import TestSupport
import Testing

/// Backups of real sets, restored to other real sets, and compared by an independent client.
@Suite(.serialized) struct BackupRoundTripTests {
    @Test(.realServers(), arguments: RealServers.availableVersions)
    func whatIsRestoredIsWhatWasBackedUp(version: String) async throws {
        try await BackupFixture.with(version: version) { fixture in
            try await fixture.fillSource()
            let before = try await BackupFixture.contents(of: fixture.source)
            let manifest = try await BackupCreator(set: fixture.source.set, store: fixture.store).run()
            #expect(manifest.mode == (version.hasPrefix("4.") ? .fuzzy : .snapshot))
            let restorer = Restorer(set: fixture.target.set, store: fixture.store)
            let report = try await restorer.run(try await restorer.plan(manifest.id))
            #expect(report.failedIndexes == [])
            expectSame(try await BackupFixture.contents(of: fixture.target), before)
        }
    }

    @Test(.realServers(), arguments: BackupCompression.allCases)
    func everyCompressionAndBothModesRestore(compression: BackupCompression) async throws {
        try await BackupFixture.with { fixture in
            try await fixture.fillSource()
            let before = try await BackupFixture.contents(of: fixture.source)
            let options = BackupOptions(compression: compression, mode: compression == .gzip ? .fuzzy : .snapshot)
            let manifest = try await BackupCreator(set: fixture.source.set, store: fixture.store, options: options)
                .run()
            // As mongorestore --gzip looks for it.
            #expect(manifest.oplog?.name == (compression == .gzip ? "oplog.bson" : nil))
            let verdict = try await BackupVerifier(store: fixture.store).restore(manifest.id, to: fixture.target.set)
            #expect(verdict.problems == [])
            expectSame(try await BackupFixture.contents(of: fixture.target), before)
        }
    }

    @Test(.realServers(), arguments: ["6.0.5", "4.4.2"])
    func whatAFuzzyBackupMustHoldIsCompared(version: String) async throws {
        try await BackupFixture.with(version: version) { fixture in
            try await fixture.fillSource()
            let busy = Task {
                try await fixture.source.judge(
                    """
                    import time
                    c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                    end = time.monotonic() + 5; n = 0
                    while time.monotonic() < end:
                        n += 1
                        c.shop.busy.replace_one({"_id": n % 500}, {"n": n}, upsert=True)
                        c.shop.orders.update_one({}, {"$inc": {"touched": 1}})
                    c.shop.busy.insert_one({"_id": "last"})
                    result = n
                    """,
                    as: Int.self
                )
            }
            _ = try await fixture.source.judge(
                """
                import time
                limit = time.monotonic() + 60
                while not m[0].shop.busy.find_one():
                    if time.monotonic() > limit: raise SystemExit("nobody writes")
                    time.sleep(0.05)
                result = True
                """,
                as: Bool.self
            )
            let options = BackupOptions(mode: .fuzzy, bytesPerSecond: 1 << 20)
            let manifest = try await BackupCreator(set: fixture.source.set, store: fixture.store, options: options)
                .run()
            #expect(try await busy.value > 100)
            let restorer = Restorer(set: fixture.target.set, store: fixture.store)
            _ = try await restorer.run(try await restorer.plan(manifest.id))
            let (verifier, notes) = (BackupVerifier(store: fixture.store), RestoreNotes())
            let found = try await verifier.compare(manifest.id, with: fixture.target.set) { notes.add($0) }
            #expect(found == [])
            #expect(notes.lines.contains { $0.hasPrefix("shop.orders: up to 1 documents") }, "\(notes.lines)")
            // One of the documents that no entry of the oplog is about, and an index.
            let changed = try await fixture.target.judge(
                """
                last = m[0].shop.orders.find_one(sort=[("_id", -1)])
                m[0].shop.orders.update_one({"_id": last["_id"]}, {"$set": {"other": 1}})
                m[0].shop.busy.create_index("n")
                m[0].shop.command("dropUser", "bob")
                m[0].admin.command("updateRole", "r1", roles=["readWrite"])
                result = m[0].shop.orders.count_documents({}) > 1
                """,
                as: Bool.self
            )
            #expect(changed)
            let problems = try await verifier.compare(manifest.id, with: fixture.target.set)
            #expect(problems.count == 4, "\(problems)")
            #expect(problems.contains("the 0 users are not the 1 of the backup"), "\(problems)")
            #expect(problems.contains("the 1 roles are not the 1 of the backup"), "\(problems)")
            #expect(problems.contains { $0.hasPrefix("shop.orders has ") && $0.contains("that are not the") })
            #expect(problems.contains { $0.hasPrefix("shop.busy: indexes") })
        }
    }

    @Test(.realServers())
    func aTargetWithDataIsNotTouchedUnlessItIsToBecomeAMirror() async throws {
        try await BackupFixture.with { fixture in
            try await fixture.fillSource()
            let before = try await BackupFixture.contents(of: fixture.source)
            let manifest = try await BackupCreator(set: fixture.source.set, store: fixture.store).run()
            let spoiled = try await fixture.source.judge(
                """
                c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                c.shop.orders.update_many({}, {"$set": {"a": "spoiled"}}); c.shop.new.insert_one({}); c.extra.c.insert_one({})
                result = True
                """,
                as: Bool.self
            )
            #expect(spoiled)
            let restorer = Restorer(set: fixture.source.set, store: fixture.store)
            let error = await #expect(throws: ReplicaKitError.self) { try await restorer.plan(manifest.id) }
            #expect(error?.code == .targetNotEmpty)
            let side = NamespaceSelection(
                includes: [try .init("shop.orders")],
                renames: [try .init(from: .init("shop.orders"), to: .init("shop.orders_then"))]
            )
            _ = try await restorer.run(try await restorer.plan(manifest.id, RestoreOptions(selection: side)))
            let beside = try await BackupFixture.contents(of: fixture.source)
            #expect(beside["shop.orders_then"] == before["shop.orders"])
            let mirror = try await restorer.plan(manifest.id, RestoreOptions(mirrors: true))
            #expect(Set(mirror.removed.map(\.description)) == ["shop.new", "extra.c", "shop.orders_then"])
            _ = try await restorer.run(mirror)
            expectSame(try await BackupFixture.contents(of: fixture.source), before)
        }
    }

    @Test(.realServers())
    func aBackupUnderWritersAndChangesOfTheCatalogueIsOneMoment() async throws {
        try await BackupFixture.with { fixture in
            try await fixture.fillSource()
            // Two collections always have the same sum, changed in transactions; others come and go meanwhile.
            let busy = Task {
                try await fixture.source.judge(
                    """
                    import time, pymongo.errors
                    c = next(x for x in m if x.admin.command("hello")["isWritablePrimary"])
                    d = c["shop"]; d.left.insert_one({"_id": 0, "n": 0}); d.right.insert_one({"_id": 0, "n": 0})
                    end = time.monotonic() + 12; n = 0
                    while time.monotonic() < end:
                        n += 1
                        with c.start_session() as s, s.start_transaction():
                            d.left.update_one({"_id": 0}, {"$inc": {"n": 1}}, session=s)
                            d.right.update_one({"_id": 0}, {"$inc": {"n": 1}}, session=s)
                            d.left.insert_one({"n": n}, session=s)
                        if n % 50 == 0:
                            d["come" + str(n)].insert_one({"n": n})
                            if n > 50: d["come" + str(n - 50)].drop()
                    result = n
                    """,
                    as: Int.self
                )
            }
            var manifests: [BackupManifest] = []
            for _ in 0..<3 {
                manifests.append(try await BackupCreator(set: fixture.source.set, store: fixture.store).run())
            }
            #expect(try await busy.value > 100)
            for manifest in manifests {
                let restorer = Restorer(set: fixture.target.set, store: fixture.store)
                let options = RestoreOptions(mirrors: true)
                _ = try await restorer.run(try await restorer.plan(manifest.id, options))
                let sums = try await fixture.target.judge(
                    """
                    d = m[0].shop
                    left, right = d.left.find_one({"_id": 0}), d.right.find_one({"_id": 0})
                    result = [left["n"] if left else 0, right["n"] if right else 0, max(0, d.left.count_documents({}) - 1)]
                    """,
                    as: [Int].self
                )
                #expect(Set(sums).count == 1, "\(manifest.mode): \(sums)")
            }
        }
    }

    @Test(.realServers())
    func aDamagedBackupIsRefusedBeforeAnythingIsWritten() async throws {
        try await BackupFixture.with(sourceMembers: 1) { fixture in
            try await fixture.fillSource()
            let manifest = try await BackupCreator(set: fixture.source.set, store: fixture.store).run()
            let before = try await BackupFixture.contents(of: fixture.target)
            let folder = "\(fixture.storeDirectory)/backups/\(manifest.id)"
            let restorer = Restorer(set: fixture.target.set, store: fixture.store)
            let plan = try await restorer.plan(manifest.id)
            // The server's own version is the target's, and not restored.
            for file in manifest.files.filter({ $0.bytes > 100 && !$0.name.contains("system.version") }) {
                let url = URL(filePath: "\(folder)/\(file.name)")
                let whole = try Data(contentsOf: url)
                var flipped = whole
                flipped[flipped.count / 2] ^= 4
                for damaged in [whole.dropLast(1), whole.prefix(20), flipped, whole + Data([0])] {
                    try damaged.write(to: url)
                    let error = await #expect(throws: ReplicaKitError.self) { try await restorer.run(plan) }
                    #expect(error?.code == .backupDamaged)
                    #expect(error?.message.contains(file.name) == true)
                }
                try FileManager.default.removeItem(at: url)
                let error = await #expect(throws: ReplicaKitError.self) { try await restorer.run(plan) }
                #expect(error?.code == .backupObjectMissing)
                try whole.write(to: url)
            }
            let verdict = try await BackupVerifier(store: fixture.store).checkFiles(of: manifest.id)
            #expect(verdict.isGood)
            #expect(try await BackupFixture.contents(of: fixture.target) == before)
        }
    }

    private func expectSame(_ found: BackupFixture.Contents, _ wanted: BackupFixture.Contents) {
        #expect(Set(found.keys) == Set(wanted.keys))
        for (name, content) in wanted where found[name] != content {
            Issue.record("\(name) is\n\(found[name] ?? "missing")\ninstead of\n\(content)")
        }
    }
}

/// What a restore told.
private final class RestoreNotes: Sendable {
    private let noted = Mutex<[String]>([])

    var lines: [String] { noted.withLock { $0 } }

    func add(_ event: BackupEvent) {
        if case .note(let line) = event { noted.withLock { $0.append(line) } }
    }
}
