import ReplicaKit
import ReplicaKitTesting
import Testing

@Suite("Taking a snapshot")
struct SnapshotTakerTests {
    @Test("keeps everything that every member answers")
    func healthySet() async throws {
        let entry = OplogEntry(timestamp: Shapes.timestamp(age: 0))
        let taken = try await snapshot(of: FakeMember.healthySet, oplog: [entry])
        #expect(taken.members.map(\.name) == ["a", "b", "c"])
        #expect(taken.members.map(\.id) == [0, 1, 2])
        #expect(taken.members.map(\.error?.code) == [nil, nil, nil])
        let view = try #require(taken.members[1].view)
        #expect(view.ownState == .secondary)
        #expect(view.serverVersion == ServerVersion(6, 0, 5))
        #expect(view.syncSource == Shapes.address(0))
        #expect(try view.oplogFirst.get() == entry.with(term: 1))
        #expect(taken.currentConfig?.version == 1)
    }

    @Test("asks all members at the same time: none answers before all have been asked", .timeLimit(.minutes(5)))
    func parallel() async throws {
        let members = FakeMember.healthySet
        let set = FakeSet(members, meeting: 3)
        let taken = try await SnapshotTaker(spec: .of(members), authentication: .admin, toolbox: set.toolbox).take()
        #expect(taken.reachableMembers.count == 3)
    }

    @Test("uses one connection a member, and asks nothing twice")
    func roundTrips() async throws {
        let members = FakeMember.healthySet
        let set = FakeSet(members)
        _ = try await SnapshotTaker(spec: .of(members), authentication: .admin, toolbox: set.toolbox).take()
        #expect(await set.connections.count == 3)
        let names = await set.commands.filter { $0.member == Shapes.address(1) }.map(\.name)
        #expect(names == ["hello", "replSetGetStatus", "replSetGetConfig", "serverStatus", "find", "find"])
    }

    @Test(
        "a member that hangs delays by the timeout once and hides nothing",
        .timeLimit(.minutes(5)),
        arguments: [0, 1, 3]
    )
    func hungMember(answered: Int) async throws {
        var members = FakeMember.healthySet
        members[1].behaviour = .hangs(afterCommands: answered)
        members[2].behaviour = .hangs(afterCommands: answered)
        let set = FakeSet(members)
        let spec = ReplicaSetSpec.of(members)
        let taking = Task {
            try await SnapshotTaker(
                spec: spec,
                authentication: .admin,
                toolbox: set.toolbox,
                timeout: .milliseconds(200)
            ).take()
        }
        // The two members that hang, and the deadline itself.
        await set.clock.untilAsleep(3)
        // The member that does not hang has been asked for all, both ends of its oplog last.
        let first = spec.members[0].host
        while await set.commands.count(where: { $0.member == first && $0.name == "find" }) < 2 { await Task.yield() }
        set.clock.advance(by: .milliseconds(200))
        let taken = try await taking.value
        #expect(taken.members[0].error == nil)
        #expect(taken.members[1].error?.code == .connectionTimedOut)
        #expect(taken.members[1].isReachable == (answered > 0))
        if answered == 3 {
            let view = try #require(taken.members[1].view)
            #expect(view.ownState == .secondary)
            #expect(view.config.error == nil)
            #expect(view.serverStatus.error?.code == .connectionTimedOut)
            #expect(view.oplogLast.error?.code == .connectionTimedOut)
        }
    }

    @Test("a cancelled snapshot ends at once", .timeLimit(.minutes(5)))
    func cancellation() async throws {
        var members = FakeMember.healthySet
        members[0].behaviour = .hangs(afterCommands: 0)
        let spec = ReplicaSetSpec.of(members)
        let set = FakeSet(members)
        let task = Task {
            try await SnapshotTaker(spec: spec, authentication: .admin, toolbox: set.toolbox).take()
        }
        await set.clock.untilAsleep(2)
        task.cancel()
        // The clock stands still: nothing but the cancellation can end it.
        await #expect(throws: CancellationError.self) { _ = try await task.value }
    }

    @Test("asks members that only the config knows, and shows them after the spec's")
    func discovery() async throws {
        let members = FakeMember.healthySet
        let taken = try await snapshot(of: members, spec: .of([members[2]]))
        #expect(taken.members.map(\.address) == [2, 0, 1].map(Shapes.address))
        #expect(taken.members.map(\.name) == ["c", nil, nil])
        #expect(taken.members.map(\.id) == [2, 0, 1])
        #expect(taken.primaryVerdict.primary?.address == Shapes.address(0))
    }

    @Test("a member that calls itself by another address than the spec's is one member, not two")
    func otherName() async throws {
        var members = FakeMember.healthySet
        for index in members.indices {
            members[index].isAskedAt = MemberAddress(host: "localhost", port: members[index].address.port)
        }
        let taken = try await snapshot(of: members)
        #expect(taken.members.map(\.address.host) == ["localhost", "localhost", "localhost"])
        #expect(taken.members.map(\.configAddress) == (0..<3).map(Shapes.address))
        #expect(taken.members.map(\.id) == [0, 1, 2])
        #expect(taken.primary?.name == "a")
    }

    @Test("an arbiter is asked without login and is no fault", arguments: [true, false])
    func arbiter(specKnows: Bool) async throws {
        var members = FakeMember.healthySet
        members[2] = FakeMember(2, .arbiter) {
            ($0.isArbiter, $0.priority, $0.behaviour) = (true, 0, .refusesLogin)
            $0.knownPrimary = Shapes.address(0)
        }
        var spec = ReplicaSetSpec.of(members)
        spec.members[2].arbiter = specKnows
        let taken = try await snapshot(of: members, spec: spec)
        let arbiter = try #require(taken.members[2].view)
        #expect(taken.members[2].error == nil)
        #expect(arbiter.ownState == .arbiter)
        #expect(arbiter.serverVersion == ServerVersion(6, 0, 5))
        #expect(taken.majority.healthy.count == 3)
        #expect(taken.replicationLag(of: taken.members[2]) == nil)
    }

    @Test("a wrong password is told apart from a member that is down: what hello says is kept")
    func wrongPassword() async throws {
        var members = FakeMember.healthySet
        for index in members.indices { members[index].behaviour = .refusesLogin }
        let taken = try await snapshot(of: members)
        #expect(taken.members.map(\.error?.code) == Array(repeating: .authenticationFailed, count: 3))
        #expect(taken.members.map { taken.state(of: $0)?.state } == [.primary, .secondary, .secondary])
        #expect(throws: Never.self) { try taken.requireAnyReachable() }
        #expect(codeThrown { try taken.requireAuthenticated() } == .authenticationFailed)
        // Three voters by the spec; each names the same primary, which tells its term by its election's id.
        #expect(taken.primaryVerdict.primary?.term == 2)
    }

    @Test("a standalone, a router and a member of another set are not members", arguments: Foreign.allCases)
    func foreign(_ kind: Foreign) async throws {
        var members = FakeMember.healthySet
        members[2].replies["hello"] = kind.hello
        let taken = try await snapshot(of: members)
        #expect(taken.members[2].isReachable == false)
        #expect(taken.members[2].error?.code == kind.code)
        #expect(taken.members[2].error?.hint != nil)
        #expect(taken.state(of: taken.members[2]) == nil)
        #expect(taken.primaryVerdict.primary?.supporters.count == 2)

        let alone = try await snapshot(of: [members[2]])
        #expect(codeThrown { try alone.requireAnyReachable() } == kind.code)
    }

    @Test("an uninitiated and a removed member say so")
    func withoutConfig() async throws {
        var members = FakeMember.healthySet
        members[1].isInitiated = false
        members[2].isInitiated = false
        members[2].replies["replSetGetStatus"] = [
            "code": 93, "errmsg": "Our replica set config is invalid or we are not a member of it",
        ]
        members[2].replies["replSetGetConfig"] = ["config": .document(Shapes.config([members[0]], version: 2))]
        let taken = try await snapshot(of: members)
        #expect(taken.members[1].view?.membership == .uninitiated)
        #expect(taken.members[2].view?.membership == .removed)
        #expect(taken.members.map { taken.state(of: $0)?.state } == [.primary, .startup, .removed])
        #expect(taken.members[1].error?.code == .notInitiated)
        #expect(taken.members[2].error?.code == .notInitiated)
    }

    @Test("no member reachable: each one's reason is told")
    func nobody() async throws {
        var members = FakeMember.healthySet
        for index in members.indices { members[index].behaviour = .refuses }
        let taken = try await snapshot(of: members)
        #expect(taken.majority.isReachable == false)
        let error = try #require(throws: ReplicaKitError.self) { try taken.requireAnyReachable() }
        #expect(error.code == .noMemberReachable)
        #expect(error.message.contains("a (127.0.0.1:27300): nothing listens"))
        #expect(error.message.contains("c (127.0.0.1:27302): nothing listens"))
    }

    @Test("a spec that cannot be asked is refused")
    func unusableSpec() async throws {
        let none = ReplicaSetSpec(name: "rs0", members: [])
        #expect(await codeThrown { _ = try await snapshot(of: [], spec: none) } == .invalidSpec)
        let twice = ReplicaSetSpec.of([FakeMember(0), FakeMember(0)])
        #expect(await codeThrown { _ = try await snapshot(of: [], spec: twice) } == .invalidSpec)
    }

    @Test("a reply that cannot be read fails that question alone, and names the field")
    func unreadable() async throws {
        var members = FakeMember.healthySet
        members[1].replies["replSetGetStatus"] = ["set": "rs0", "date": Shapes.date(Shapes.now), "ok": 1.0]
        let taken = try await snapshot(of: members)
        let view = try #require(taken.members[1].view)
        #expect(view.status.error?.code == .unexpectedReply)
        #expect(view.status.error?.message == "the reply to replSetGetStatus cannot be read: myState is missing")
        #expect(view.config.error == nil)
        #expect(view.ownState == .secondary)
    }
}

/// What may answer at a member's address without being a member.
enum Foreign: CaseIterable {
    case standalone, router, otherSet

    var hello: BSONDocument {
        var document: BSONDocument = ["isWritablePrimary": true, "localTime": Shapes.date(Shapes.now), "ok": 1.0]
        switch self {
        case .standalone: break
        case .router: document.append("msg", "isdbgrid")
        case .otherSet: document.append("setName", "rs-other")
        }
        return document
    }

    var code: ReplicaKitError.Code { self == .otherSet ? .wrongReplicaSet : .notReplicaSetMember }
}

extension Result {
    var error: Failure? {
        guard case .failure(let error) = self else { return nil }
        return error
    }
}

extension OplogEntry {
    func with(term: Int64) -> OplogEntry { OplogEntry(timestamp: timestamp, term: term, wall: wall) }
}
