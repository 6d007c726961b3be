import ReplicaKit
import TestSupport
import Testing

/// Servers that run out of something: found while it lasts, and gone when it is over.
@Suite("Pressure on one server", .serialized) struct HealthPressureDrillTests {
    @Test("a cache that is full of what is not on disk, and one that is too small", .realServers())
    func cache() async throws {
        try await LifecycleFixture.up(members: 1) { fixture in
            let (set, name) = (fixture.set, fixture.members.names[0])
            #expect(try await set.examine().report.troubles.isEmpty)
            // Nobody writes to disk: neither checkpoints nor eviction. 40 MB, and as much in the oplog, in 256 MB.
            try await fixture.act(
                """
                import os
                m[0].admin.command("setParameter", 1, syncdelay=0)
                m[0].admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig=
                    "eviction_dirty_target=80,eviction_dirty_trigger=90,eviction_updates_target=80,eviction_updates_trigger=90")
                for i in range(40): m[0].shop.load.insert_many([{"d": os.urandom(4000)} for i in range(250)])
                """
            )
            let dirty = try await set.examine().report.expect("cache.dirty", .critical, of: name)
            #expect(dirty?.priority == .p1)
            #expect((dirty?.evidence.first { $0.key == "cacheDirtyRatio" }?.value.doubleValue ?? 0) > 0.2)
            // On disk now; the cache is what it was.
            try await fixture.act(
                """
                m[0].admin.command("setParameter", 1, syncdelay=60)
                m[0].admin.command("fsync")
                """
            )
            #expect(try await set.examine().report.troubles.isEmpty)

            func resized(_ configuration: String) async throws -> HealthReport {
                try await fixture.act(
                    """
                    m[0].admin.command("setParameter", 1, wiredTigerEngineRuntimeConfig="\(configuration)")
                    list(m[0].shop.load.find())
                    """
                )
                let before = try await set.examine().look
                try await fixture.act("for i in range(3): list(m[0].shop.load.find())")
                return try await set.examine(since: before).report
            }
            let small = try await resized("cache_size=10MB,eviction_dirty_target=5,eviction_dirty_trigger=20")
            let missed = small.expect(
                "cache.hits",
                .critical,
                of: name,
                beside: ["cache.dirty"]
            )
            #expect(missed?.priority == .p2 && missed?.remedy.contains("cache") == true)
            let large = try await resized("cache_size=256MB")
            #expect(!large.findings.contains { $0.rule == "cache.hits" }, large.told)
            #expect((large.readings[0].values[.cacheHitRatio] ?? 0) > 0.95)
        }
    }

    @Test("cursors that nobody closes, and tickets that run out", .realServers(), arguments: ["6.0.5", "4.4.2"])
    func cursorsAndTickets(version: String) async throws {
        try await LifecycleFixture.up(
            members: 1,
            version: version,
            editing: { $0.health.limits[.cursors] = HealthLimits(warning: 50, critical: nil) }
        ) { fixture in
            let (set, name) = (fixture.set, fixture.members.names[0])
            try await fixture.act("m[0].shop.orders.insert_many([{'i': i} for i in range(10)])")
            let login = try fixture.login()
            let admin = MemberAuthentication.password(
                Credential(user: login.user, password: Secret(login.password))
            )
            // They live as long as their session.
            try await set.toolbox.driver.withConnection(
                to: fixture.members.addresses[0],
                as: admin,
                timeout: .seconds(10)
            ) { connection in
                var cursors: [BSONValue] = []
                for _ in 0..<60 {
                    let reply = try await connection.run(
                        ["find": "orders", "batchSize": 1],
                        on: "shop",
                        timeout: .seconds(10)
                    )
                    cursors.append(.int64(try #require(reply[path: "cursor", "id"]?.int64Value)))
                }
                try await set.examine().report.expect("server.cursors", .warning, of: name)
                _ = try await connection.run(
                    ["killCursors": "orders", "cursors": .array(BSONArray(cursors))],
                    on: "shop",
                    timeout: .seconds(10)
                )
                #expect(try await set.examine().report.troubles.isEmpty)
            }

            try await fixture.act("m[0].admin.command('setParameter', 1, wiredTigerConcurrentReadTransactions=8)")
            let tickets = try await set.examine().report.expect("server.tickets", .critical, of: name)
            #expect(tickets?.message.contains("read tickets") == true && tickets?.priority == .p1)
            try await fixture.act("m[0].admin.command('setParameter', 1, wiredTigerConcurrentReadTransactions=128)")
            #expect(try await set.examine().report.troubles.isEmpty)
        }
    }
}
