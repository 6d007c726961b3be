import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

/// The validator beside real servers that were never initiated: they say of each config what is wrong with it, and of
/// one that is right only that they are not in it.
@Suite(.serialized) struct InitiateOracleTests {
    static let count = 1500

    @Test(.realServers(), arguments: RealServers.availableVersions)
    func sameVerdictOnRandomConfigs(version: String) async throws {
        let seed: UInt64 = 20_261_123
        try await RealMembers.with(version: version, editing: { $0.name = "rs0" }) { members in
            let serverVersion = try ServerVersion(version)
            let validator = ReplicaSetConfigValidator(serverVersion: serverVersion, setName: "rs0")
            let driver = LibMongoCDriver(logger: .silent)
            var generator = ConfigGenerator(
                seed: seed,
                delayField: serverVersion.isAtLeast(5, 0) ? "secondaryDelaySecs" : "slaveDelay"
            )
            var configs: [BSONDocument] = []
            for _ in 0..<Self.count { configs.append(generator.next()) }
            let verdicts = try await driver.withConnection(
                to: members.addresses[0],
                as: .keyFile(members.keyFile),
                timeout: .seconds(20)
            ) { connection in
                var verdicts: [Verdict] = []
                for config in configs {
                    let violations = validator.initiate(config)
                    // What would end the server is not sent; that rule is the library's own.
                    if violations.contains(where: \.rule.protectsServer) { continue }
                    // Found only when the config is stored, which a server that is not in it does not come to.
                    if violations.first?.rule == .dollarPrefixedName { continue }
                    verdicts.append(
                        Verdict(config: config, violations: violations, said: try await ask(connection, config))
                    )
                }
                return verdicts
            }
            let wrong = verdicts.filter { $0.isAccepted != $0.violations.isEmpty }
            for verdict in wrong.prefix(5) { Issue.record("seed \(seed): \(verdict.description)") }
            #expect(wrong.count == 0, "\(wrong.count) of \(verdicts.count) verdicts differ")
            // The generator must make both kinds in numbers, or the comparison would mean little.
            #expect(verdicts.count(where: \.isAccepted) > Self.count / 10)
            #expect(verdicts.count { !$0.isAccepted } > Self.count / 10)
        }
    }

    private struct Verdict: Sendable {
        var config: BSONDocument
        var violations: [ConfigViolation]
        var said: String

        var isAccepted: Bool { said.contains("maps to this node") }
        var description: String {
            "\(config): the validator says \(violations), the server says \(said)"
        }
    }

    private func ask(_ connection: any MemberConnection, _ config: BSONDocument) async throws -> String {
        do {
            _ = try await connection.run(["replSetInitiate": .document(config)], on: "admin", timeout: .seconds(10))
            throw TestFailure("a server that is not in a config took it: \(config)")
        } catch let error as ReplicaKitError where error.server != nil {
            return error.server?.message ?? ""
        }
    }
}
