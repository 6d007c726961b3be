import Foundation
import Glibc
import ReplicaKit
import ReplicaKitMongo
import ReplicaKitProcess
import TestSupport
import Testing

/// Faults made on real sets: each is found, with its severity, its member and what to do.
@Suite("Fault drills", .serialized) struct HealthDrillTests {
    @Test("members that were killed, hang, are locked, or are in maintenance", .realServers())
    func members() async throws {
        try await LifecycleFixture.up { fixture in
            let (set, names) = (fixture.set, fixture.members.names)
            let log = try await set.examine().look
            // Killed.
            kill(try await fixture.pid(of: names[2]), SIGKILL)
            _ = try await fixture.members.host.waitForExit(of: names[2], timeout: .seconds(10))
            var report = try await set.examine().report
            let down = report.expect("member.answers", .critical, of: names[2], beside: ["quorum.margin"])
            #expect(
                down?.message.contains("killed by signal 9") == true && down?.remedy.contains("rkctl start") == true
            )
            #expect(down?.priority == .p1)
            let diagnosis = try await set.diagnose([.member], over: .milliseconds(100))
            #expect(diagnosis.parts[0].isTrouble && diagnosis.parts[0].evidence.contains { $0.member == "c" })
            _ = try await set.apply(.start([]))
            // Another process than at the first look.
            let after = try await set.examine(since: log)
            after.report.expect("server.restarted", .info, of: names[2])

            // Hung: the set still calls it healthy, and its port answers.
            let pid = try await fixture.pid(of: names[1])
            try await hang(pid)
            report = try await set.examine(timeout: .milliseconds(800)).report
            kill(pid, SIGCONT)
            let hung = report.expect("member.answers", .critical, of: names[1], beside: ["quorum.margin"])
            #expect(hung?.message.contains("hangs") == true)

            // Locked: nothing else shows it.
            try await fixture.act("m[1].admin.command('fsync', lock=True)")
            report = try await set.examine().report
            report.expect("server.locked", .critical, of: names[1])
            try await fixture.act("m[1].admin.command('fsyncUnlock')")

            // In maintenance, once it has run for longer than a start takes.
            try await fixture.act(
                """
                import time
                while m[1].admin.command("serverStatus")["uptime"] < 11: time.sleep(0.2)
                m[1].admin.command("replSetMaintenance", True)
                """
            )
            report = try await set.examine().report
            report.expect("member.state", .warning, of: names[1], beside: ["write.majority"])
            try await fixture.act("m[1].admin.command('replSetMaintenance', False)")

            try await fixture.act("m[0].admin.command('fsync', lock=True)")
            report = try await set.examine().report
            let locked = report.expect("server.locked", .critical, of: names[0])
            #expect(locked?.priority == .p0)
            try await fixture.act("m[0].admin.command('fsyncUnlock')")
        }
    }

    @Test("no majority, and then nobody", .realServers())
    func majority() async throws {
        try await LifecycleFixture.up { fixture in
            let (set, names) = (fixture.set, fixture.members.names)
            for name in names[1...] { kill(try await fixture.pid(of: name), SIGKILL) }
            for name in names[1...] { _ = try await fixture.members.host.waitForExit(of: name, timeout: .seconds(10)) }
            var finding = try await set.examine().report.expect(
                "primary.available",
                .critical,
                of: nil,
                beside: ["member.answers"]
            )
            #expect(finding?.priority == .p0)
            kill(try await fixture.pid(of: names[0]), SIGKILL)
            _ = try await fixture.members.host.waitForExit(of: names[0], timeout: .seconds(10))
            let report = try await set.examine().report
            finding = report.expect("primary.available", .critical, of: nil, beside: ["member.answers"])
            #expect(report.findings.filter { $0.rule == "member.answers" }.count == 3)
        }
    }

    @Test("lag, and what it comes from", .realServers())
    func lag() async throws {
        try await LifecycleFixture.up(
            editing: { $0.health.limits[.lagSeconds] = HealthLimits(warning: 1, critical: 120) }
        ) { fixture in
            try await fixture.act(
                """
                import time
                m[2].admin.command("configureFailPoint", "rsSyncApplyStop", mode="alwaysOn")
                for i in range(15):
                    m[0].shop.orders.insert_one({"i": i})
                    time.sleep(0.2)
                """
            )
            let report = try await fixture.set.examine().report
            let finding = report.expect("replication.lag", .warning, of: fixture.members.names[2])
            #expect(finding?.evidence.first?.key == "lagSeconds")
            let seconds = try #require(finding?.evidence.first?.value.doubleValue)
            #expect(seconds > 1 && seconds < 60)
            let diagnosis = try await fixture.set.diagnose([.lag], over: .milliseconds(100))
            #expect(diagnosis.parts[0].evidence.contains { $0.member == "c" && $0.text.contains("s behind") })
            try await fixture.act("m[2].admin.command('configureFailPoint', 'rsSyncApplyStop', mode='off')")
        }
    }

    @Test(
        "slow queries, long operations, connections and failed logins",
        .realServers(),
        arguments: ["6.0.5", "4.4.2"]
    )
    func clients(version: String) async throws {
        try await LifecycleFixture.up(
            version: version,
            silencing: LifecycleFixture.ofTheMachine.filter { $0 != "latency.reads" } + ["server.settings"],
            editing: { spec in
                spec.health.limits[.operationMinutes] = HealthLimits(warning: 0.02, critical: 60)
                spec.health.limits[.connectionsPercent] = HealthLimits(warning: 0.8, critical: 99)
                spec.health.limits[.readLatencyMilliseconds] = HealthLimits(warning: 100, critical: 100_000)
                // What so many threads on a shared machine wait for is not what is tried here.
                spec.health.silence.append(.init(rule: "server.queue"))
            }
        ) { fixture in
            let (set, names) = (fixture.set, fixture.members.names)
            let before = try await set.examine().look
            try await fixture.act(
                """
                from concurrent.futures import ThreadPoolExecutor
                m[0].shop.orders.insert_many([{"i": i, "s": "x"} for i in range(3)])
                find = lambda i: list(m[0].shop.orders.find({"$where": "sleep(50) || true"}))
                with ThreadPoolExecutor(20) as pool: list(pool.map(find, range(120)))
                for i in range(8):
                    try: pymongo.MongoClient("127.0.0.1", input["ports"][0], directConnection=True, username="mallory",
                        password="guess", serverSelectionTimeoutMS=3000).admin.command("ping")
                    except pymongo.errors.OperationFailure: pass
                """
            )
            let report = try await set.examine(since: before).report
            report.expect(
                "latency.reads",
                .warning,
                of: names[0],
                beside: ["server.failed-logins", "server.long-operation", "server.connections"]
            )
            let failed = report.findings.first { $0.rule == "server.failed-logins" }
            #expect(failed?.severity == .warning && failed?.member?.name == names[0], report.told)
            let diagnosis = try await set.diagnose([.slow, .authentication], over: .milliseconds(200))
            let texts = diagnosis.parts.flatMap(\.evidence).map(\.text)
            #expect(texts.contains { $0.contains("find on shop.orders") && $0.contains("COLLSCAN") }, "\(texts)")
            #expect(texts.contains { $0.contains("mallory") }, "\(texts)")
            #expect(!texts.contains { $0.contains("sleep") }, "what clients sent is nobody's business")

            // While they run: many connections, and an operation that takes long.
            async let held: Void = fixture.act(
                """
                import socket, time
                held = [socket.create_connection(("127.0.0.1", input["ports"][0])) for i in range(200)]
                list(m[0].shop.orders.find({"$where": "sleep(2000) || true"}))
                """
            )
            var busy = try await set.examine().report
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(30)
            func isTold(_ rule: HealthRuleID) -> Bool { busy.findings.contains { $0.rule == rule } }
            var seen: Set<HealthRuleID> = []
            while clock.now < deadline, seen.count < 2 {
                for rule in ["server.connections", "server.long-operation"] as [HealthRuleID] where isTold(rule) {
                    seen.insert(rule)
                }
                busy = try await set.examine().report
            }
            try await held
            #expect(seen.count == 2, "\(seen)")
        }
    }

    @Test("an oplog that is too short says how long it must be", .realServers())
    func oplog() async throws {
        try await LifecycleFixture.up(members: 1) { fixture in
            try await fixture.act(
                """
                import os
                for i in range(150): m[0].shop.load.insert_many([{"d": os.urandom(200000)} for i in range(5)])
                """
            )
            let report = try await fixture.set.examine().report
            let finding = report.expect(
                "oplog.window",
                .critical,
                of: fixture.members.names[0],
                beside: ["cache.dirty"]
            )
            #expect(finding?.evidence.contains { $0.key == "recommendedOplogMegabytes" } == true)
            #expect(finding?.remedy.contains("replSetResizeOplog") == true)
        }
    }

    @Test("an arbiter beside two: said while all is well, and critical when one is down", .realServers())
    func arbiter() async throws {
        try await LifecycleFixture.up(editing: { spec in
            spec.members[2].arbiter = true
            spec.members[2].priority = 0
            spec.writeConcern = WriteConcernSpec(w: .tag("majority"))
        }) { fixture in
            let (set, names) = (fixture.set, fixture.members.names)
            try await set.examine().report.expect("config.arbiter", .warning, of: nil)
            kill(try await fixture.pid(of: names[1]), SIGKILL)
            _ = try await fixture.members.host.waitForExit(of: names[1], timeout: .seconds(10))
            let report = try await set.examine().report
            let finding = report.expect(
                "write.majority",
                .critical,
                of: nil,
                beside: ["config.arbiter", "member.answers", "quorum.margin", "replication.flow-control"]
            )
            #expect(finding?.priority == .p0)
            #expect(finding?.remedy.contains("--votes 0") == true)
        }
    }

    @Test("a member with another keyfile, and one that was removed", .realServers())
    func strangers() async throws {
        try await LifecycleFixture.up { fixture in
            let (set, names) = (fixture.set, fixture.members.names)
            let keyFile = fixture.members.directory.path("data/c/keyfile")
            _ = try await fixture.members.host.stop(names[2], grace: .seconds(20))
            #expect(FileManager.default.fileExists(atPath: keyFile))
            let own = try Data(contentsOf: URL(filePath: keyFile))
            func replaceKeyFile(_ content: Data) throws {
                try FileManager.default.removeItem(atPath: keyFile)
                #expect(
                    FileManager.default.createFile(
                        atPath: keyFile,
                        contents: content,
                        attributes: [.posixPermissions: 0o400]
                    )
                )
            }
            try replaceKeyFile(Data(RealMembers.makeKeyFile().reveal().utf8))
            try await fixture.members.host.start(names[2])
            let stranger = Finding.Key(
                rule: "member.seen",
                member: Finding.Subject(name: names[2], host: fixture.members.addresses[2])
            )
            // Found when it has run for longer than heartbeats take to find a member.
            let clock = ContinuousClock()
            let deadline = clock.now + .seconds(60)
            var report = try await set.examine().report
            while clock.now < deadline, !report.findings.contains(where: { $0.key == stranger }) {
                try await Task.sleep(for: .milliseconds(300))
                report = try await set.examine().report
            }
            let finding = report.findings.first { $0.key == stranger }
            #expect(finding?.severity == .critical, report.told)
            let diagnosis = try await set.diagnose([.member], over: .milliseconds(100))
            #expect(
                diagnosis.parts[0].evidence.contains { $0.text.contains("keyfile") },
                "\(diagnosis.parts[0].evidence)"
            )
            _ = try await fixture.members.host.stop(names[2], grace: .seconds(20))
            try replaceKeyFile(own)
            _ = try await set.apply(.start([]))

            try await fixture.act(
                """
                conf = m[0].admin.command("replSetGetConfig")["config"]
                conf["members"].pop(); conf["version"] += 1
                m[0].admin.command("replSetReconfig", conf)
                """
            )
            let removed = clock.now + .seconds(30)
            func isTold() -> Bool {
                report.findings.contains { $0.rule == "member.state" && $0.member?.name == names[2] }
            }
            report = try await set.examine().report
            while clock.now < removed, !isTold() { report = try await set.examine().report }
            report.expect("member.state", .warning, of: names[2], beside: ["config.even-voters"])
        }
    }

    @Test("a wrong password, an index build, and members that wait for their set", .realServers())
    func others() async throws {
        try await LifecycleFixture.with(editing: { spec in
            spec.health.silence = (LifecycleFixture.ofTheMachine + ["server.settings"]).map { .init(rule: $0) }
        }) { fixture in
            let (set, names) = (fixture.set, fixture.members.names)
            // Started, and never initiated. The administrator's password is there already, as after an `up` that was killed.
            _ = try set.secrets.readOrCreatePassword(set.spec.security.admin.password)
            let key = try set.secrets.readOrCreateKeyFile(set.spec.security.keyFile)
            for name in names {
                try await fixture.members.host.create(name, keyFile: key)
                try await fixture.members.host.start(name)
            }
            let waiting = try await set.examine().report.expect("set.initiated", .critical, of: nil)
            #expect(waiting?.priority == .p0)
            _ = try await set.apply(.up)

            try await fixture.act(
                """
                m[0].shop.orders.insert_many([{"i": i} for i in range(10)])
                m[0].admin.command("configureFailPoint", "hangAfterStartingIndexBuild", mode="alwaysOn")
                import threading
                threading.Thread(target=lambda: m[0].shop.orders.create_index("i"), daemon=True).start()
                while not any("IndexBuildsCoordinator" in op.get("desc", "") for op in m[0].admin.aggregate([{"$currentOp": {"allUsers": True}}])): pass
                """
            )
            var report = try await set.examine().report
            report.expect("server.index-build", .info, of: names[0])
            try await fixture.act(
                "m[0].admin.command('configureFailPoint', 'hangAfterStartingIndexBuild', mode='off')"
            )

            let wrong = fixture.members.directory.path("wrong")
            #expect(
                FileManager.default.createFile(
                    atPath: wrong,
                    contents: Data("wrong".utf8),
                    attributes: [.posixPermissions: 0o600]
                )
            )
            var spec = set.spec
            spec.security.admin.password = .file(wrong)
            let stranger = ReplicaSet(spec: spec, baseDirectory: set.baseDirectory, toolbox: set.toolbox)
            report = try await stranger.examine().report
            #expect(report.worst == .unknown, report.told)
            #expect(report.findings.filter { $0.rule == "member.login" }.count == 3, report.told)
        }
    }
}
