import Foundation
import ReplicaKit
import ReplicaKitDocker
import ReplicaKitMongo
import TestSupport
import Testing

/// Containers that are killed or cut off while a client writes now and then: no load goes into Docker's networks.
@Suite("Containers that die, or are cut off", .dockerEngine(), .serialized)
struct DeathTests {
    private func with(_ body: @Sendable (Containers, ReplicaSet) async throws -> Void) async throws {
        try await Containers.with(members: ["a", "b", "c"]) { containers in
            let toolbox = Toolbox(driver: LibMongoCDriver(logger: .silent), host: containers.host, logger: .silent)
            let set = ReplicaSet(spec: containers.spec, baseDirectory: containers.directory.path, toolbox: toolbox)
            _ = try await set.apply(.up)
            try await body(containers, set)
            _ = try await set.apply(.down(includingData: true))
            #expect(try await containers.leftovers() == "")
        }
    }

    private func writing(
        _ set: ReplicaSet,
        _ body: @Sendable () async throws -> Void
    ) async throws -> IndependentWriter.Report {
        var input = IndependentWriter.Input(
            set: set.spec.name.rawValue,
            members: set.spec.members.map(\.host.description),
            user: set.spec.security.admin.user,
            password: try set.secrets.read(set.spec.security.admin.password).reveal()
        )
        input.interval = 0.05
        return try await IndependentWriter.during(input, body).report
    }

    private func container(of address: MemberAddress, _ containers: Containers) throws -> String {
        let member = try #require(containers.spec.members.first { $0.host == address })
        return try containers.runtime.container(of: member)
    }

    /// With `RK_DEATHS=20` in the environment so many times in a row, and then no gap may reach half a second: on a
    /// machine that does nothing else.
    @Test("a guarded primary that is killed, twice in a row, is succeeded at once, and nothing is lost")
    func killed() async throws {
        let asked = ProcessInfo.processInfo.environment["RK_DEATHS"].flatMap { Int($0) }
        try await with { containers, set in
            let report = try await writing(set) {
                try await GuardLog.guarding(set) { log in
                    for round in 1...(asked ?? 2) {
                        try await log.wait(for: .prepared, count: round)
                        let primary = try #require(try await set.view().primary)
                        try await Containers.docker("kill", container(of: primary, containers))
                        try await log.wait(for: .elected, count: round)
                        _ = try await set.apply(.start([]))
                        try await log.wait(for: .watching, count: round + 1)
                    }
                    if asked != nil { FileHandle.standardError.write(Data("\(log.text)\n".utf8)) }
                }
            }
            let told = Comment(rawValue: "\(report)")
            #expect(report.majority.lost == 0, told)
            if asked != nil { FileHandle.standardError.write(Data("deaths: \(report)\n".utf8)) }
            // Far from the ten seconds that the set alone takes, however busy this machine is.
            let limit = asked == nil ? 5 : 0.5
            for stream in [report.majority, report.one, report.plain] {
                #expect(stream.longestGapSeconds < limit, told)
            }
        }
    }

    @Test("a member that is cut off is told of at one look; a primary is succeeded, follows, and loses nothing")
    func cutOff() async throws {
        try await with { containers, set in
            let network = try containers.runtime.network.name
            @Sendable func connect(_ address: MemberAddress) async throws {
                let name = try container(of: address, containers)
                try await Containers.docker("network", "connect", "--ip", address.host, network, name)
            }
            let first = try #require(try await set.view().primary)
            let secondary = try #require(containers.spec.members.first { $0.host != first })
            try await Containers.docker("network", "disconnect", network, container(of: secondary.host, containers))
            // The set itself calls it healthy for ten seconds.
            let health = try await set.examine(timeout: .seconds(2)).report
            let finding = try #require(health.findings.first { $0.rule == "member.answers" })
            #expect(finding.member?.name == secondary.name && finding.severity == .critical)
            #expect(finding.message.contains("runs and"), "\(finding.message)")
            try await connect(secondary.host)

            let report = try await writing(set) {
                try await Containers.docker("network", "disconnect", network, container(of: first, containers))
                let clock = ContinuousClock()
                let deadline = clock.now + .seconds(60)
                var successor: MemberAddress?
                while clock.now < deadline, successor == nil || successor == first {
                    successor = try await set.snapshot(timeout: .seconds(2)).primaryVerdict.primary?.address
                }
                #expect(successor != nil && successor != first)
                try await connect(first)
                let back = clock.now + .seconds(60)
                var state: MemberState?
                while clock.now < back, state != .secondary {
                    let snapshot = try await set.snapshot(timeout: .seconds(2))
                    state = snapshot.member(at: first)?.view?.ownState
                }
                #expect(state == .secondary)
            }
            #expect(report.majority.lost == 0, "\(report)")
        }
    }
}
