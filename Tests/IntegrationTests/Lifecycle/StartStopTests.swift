import Foundation
import ReplicaKit
import ReplicaKitProcess
import Synchronization
import TestSupport
import Testing

/// Stopping and starting, on real servers.
@Suite(.serialized) struct StartStopTests {
    /// Members that hold still tell so by heartbeat, and then no primary steps down unless it is told to.
    @Test(.realServers())
    func membersThatHoldStillDoNotKeepTheSetFromStopping() async throws {
        try await LifecycleFixture.with { fixture in
            _ = try await fixture.set.apply(.up)
            let _: Bool = try await fixture.judge(
                """
                import time
                for c in m[1:]: c.admin.command("replSetFreeze", 120)
                time.sleep(5)  # two heartbeats
                result = True
                """
            )
            _ = try await fixture.set.apply(.stop([], emergency: false))
            for name in fixture.members.names {
                #expect(try await fixture.members.host.state(of: name) == .stopped(.clean))
            }
        }
    }

    @Test(.realServers(), arguments: ["6.0.5", "4.4.2"])
    func theWholeSetEndsWithOneHistoryAndComesBack(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let before: Int = try await fixture.judge(
                """
                p = next(c for c in m if c.admin.command("hello")["isWritablePrimary"])
                p.test.get_collection("x", write_concern=pymongo.WriteConcern(w=1)).insert_many([{"i": i} for i in range(500)])
                result = p.test.x.count_documents({})
                """
            )
            let events = EventLog()
            _ = try await set.apply(.stop([], emergency: false), events: { event in Task { await events.add(event) } })
            for name in fixture.members.names {
                #expect(try await fixture.members.host.state(of: name) == .stopped(.clean))
            }
            let again = try await set.propose(.stop([], emergency: false))
            guard case .nothingToDo = again else {
                Issue.record("a stopped set can still be stopped: \(again)")
                return
            }

            _ = try await set.apply(.start([]))
            let after: [Int] = try await fixture.judge("result = [c.test.x.count_documents({}) for c in m]")
            #expect(after == [before, before, before])
        }
    }

    @Test(.realServers())
    func aPrimaryThatIsStoppedIsSucceededFirst() async throws {
        try await LifecycleFixture.with { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let first = try #require(try await set.view().primary)
            let name = try #require(set.spec.members.first { $0.host == first }?.name)
            _ = try await set.apply(.stop([name], emergency: false))
            let view = try await set.view()
            let second = try #require(view.primary)
            #expect(second != first)
            #expect(try await fixture.members.host.state(of: name) == .stopped(.clean))

            // With one of three gone, stopping another would leave no majority.
            let other = try #require(set.spec.members.first { $0.host != first && $0.host != second }?.name)
            guard case .refusal(let refusal) = try await set.propose(.stop([other], emergency: false)) else {
                Issue.record("stopping the second of three members was not refused")
                return
            }
            #expect(refusal.code == .refused)
            _ = try await set.apply(.start([name]))
            #expect(try await set.view().running.count == 3)
        }
    }

    /// As one does that takes back, after it served, what only it had written.
    @Test(.realServers())
    func aMemberThatServedAndFallsSilentForAWhileIsLookedAtAgain() async throws {
        try await LifecycleFixture.with { fixture in
            var set = fixture.set
            set.limits.call = .seconds(1)
            _ = try await set.apply(.up)
            let primary = try #require(try await set.view().primary)
            let member = try #require(set.spec.members.first { $0.host != primary })
            _ = try await set.apply(.stop([member.name], emergency: false))

            guard case .process(let runtime) = set.spec.runtime else { throw TestFailure("not a process runtime") }
            let pidFile = fixture.members.directory.path("\(runtime.directory)/\(member.name)/mongod.pid")
            let pids = Mutex<[pid_t]>([])
            let (silence, signal) = AsyncStream.makeStream(of: pid_t.self)
            let awakening = Task {
                for await pid in silence {
                    // Not a wait for anything: it is how long the member is silent.
                    try await Task.sleep(for: .seconds(3))
                    kill(pid, SIGCONT)
                }
            }
            defer { pids.withLock { for pid in $0 { kill(pid, SIGCONT) } } }
            let begun = ContinuousClock.now
            _ = try await set.apply(
                .start([]),
                events: { event in
                    guard case .stepFinished(let step, _, _) = event, step.action.kind == "awaitMembers" else { return }
                    guard let text = try? String(contentsOfFile: pidFile, encoding: .utf8),
                        let pid = pid_t(text.split(separator: "\n").first ?? "")
                    else { return }
                    pids.withLock { $0.append(pid) }
                    try? hangBlocking(pid)
                    signal.yield(pid)
                }
            )
            signal.finish()
            try await awakening.value
            #expect(pids.withLock { $0.count } == 1, "it was started anew, or never")
            #expect(begun.duration(to: .now) > .seconds(3))
            #expect(try await set.view().answering.count == 3)
        }
    }

    @Test(.realServers())
    func emergencyAndDownLeaveNothingBehind() async throws {
        try await LifecycleFixture.with { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            _ = try await set.apply(.stop([], emergency: true))
            #expect(try await set.view().running.isEmpty)
            _ = try await set.apply(.start([]))
            _ = try await set.apply(.down(includingData: true))
            for name in fixture.members.names {
                #expect(try await fixture.members.host.state(of: name) == .absent)
            }
            guard case .nothingToDo = try await set.propose(.down(includingData: true)) else {
                Issue.record("a set that is gone can still be taken down")
                return
            }
            // And it can be made again.
            _ = try await set.apply(.up)
            #expect(try await set.view().primary != nil)
        }
    }

    @Test(.realServers())
    func downWithoutVolumesKeepsTheData() async throws {
        try await LifecycleFixture.with(members: 1) { fixture in
            _ = try await fixture.set.apply(.up)
            let written: Int = try await fixture.judge(
                "m[0].test.x.insert_one({'a': 1}); result = m[0].test.x.count_documents({})"
            )
            _ = try await fixture.set.apply(.down(includingData: false))
            _ = try await fixture.set.apply(.up)
            let kept: Int = try await fixture.judge("result = m[0].test.x.count_documents({})")
            #expect(kept == written)
        }
    }
}
