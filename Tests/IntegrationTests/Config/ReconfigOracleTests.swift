import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

/// The validator beside real servers with a config: each judges the same reconfigs, and must come to the same verdict.
@Suite(.serialized) struct ReconfigOracleTests {
    private static let seed: UInt64 = 20_261_124

    @Test(.realServers(), arguments: RealServers.availableVersions, [false, true])
    func sameVerdictOnOneMember(version: String, force: Bool) async throws {
        try await RealMembers.with(version: version, editing: { $0.name = "rs0" }) { members in
            var oracle = try await ReconfigOracle(members, version: version, force: force)
            var generator = ConfigGenerator(seed: Self.seed, delayField: oracle.delayField)
            try await oracle.judge(350, by: &generator, hasWildSettings: true)
            try await oracle.setDefaultWriteConcern()
            try await oracle.judge(350, by: &generator, hasWildSettings: true)
            oracle.expectAgreement(seed: Self.seed)
        }
    }

    /// Here the votes of others count, so that a reconfig may take no more than one.
    @Test(.realServers(), arguments: RealServers.availableVersions)
    func sameVerdictOnThreeVoters(version: String) async throws {
        try await RealMembers.with(members: 3, version: version, editing: { $0.name = "rs0" }) { members in
            var oracle = try await ReconfigOracle(members, version: version, force: false)
            try await oracle.setDefaultWriteConcern()
            var generator = ConfigGenerator(seed: Self.seed, delayField: oracle.delayField)
            try await oracle.judge(120, by: &generator, hasWildSettings: false)
            oracle.expectAgreement(seed: Self.seed)
            #expect(oracle.verdicts.contains { $0.violations.contains { $0.rule == .manyVotersChanged } })
        }
    }
}
