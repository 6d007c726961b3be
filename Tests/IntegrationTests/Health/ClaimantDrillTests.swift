import Foundation
import ReplicaKit
import TestSupport
import Testing

/// Two members that say they are the primary, and what becomes of the older one's writes.
@Suite("A primary that does not step down", .serialized) struct ClaimantDrillTests {
    @Test(
        "it is told from its successor; its writes are taken back, and that is told too",
        .realServers(),
        .timeLimit(.minutes(10)),
        arguments: ["6.0.5", "4.4.2"]
    )
    func twoClaimants(version: String) async throws {
        try await LifecycleFixture.up(version: version) { fixture in
            let (set, old, name) = (fixture.set, fixture.members.addresses[0], fixture.members.names[0])
            if try await set.view().primary != old { _ = try await set.apply(.failover(.init(to: name))) }
            let healthy = try await set.examine()
            #expect(healthy.report.troubles.isEmpty, healthy.report.told)

            // It hears of its successor, and gets no further than that. Both take writes.
            try await fixture.act(
                """
                import time
                m[0].admin.command("configureFailPoint", "blockHeartbeatStepdown", mode="alwaysOn")
                m[1].admin.command("replSetStepUp", 1)
                limit = time.monotonic() + 60
                # Until it has caught up it takes over whatever the other writes.
                while not m[1].admin.command("hello")["isWritablePrimary"]:
                    if time.monotonic() > limit: raise SystemExit("the successor does not accept writes")
                    time.sleep(0.05)
                for c, n in [(m[0], 3), (m[1], 5)]:
                    orders = c.shop.get_collection("orders", write_concern=pymongo.WriteConcern(w=1))
                    for i in range(n):
                        while True:
                            try:
                                orders.replace_one({"_id": 10 * n + i}, {"from": n}, upsert=True)
                                break
                            # Its election, and the key that it signs times with, take a moment.
                            except pymongo.errors.PyMongoError:
                                if time.monotonic() > limit: raise
                                time.sleep(0.05)
                """
            )
            let beside: Set<HealthRuleID> = [
                "replication.lag", "replication.commit", "replication.sync-source", "quorum.margin",
            ]
            let first = try await set.examine(since: healthy.look)
            let claim = first.report.expect("primary.claims", .warning, of: name, beside: beside)
            #expect(claim?.priority == .p1 && claim?.message.contains("\(fixture.members.names[1]) is") == true)
            #expect(first.report.status.primary == fixture.members.addresses[1])
            let second = try await set.examine(since: first.look)
            let lasting = second.report.expect("primary.claims", .critical, of: name, beside: beside)
            #expect(lasting?.priority == .p0 && lasting?.remedy.contains("rkctl stop \(name)") == true)

            try await fixture.act(
                """
                m[0].admin.command("configureFailPoint", "blockHeartbeatStepdown", mode="off")
                import time
                def counts():
                    try: return [c.shop.orders.count_documents({}) for c in m]
                    # It is neither while it takes its writes back, and may lack the key that times are signed with.
                    except pymongo.errors.PyMongoError: return []
                # Where the first source that it tries does not suit it, it leaves that alone for a minute.
                limit = time.monotonic() + 150
                while counts() != [5, 5, 5]:
                    if time.monotonic() > limit:
                        raise SystemExit(f"not taken back: {counts()}, {[c.admin.command('hello') for c in m]}")
                    time.sleep(0.1)
                """
            )
            let back = try await set.examine(since: second.look)
            let rollback = back.report.expect(
                "replication.rollback",
                .critical,
                of: name,
                beside: beside.union(["member.state"])
            )
            #expect(rollback?.priority == .p1 && rollback?.remedy.contains("rollback") == true)
            // The files that the remedy speaks of are there.
            guard case .process(let runtime) = set.spec.runtime else { throw TestFailure("not a process runtime") }
            let directory = fixture.members.directory.path("\(runtime.directory)/\(name)/db/rollback")
            let files = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
            #expect(files.contains { $0.hasSuffix(".bson") }, "\(directory): \(files)")
            // Told once; then it is as the others are.
            var last = try await set.examine(since: back.look)
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(60)
            while !last.report.troubles.isEmpty, clock.now < deadline {
                // A pause between two looks.
                try await clock.sleep(for: .milliseconds(200))
                last = try await set.examine(since: last.look)
            }
            #expect(last.report.troubles.isEmpty, last.report.told)
        }
    }
}
