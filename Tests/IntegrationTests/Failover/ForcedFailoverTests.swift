import Glibc
import ReplicaKit
import ReplicaKitProcess
import TestSupport
import Testing

/// A set that loses its majority for good, on real servers.
@Suite(.serialized) struct ForcedFailoverTests {
    @Test(.realServers(), arguments: RealServers.availableVersions)
    func aSurvivorGoesOnAndTheLostComeBackWithoutHarm(version: String) async throws {
        try await LifecycleFixture.with(version: version) { fixture in
            let set = fixture.set
            _ = try await set.apply(.up)
            let intent = Intent.forceFailover(presumedDead: [])
            guard case .nothingToDo = try await set.propose(intent) else {
                Issue.record("a healthy set can be failed over by force")
                return
            }
            let written: Int = try await fixture.judge(
                """
                p = next(c for c in m if c.admin.command("hello")["isWritablePrimary"])
                p.shop.get_collection("orders", write_concern=pymongo.WriteConcern(w=3)).insert_many([{"i": i} for i in range(100)])
                result = p.shop.orders.count_documents({})
                """
            )
            let primary = try #require(try await set.view().primary)
            let lost =
                set.spec.members.filter { $0.host == primary }
                + set.spec.members.filter { $0.host != primary }.prefix(1)
            let survivor = try #require(set.spec.members.first { member in !lost.contains { $0.name == member.name } })
            _ = try await fixture.members.host.stop(lost[0].name, grace: .zero)

            // With two of three there is a majority, whoever is the primary at this moment.
            switch try await set.propose(intent) {
            case .refusal(let refusal): #expect(refusal.code == .refused)
            case .nothingToDo: break
            case .plan(let plan): #expect(plan.steps.map(\.action) == [.electPrimary], "a majority is there")
            }
            // Cut off is not dead: a process that is there may be accepting writes.
            let second = lost[1].name
            guard case .running(let process) = try await fixture.members.host.state(of: second) else {
                throw TestFailure("\(second) does not run")
            }
            try await hang(try #require(pid_t(process.identity)))
            let refusal = try await refusalWithoutPrimary(set, intent)
            #expect(refusal.message.contains("runs"), "\(refusal)")
            _ = try await fixture.members.host.stop(second, grace: .zero)

            try await planned(set, intent)
            _ = try await set.apply(intent)
            let view = try await set.view()
            #expect(view.primary == survivor.host)
            #expect(view.config?.members.count == 3)
            #expect(view.config?.voters.map(\.host) == [survivor.host])
            #expect(view.config?.settings.replicaSetID != nil)

            _ = try await set.apply(.start([]))
            _ = try await set.apply(.apply([]))
            #expect(try await set.view().config?.voters.count == 3)
            let after: [Int] = try await fixture.judge("result = [c.shop.orders.count_documents({}) for c in m]")
            #expect(after == [written, written, written])
        }
    }

    /// Until the survivor has noticed the death: as long as it sees the other healthy, force is refused.
    private func planned(_ set: ReplicaSet, _ intent: Intent) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        var last: Proposal?
        while ContinuousClock.now < deadline {
            let proposal = try await set.propose(intent)
            if case .plan = proposal { return }
            last = proposal
            // A pause between two looks.
            try await Task.sleep(for: .milliseconds(200))
        }
        throw TestFailure("the survivor does not notice that it is alone: \(String(describing: last))")
    }

    /// Asks until the survivor has noticed that it is alone.
    private func refusalWithoutPrimary(_ set: ReplicaSet, _ intent: Intent) async throws -> Refusal {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if case .refusal(let refusal) = try await set.propose(intent), refusal.message.contains("process") {
                return refusal
            }
            try await Task.sleep(for: .milliseconds(200))
        }
        throw TestFailure("no refusal that names the process")
    }
}
