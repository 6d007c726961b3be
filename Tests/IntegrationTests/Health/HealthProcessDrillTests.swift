import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// Processes that end again and again, whose clock is wrong, or that were away for too long.
@Suite("Processes of members", .serialized) struct HealthProcessDrillTests {
    @Test("one that ends again and again, and then runs with another clock", .realServers(), .falseTime)
    func restartsAndClock() async throws {
        try await LifecycleFixture.up { fixture in
            let (set, name, host) = (fixture.set, fixture.members.names[2], fixture.members.host)
            var examination = try await set.examine()
            for round in 1...3 {
                kill(try await fixture.pid(of: name), SIGKILL)
                _ = try await host.waitForExit(of: name, timeout: .seconds(10))
                // Seen down only once: the others are seen by what the processes say of their starts.
                if round == 2 { examination = try await set.examine(since: examination.look) }
                _ = try await set.apply(.start([]))
                examination = try await set.examine(since: examination.look)
                let isTold = examination.report.findings.contains { $0.rule == "server.restarts" }
                #expect(isTold == (round == 3), examination.report.told)
            }
            let often = examination.report.expect("server.restarts", .warning, of: name)
            #expect(often?.priority == .p2 && often?.remedy.contains("rkctl logs c") == true)
            #expect(often?.evidence.first == .init("restarts", 3.0))
            // It is what was seen, and nothing that a look by itself could know.
            #expect(try await set.examine().report.troubles.isEmpty)

            _ = try await host.stop(name, grace: .seconds(20))
            guard case .process(let runtime) = set.spec.runtime else { throw TestFailure("not a process runtime") }
            let directory = fixture.members.directory.path("\(runtime.directory)/\(name)")
            try await FalseTime.run(
                [runtime.mongod, "--config", directory + "/mongod.conf"],
                in: directory,
                aheadBy: 90
            )
            _ = try await set.apply(.start([]))
            let wrong = try await set.examine().report.expect("machine.clock", .critical, of: name)
            #expect(wrong?.priority == .p1 && wrong?.remedy.contains("timedatectl") == true)
            let seconds = try #require(wrong?.evidence.first?.value.doubleValue)
            #expect(abs(seconds - 90) < 5)
            _ = try await host.stop(name, grace: .seconds(20))
            _ = try await set.apply(.start([]))
            #expect(try await set.examine().report.troubles.isEmpty)
        }
    }

    @Test("one that was away for longer than the others' oplogs cover", .realServers())
    func tooStale() async throws {
        try await LifecycleFixture.up { fixture in
            let (set, name) = (fixture.set, fixture.members.names[2])
            _ = try await fixture.members.host.stop(name, grace: .seconds(20))
            try await fixture.act(
                """
                import os
                def entry(c, order): return c.local["oplog.rs"].find_one(sort=[("$natural", order)])["ts"]
                last = entry(m[0], -1)
                for _ in range(40):
                    for i in range(50): m[0].shop.load.insert_many([{"d": os.urandom(200000)} for i in range(5)])
                    # A server keeps what it would need after a crash: until its next checkpoint.
                    for c in m[:2]:
                        try: c.admin.command("fsync")
                        except pymongo.errors.OperationFailure as error:
                            # One that has just copied all data has nothing to take a checkpoint of yet.
                            if error.code != 125: raise
                    if all(entry(c, 1) > last for c in m[:2]): break
                else: raise SystemExit("the oplogs still cover it")
                """
            )
            try await fixture.members.host.start(name)
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(60)
            var report = try await set.examine().report
            func isTold() -> Bool { report.findings.contains { $0.rule == "member.state" && $0.severity == .critical } }
            while clock.now < deadline, !isTold() {
                try await Task.sleep(for: .milliseconds(300))
                report = try await set.examine().report
            }
            let stale = report.expect(
                "member.state",
                .critical,
                of: name,
                beside: ["oplog.window", "replication.headroom", "replication.lag", "cache.dirty", "config.spread"]
            )
            #expect(stale?.priority == .p1 && stale?.evidence.first == .init("state", "RECOVERING"))
            #expect(stale?.remedy.contains("rkctl member replace c") == true)
            _ = try await set.apply(try await set.resync(of: name))
            report = try await set.examine().report
            #expect(!report.findings.contains { $0.member?.name == name && $0.severity > .info }, report.told)
        }
    }
}
