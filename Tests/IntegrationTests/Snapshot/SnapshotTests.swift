import Glibc
import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

/// Snapshots of real sets, compared with what another client sees.
@Suite(.serialized) struct SnapshotTests {
    struct Judged: Decodable, Sendable {
        struct Member: Decodable, Sendable {
            var id: Int
            var host: String
            var state: String
            var votes: Int
            var priority: Double
            var hidden: Bool
            var arbiter: Bool
            var delay: Int
            var version: String
            var uptime: Double
            var window: Int?
        }
        var term: Int
        var version: Int
        var primary: String
        var members: [Member]
    }

    static let script = """
        def client(port, **kw):
            return pymongo.MongoClient("127.0.0.1", port, directConnection=True, **kw)
        import pymongo
        clients = []
        for port, arbiter in zip(input["ports"], input["arbiters"]):
            login = {} if arbiter else {"username": "admin", "password": input["password"]}
            clients.append(client(port, **login))
        status = clients[0].admin.command("replSetGetStatus")
        config = clients[0].admin.command("replSetGetConfig")["config"]
        result = {"term": status["term"], "version": config["version"],
                  "primary": clients[0].admin.command("hello")["primary"], "members": []}
        for c, m, s, arbiter in zip(clients, config["members"], status["members"], input["arbiters"]):
            window = None
            if not arbiter:
                oplog = c.local["oplog.rs"]
                ends = [oplog.find().sort("$natural", d).limit(1)[0]["ts"].time for d in (1, -1)]
                window = ends[1] - ends[0]
            server = c.admin.command("serverStatus")
            result["members"].append({
                "id": m["_id"], "host": m["host"], "state": s["stateStr"], "votes": m["votes"],
                "priority": m["priority"], "hidden": m["hidden"], "arbiter": m["arbiterOnly"],
                "delay": m.get("secondaryDelaySecs", m.get("slaveDelay")), "version": server["version"],
                "uptime": server["uptime"], "window": window})
        """

    struct Input: Encodable, Sendable {
        var ports: [Int]
        var arbiters: [Bool]
        var password: String
    }

    @Test(.realServers(), arguments: RealServers.availableVersions)
    func agreesWithAnotherClientOnEveryField(version: String) async throws {
        func edit(_ spec: inout ReplicaSetSpec) {
            spec.members[0].priority = 2
            spec.members[2].hidden = true
            spec.members[2].priority = 0
            spec.members[2].votes = 0
            spec.members[2].delaySeconds = 2
            spec.members[3].arbiter = true
            spec.members[3].priority = 0
        }
        try await RealSet.with(members: 4, version: version, editing: edit) { set in
            let taken = try await set.wait(for: "no lag, and all to know it") { taken in
                // What members know of each other is as old as the last heartbeat; the other client asks for that, too.
                let words = taken.members.compactMap { try? $0.view?.status.get().members }.flatMap(\.self)
                return words.allSatisfy { [.primary, .secondary, .arbiter].contains($0.state) }
                    && taken.members.allSatisfy { taken.replicationLag(of: $0)?.seconds ?? 0 < 1 }
            }
            let judged: Judged = try await Judge.ask(
                Self.script,
                input: Input(
                    ports: set.addresses.map(\.port),
                    arbiters: set.members.spec.members.map(\.arbiter),
                    password: RealSet.password
                )
            )
            let status = ReplicaSetStatus(taken)
            #expect(status.term == Int64(judged.term))
            #expect(status.configVersion == judged.version)
            #expect(status.primary?.description == judged.primary)
            #expect(status.majorityReachable)
            #expect(status.members.map(\.id?.rawValue) == judged.members.map(\.id))
            #expect(status.members.map(\.host.description) == judged.members.map(\.host))
            #expect(status.members.map(\.state?.description) == judged.members.map(\.state))
            #expect(status.members.map(\.votes) == judged.members.map(\.votes))
            #expect(status.members.map(\.priority) == judged.members.map(\.priority))
            #expect(status.members.map(\.hidden) == judged.members.map(\.hidden))
            #expect(status.members.map(\.arbiter) == judged.members.map(\.arbiter))
            #expect(status.members.map(\.delaySeconds) == judged.members.map(\.delay))
            #expect(status.members.map(\.serverVersion?.description) == judged.members.map(\.version))
            for (mine, theirs) in zip(status.members, judged.members) {
                #expect(mine.reachable && mine.error == nil && mine.stateSource == .own)
                #expect(abs((mine.uptimeSeconds ?? -1) - theirs.uptime) < 10)
                #expect((mine.pingSeconds ?? 100) < 5)
                #expect((mine.lagSeconds == nil) == mine.arbiter)
            }
            let windows = judged.members.compactMap(\.window)
            // The idle set's next entry may lie between the two looks.
            #expect(abs((status.oplogWindowSeconds ?? -100) - (windows.min() ?? 0)) <= 11)
            #expect(try taken.members[0].view?.config.get() == taken.members[1].view?.config.get())
        }
    }

    @Test(.realServers())
    func showsTheRestWhenAMemberHangs() async throws {
        try await RealSet.with { set in
            let names = set.members.names
            let primary = try #require(try await set.taker().take().primary?.name)
            let hung = try #require(names.first { $0 != primary })
            try await set.hang(hung)
            let start = ContinuousClock.now
            let taken = try await set.taker(timeout: .seconds(1)).take()
            let took = start.duration(to: .now)
            try await set.goOn(hung)
            #expect(took >= .milliseconds(950) && took < .seconds(15))
            let member = try #require(taken.member(named: hung))
            #expect(member.error?.code == .connectionTimedOut)
            #expect(taken.reachableMembers.count == 2)
            #expect(taken.primary?.name == primary)
            #expect(taken.majority.margin == 0)
            let others = taken.members.filter { $0.name != hung }
            #expect(others.allSatisfy { $0.error == nil })
            let reading = try #require(taken.state(of: member))
            #expect(reading.source == .reported(by: try #require(taken.primary).address))
            #expect(taken.replicationLag(of: member) == nil)
        }
    }

    @Test(.realServers())
    func neverBelievesAPrimaryThatHasASuccessor() async throws {
        try await RealSet.with { set in
            let old = try #require(try await set.taker().take().primary)
            let name = try #require(old.name)
            try await set.hang(name)
            let taker = set.taker(timeout: .seconds(1))
            var successor: PrimaryVerdict.Claim?
            for _ in 0..<60 where successor == nil {
                successor = try await taker.take().primaryVerdict.primary
            }
            #expect(successor != nil && successor?.address != old.address)
            let term = try #require(successor?.term)
            try await set.goOn(name)
            var last: ReplicaSetSnapshot?
            // It may roll back what only it had, and some questions go unanswered meanwhile.
            for _ in 0..<600 {
                let taken = try await taker.take()
                last = taken
                if let claim = taken.primaryVerdict.primary { #expect(claim.term ?? 0 >= term) }
                if taken.member(named: name)?.error == nil, taken.primary != nil { break }
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(last?.member(named: name)?.error == nil)
            #expect(last?.primary != nil)
        }
    }

    /// Locks a member against writes, once it has come so far that it can.
    private func lock(_ connection: any MemberConnection) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(30)
        while true {
            do {
                _ = try await connection.run(["fsync": 1, "lock": true], on: "admin", timeout: .seconds(20))
                return
            } catch let error as ReplicaKitError where error.server?.code == 125 && clock.now < deadline {
                // Right after an initial sync there is nothing yet that a checkpoint could be taken of.
                try await clock.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test(.realServers())
    func measuresLagByTheFirstMissingWrite() async throws {
        try await RealSet.with { set in
            let primary = try #require(try await set.taker().take().primary)
            let other = try #require(set.addresses.first { $0 != primary.address })
            let driver = LibMongoCDriver.quiet
            try await driver.withConnection(to: other, as: set.admin, timeout: .seconds(10)) { connection in
                try await lock(connection)
                let namespace = Namespace(database: "test", collection: "t")
                let write = InsertOne(["x": 1], into: namespace, writeConcern: WriteConcernSpec(w: .members(1), j: nil))
                try await driver.withConnection(to: primary.address, as: set.admin, timeout: .seconds(10)) {
                    _ = try await $0.run(write, timeout: .seconds(10))
                }
                let written = ContinuousClock.now
                try await Task.sleep(for: .seconds(3))
                let taken = try await set.taker().take()
                let age = written.duration(to: .now)
                let lag = try #require(taken.member(at: other).flatMap { taken.replicationLag(of: $0) })
                #expect(!lag.isEstimate)
                #expect(lag.seconds > 2.5 && lag.seconds < Double(age.components.seconds) + 2)
                _ = try await connection.run(["fsyncUnlock": 1], on: "admin", timeout: .seconds(20))
            }
            try await set.wait(for: "the member to catch up") { taken in
                taken.member(at: other).flatMap { taken.replicationLag(of: $0) }?.seconds == 0
            }
        }
    }

    @Test(.realServers())
    func tellsAWrongPasswordAnotherSetAndAStandaloneApart() async throws {
        try await RealSet.with(members: 1) { set in
            let wrong = try await set.taker(as: .user("admin", "wrong")).take()
            #expect(wrong.members[0].error?.code == .authenticationFailed)
            #expect(wrong.state(of: wrong.members[0])?.state == .primary)
            #expect(try await replicaKitError { try wrong.requireAuthenticated() }.code == .authenticationFailed)

            var taker = set.taker()
            taker.spec.name = "another"
            let other = try await taker.take()
            #expect(try await replicaKitError { try other.requireAnyReachable() }.code == .wrongReplicaSet)

            try await RealMongod.with { standalone in
                taker.spec.name = set.members.spec.name
                taker.spec.members[0].host = standalone.address
                let alone = try await taker.take()
                #expect(try await replicaKitError { try alone.requireAnyReachable() }.code == .notReplicaSetMember)
            }

            taker.spec.members[0].host = MemberAddress(host: "127.0.0.1", port: try FreePorts.next())
            let nobody = try await taker.take()
            let error = try await replicaKitError { try nobody.requireAnyReachable() }
            #expect(error.code == .noMemberReachable)
            #expect(error.hint != nil)
        }
    }

    @Test(.realServers(), arguments: RealServers.availableVersions)
    func seesThatAMemberWasNeverInitiated(version: String) async throws {
        try await RealMembers.with(members: 1, version: version) { members in
            for identity in [MemberAuthentication.none, .keyFile(members.keyFile), .user("admin", "none yet")] {
                let taken = try await SnapshotTaker(
                    spec: members.spec,
                    authentication: identity,
                    toolbox: Toolbox(driver: LibMongoCDriver.quiet, host: members.host, logger: .silent)
                ).take()
                let view = try #require(taken.members[0].view)
                #expect(view.membership == .uninitiated)
                #expect(view.serverVersion?.description == version)
                #expect(taken.members[0].error?.code == .notInitiated)
                #expect(try await replicaKitError { try taken.requirePrimary() }.code == .notInitiated)
            }
        }
    }
}
