import Foundation
import ReplicaKit
import ReplicaKitProcess
import Synchronization
import TestSupport
import Testing

/// Members that a forced failover left behind, on real servers.
@Suite(.serialized) struct LostMemberTests {
    @Test(.realServers(), arguments: RealServers.outermostVersions)
    func theLostAreFollowedUntilTheyServeAgain(version: String) async throws {
        try await LifecycleFixture.with(members: 5, version: version) { fixture in
            let (set, host) = (fixture.set, fixture.members.host)
            _ = try await set.apply(.up)
            let primary = try #require(try await set.view().primary)
            let former = try #require(set.spec.members.first { $0.host == primary }?.name)
            let others = fixture.members.names.filter { $0 != former }
            let (lost, survivors) = ([former] + others.prefix(2), others.suffix(2))
            let kept = try await fixture.insert(50, on: primary, concern: "pymongo.WriteConcern(w=5)")
            for name in lost.dropFirst() { _ = try await host.stop(name, grace: .zero) }
            // What the primary writes while nobody is there to copy it is its own. Members that only hung would find it in
            // their sockets when they go on.
            for name in survivors { _ = try await host.stop(name, grace: .zero) }
            _ = try await fixture.insert(7, on: primary, concern: "pymongo.WriteConcern(w=1, j=True)")
            _ = try await host.stop(former, grace: .zero)
            for name in survivors { try await host.start(name) }
            try await leaderless(set)

            _ = try await set.apply(.forceFailover(presumedDead: []))
            #expect(try await LostMemberWatch.lost(in: set).sorted() == lost.sorted())
            let watch = LostMemberWatch(set: set, members: lost)
            let log = LostMemberLog()

            // Nobody comes back by himself, and the watch says who is missing.
            await #expect { try await watch.run(within: .seconds(1)) { _ in } } throws: { error in
                let error = error as? ReplicaKitError
                return error?.code == .stepTimedOut
                    && lost.allSatisfy { error?.message.contains("\($0) does not run") == true }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await watch.run(within: .seconds(180)) { event in log.events.withLock { $0.append(event) } }
                }
                group.addTask { for name in lost { _ = try await set.apply(.start([name])) } }
                try await group.waitForAll()
            }
            let events = log.events.withLock { $0 }
            let told = Comment(rawValue: events.map { "\($0.kind.rawValue): \($0.message)" }.joined(separator: "\n"))
            for name in lost {
                let kinds = events.filter { $0.member == name }.map(\.kind)
                #expect(kinds.first == .absent || name == former, told)
                #expect(kinds.contains(.answering), told)
                #expect(kinds.last == .back, told)
                #expect(kinds.contains(.rolledBack) == (name == former), told)
                #expect(!kinds.contains(.stalePrimary), told)
            }
            let rollback = try #require(events.first { $0.kind == .rolledBack }, told)
            let directory = try #require(rollback.message.split(separator: " kept in ").last.map(String.init), told)
            let files = try #require(FileManager.default.enumerator(atPath: directory), told).compactMap {
                $0 as? String
            }
            #expect(files.contains { $0.hasSuffix(".bson") }, told)

            _ = try await set.apply(.apply([]))
            #expect(try await set.view().config?.voters.count == 5)
            #expect(try await LostMemberWatch.lost(in: set) == [])
            let counts: [Int] = try await fixture.judge("result = [c.shop.orders.count_documents({}) for c in m]")
            #expect(counts == Array(repeating: kept, count: 5), told)
        }
    }

    /// Until the survivors know that they are without a primary.
    private func leaderless(_ set: ReplicaSet) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if case .plan = try await set.propose(.forceFailover(presumedDead: [])) { return }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw TestFailure("the survivors still see a primary")
    }
}

/// What a watch told.
private final class LostMemberLog: Sendable {
    let events = Mutex<[LostMemberEvent]>([])
}
