import Foundation
import ReplicaKit
import ReplicaKitBackup
import ReplicaKitProcess
import TestSupport
import Testing

/// The archive of real oplogs: whole as long as it can be, and ended for good where it cannot.
@Suite(.serialized) struct ArchiveTests {
    @Test(.realServers(), arguments: RealServers.availableVersions)
    func holdsExactlyTheOplogAndGoesOnAfterAPause(version: String) async throws {
        try await ArchiveFixture.with(version: version) { fixture in
            try await fixture.catchUp()
            try await fixture.whileArchiving { events in
                try await events.waitUntilSaved(try await fixture.insert(1...200))
            }
            // Written while nobody archives.
            let last = try await fixture.insert(201...300)
            try await fixture.catchUp()
            let (window, entries) = try await fixture.archived()
            #expect(window.last >= last)
            #expect(try await fixture.oplog(after: window.after, through: window.last) == entries)
            #expect(entries.count > 300)
            #expect(try await fixture.archive.windows().count == 1)
            #expect(try await fixture.archive.verify().isEmpty)
        }
    }

    @Test(.realServers())
    func anIdleSetExtendsWhatIsCovered() async throws {
        try await ArchiveFixture.with { fixture in
            try await fixture.whileArchiving { events in
                let begin = try await fixture.insert(1...1)
                try await events.waitUntilSaved(begin)
                try await events.waitUntilSaved(BSONTimestamp(seconds: begin.seconds + 15, increment: 0))
            }
        }
    }

    @Test(.realServers())
    func survivesTheDeathAndTheHangOfWhatItReads() async throws {
        try await ArchiveFixture.with(members: 3) { fixture in
            func name(of address: MemberAddress) throws -> MemberName {
                try #require(fixture.source.set.spec.members.first { $0.host == address }?.name)
            }
            try await fixture.whileArchiving { events in
                let first = try await events.followed()
                try await events.waitUntilSaved(try await fixture.insert(1...50))
                // Its process dies.
                var count = events.all.count
                _ = try await fixture.source.members.host.stop(try name(of: first), grace: .zero)
                let second = try await events.followed(after: count)
                #expect(second != first)
                try await events.waitUntilSaved(try await fixture.insert(51...100))
                _ = try await fixture.source.set.apply(.start([]))
                // It hangs.
                let reading = try await events.followed()
                count = events.all.count
                guard
                    case .running(let process) = try await fixture.source.members.host.state(of: try name(of: reading)),
                    let pid = pid_t(process.identity)
                else { throw TestFailure("\(reading) does not run") }
                try await hang(pid)
                let third = try await events.followed(after: count)
                #expect(third != reading)
                try await events.waitUntilSaved(try await fixture.insert(101...150))
                kill(pid, SIGCONT)
                // An election.
                let _: Bool = try await fixture.source.judge(
                    """
                    p = next(c for c in m if c.admin.command("hello")["isWritablePrimary"])
                    p.admin.command("replSetStepDown", 5, secondaryCatchUpPeriodSecs=4)
                    result = True
                    """
                )
                try await events.waitUntilSaved(try await fixture.insert(151...200))
            }
            let (_, entries) = try await fixture.archived()
            let inserted = entries.filter { $0["op"] == "i" && $0["ns"] == "shop.orders" }
                .compactMap { $0[path: "o", "_id"]?.intValue }
            #expect(inserted == Array(1...200))
            #expect(try await fixture.archive.windows().count == 1)
            #expect(try await fixture.archive.verify().isEmpty)
        }
    }

    /// Runs until the timeline ends, which it must at once, and gives how.
    private func end(of fixture: ArchiveFixture) async throws -> OplogTimeline.End {
        let error = try await replicaKitError { try await fixture.catchUp() }
        #expect(error.code == .oplogGap)
        return try #require(try await fixture.archive.timelines().last?.end)
    }

    @Test(.realServers())
    func anOplogThatRolledOverEndsTheTimeline() async throws {
        try await ArchiveFixture.with(editing: { spec in
            guard case .process(var runtime) = spec.runtime else { return }
            runtime.oplogSizeMB = 5
            runtime.parameters["syncdelay"] = "1"
            spec.runtime = .process(runtime)
        }) { fixture in
            try await fixture.catchUp()
            let saved = try await fixture.insert(1...3)
            try await fixture.catchUp()
            let _: Bool = try await fixture.source.judge(
                """
                import time
                o = m[0].local["oplog.rs"]
                end = time.time() + 120
                def oldest():
                    while True:
                        # A find at the old end may lose its place.
                        try: return next(o.find().sort("$natural", 1))["ts"].time
                        except pymongo.errors.OperationFailure: pass
                while oldest() <= \(saved.seconds):
                    m[0].shop.big.insert_many([{"x": "y" * 100000} for _ in range(50)])
                    if time.time() > end: raise Exception("the oplog does not roll over")
                result = True
                """
            )
            let ended = try await end(of: fixture)
            #expect(ended.reason == .rolledOver)
            // A new timeline, which does not hold what was lost.
            let last = try await fixture.insert(10...20)
            try await fixture.catchUp()
            let more = try await fixture.insert(21...30)
            try await fixture.catchUp()
            let windows = try await fixture.archive.windows()
            #expect(windows.count == 2)
            #expect(windows.last?.covers(from: more, through: more) == true)
            let error = try await replicaKitError {
                _ = try await fixture.archive.entries(from: saved, through: last)
            }
            #expect(error.code == .momentNotCovered)
        }
    }

    @Test(.realServers())
    func dataThatWerePutBackEndTheTimeline() async throws {
        try await ArchiveFixture.with { fixture in
            let members = fixture.source.members
            let (name, set) = (members.names[0], fixture.source.set)
            let data = members.directory.path("data/\(name)/db")
            try await fixture.catchUp()
            _ = try await set.apply(.stop([], emergency: false))
            try FileManager.default.copyItem(atPath: data, toPath: members.directory.path("earlier"))
            _ = try await set.apply(.start([]))
            _ = try await fixture.insert(1...20)
            try await fixture.catchUp()
            _ = try await set.apply(.stop([], emergency: false))
            try FileManager.default.removeItem(atPath: data)
            try FileManager.default.moveItem(atPath: members.directory.path("earlier"), toPath: data)
            _ = try await set.apply(.start([]))
            _ = try await fixture.insert(100...120)
            #expect(try await end(of: fixture).reason == .rolledBack)
        }
    }

    @Test(.realServers())
    func anotherSetOfTheSameNameEndsTheTimeline() async throws {
        try await ArchiveFixture.with { fixture in
            try await fixture.catchUp()
            try await ArchiveFixture.with { other in
                let foreign = ArchiveFixture(source: other.source, store: fixture.store)
                #expect(try await end(of: foreign).reason == .otherSet)
                _ = try await foreign.insert(1...5)
                try await foreign.catchUp()
                let timelines = try await foreign.archive.timelines()
                #expect(Set(timelines.map(\.begin.setID)).count == 2)
            }
        }
    }

    @Test(.realServers())
    func twoDoNotWriteOneArchive() async throws {
        try await ArchiveFixture.with { fixture in
            try await fixture.whileArchiving { events in
                _ = try await events.followed()
                let error = try await replicaKitError { try await fixture.catchUp() }
                #expect(error.code == .locked)
            }
        }
    }
}
