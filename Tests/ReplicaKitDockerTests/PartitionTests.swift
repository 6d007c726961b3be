import Glibc
import ReplicaKit
import ReplicaKitDocker
import ReplicaKitMongo
import TestSupport
import Testing

/// A network that is cut between members, and not between them and us.
@Suite("A primary that is cut off from the others", .dockerEngine(), .cutNetworks, .serialized)
struct PartitionTests {
    @Test("two members claim to be it; the old one's writes are taken back, and that is told", .timeLimit(.minutes(20)))
    func twoPrimaries() async throws {
        try await Containers.with(
            members: ["a", "b", "c"],
            editing: { spec in
                // For so long the old primary believes in itself; the new one must not wait for its word.
                spec.settings.electionTimeoutMillis = 20_000
                spec.settings.catchUpTimeoutMillis = 0
                spec.health.silence = HealthRuleID.ofTheMachine.map { HealthSpec.Silence(rule: $0) }
            }
        ) { containers in
            let toolbox = Toolbox(driver: LibMongoCDriver(logger: .silent), host: containers.host, logger: .silent)
            let set = ReplicaSet(spec: containers.spec, baseDirectory: containers.directory.path, toolbox: toolbox)
            _ = try await set.apply(.up)
            let old = try #require(try await set.view().primary)
            let others = set.spec.members.filter { $0.host != old }
            let cut = try #require(set.spec.members.first { $0.host == old })
            let healthy = try await set.examine()
            #expect(healthy.report.troubles.isEmpty, healthy.report.told)

            let line = try await containers.cut(cut, from: others.map(\.host))
            try await run(["replSetStepUp": 1], on: others[0].host, in: set)
            // Both are reached, and both take writes.
            let first = try await look(set, after: healthy, "two claims", keeping: healthy.look) { report in
                report.findings.contains { $0.rule == "primary.claims" }
            }
            let beside: Set<HealthRuleID> = [
                "member.seen", "quorum.margin", "replication.lag", "replication.sync-source", "config.spread",
            ]
            let claim = first.report.expect("primary.claims", .warning, of: cut.name, beside: beside)
            #expect(claim?.priority == .p1 && claim?.message.contains("\(others[0].name) is") == true)
            #expect(first.report.status.primary == others[0].host)
            for (address, from) in [(old, "old"), (others[0].host, "new")] {
                try await run(
                    ["insert": "orders", "documents": [["from": .string(from)]], "writeConcern": ["w": 1]],
                    on: address,
                    in: set
                )
            }
            let second = try await set.examine(since: first.look)
            let lasting = second.report.expect("primary.claims", .critical, of: cut.name, beside: beside)
            #expect(lasting?.priority == .p0 && lasting?.remedy.contains("rkctl stop \(cut.name)") == true)

            let alone = try await look(set, after: second, "it steps down") { report in
                let rules = Set(report.findings.map(\.rule))
                return !rules.contains("primary.claims") && rules.contains("member.seen")
            }
            alone.report.expect("member.seen", .critical, of: cut.name, beside: beside)

            // Now we are cut off from it too, as whoever watches a set mostly is: what it said before must be remembered.
            try await containers.docker("pause", cut)
            let away = try await set.examine(since: alone.look, timeout: .seconds(2))
            away.report.expect("member.answers", .critical, of: cut.name, beside: beside)
            try await containers.docker("unpause", cut)
            try await line.mend()
            let back = try await look(set, after: away, "it has taken its writes back", keeping: away.look) { report in
                report.findings.contains { $0.rule == "replication.rollback" }
            }
            let rollback = back.report.expect(
                "replication.rollback",
                .critical,
                of: cut.name,
                beside: beside.union(["member.state"])
            )
            #expect(rollback?.priority == .p1 && rollback?.remedy.contains("rollback") == true)
            // And the file that the remedy speaks of is there.
            let files = try await containers.docker("exec", cut, "bash", "-c", "echo /data/db/rollback/*/*")
            #expect(files.contains(".bson"))
            // Told once: at the next look it is as the others are.
            let mended = try await look(set, after: back, "all is well") { $0.troubles.isEmpty }
            #expect(mended.report.status.members.allSatisfy { $0.state == .primary || $0.state == .secondary })
        }
    }

    private func run(_ command: BSONDocument, on address: MemberAddress, in set: ReplicaSet) async throws {
        let security = set.spec.security.admin
        let admin = MemberAuthentication.password(
            Credential(user: security.user, password: try set.secrets.read(security.password))
        )
        let database = command.keys.first == "insert" ? "shop" : "admin"
        _ = try await set.toolbox.driver.withConnection(to: address, as: admin, timeout: .seconds(10)) {
            try await $0.run(command, on: database, timeout: .seconds(10))
        }
    }

    /// Looks until something is so; each look follows the one before, or always the same one.
    private func look(
        _ set: ReplicaSet,
        after examination: HealthExamination,
        _ what: String,
        keeping fixed: HealthLook? = nil,
        until isSo: (HealthReport) -> Bool
    ) async throws -> HealthExamination {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(120)
        var last = examination
        while clock.now < deadline {
            last = try await set.examine(since: fixed ?? last.look, timeout: .seconds(2))
            if isSo(last.report) { return last }
            try await Task.sleep(for: .milliseconds(200))
        }
        Issue.record("\(what): \(last.report.told)")
        return last
    }
}
