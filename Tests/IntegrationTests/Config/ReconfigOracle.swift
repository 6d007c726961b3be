import ReplicaKit
import ReplicaKitMongo
import TestSupport
import Testing

/// A real primary that says of each config whether it would take it.
struct ReconfigOracle {
    struct Verdict: Sendable {
        var old: BSONDocument
        var new: BSONDocument
        var violations: [ConfigViolation]
        var isAccepted: Bool
        var code: Int
        var said: String

        var isAgreed: Bool {
            guard let first = violations.first else { return isAccepted }
            return !isAccepted && (violations.contains { $0.serverCode == code } || first.serverCode == code)
        }
        var description: String { "\(old) to \(new): the validator says \(violations), the server \(code) \(said)" }
    }

    let members: RealMembers
    let serverVersion: ServerVersion
    let force: Bool
    private let base: BSONDocument
    private var hasDefaultWriteConcern = false
    private(set) var verdicts: [Verdict] = []

    var delayField: String { serverVersion.isAtLeast(5, 0) ? "secondaryDelaySecs" : "slaveDelay" }
    private var address: MemberAddress { members.addresses[0] }

    init(_ members: RealMembers, version: String, force: Bool) async throws {
        self.members = members
        self.force = force
        serverVersion = try ServerVersion(version)
        var spec = members.spec
        spec.settings.heartbeatIntervalMillis = 100
        spec.settings.electionTimeoutMillis = 60_000
        // Only the first is ever the primary: it is the one that is asked.
        for index in spec.members.indices.dropFirst() { spec.members[index].priority = 0 }
        let config = try ReplicaSetConfig(spec: spec, serverVersion: serverVersion)
        base = config.document
        let start = base
        try await with { connection in
            _ = try await connection.run(["replSetInitiate": .document(start)], on: "admin", timeout: .seconds(30))
            if spec.members.count > 1 {
                try await ContinuousClock().poll(for: "members that can vote") {
                    let reply = try await connection.run(["replSetGetStatus": 1], on: "admin", timeout: .seconds(10))
                    let states = (reply["members"]?.arrayValue ?? []).map { $0.documentValue?["state"]?.intValue }
                    return states == Array(repeating: 2, count: spec.members.count)
                }
                _ = try await connection.run(["replSetStepUp": 1], on: "admin", timeout: .seconds(30))
            }
            try await Self.waitUntilPrimary(connection)
        }
    }

    mutating func setDefaultWriteConcern() async throws {
        let base = base
        try await with { connection in
            try await Self.reset(to: base, connection)
            try await Self.waitUntilPrimary(connection)
            let command: BSONDocument = [
                "setDefaultRWConcern": 1, "defaultWriteConcern": ["w": 1], "writeConcern": ["w": 1],
            ]
            _ = try await connection.run(command, on: "admin", timeout: .seconds(30))
        }
        hasDefaultWriteConcern = true
    }

    /// Asks for so many verdicts, one config after the other.
    mutating func judge(_ count: Int, by generator: inout ConfigGenerator, hasWildSettings: Bool) async throws {
        let validator = ReplicaSetConfigValidator(serverVersion: serverVersion, setName: "rs0")
        let port = address.port
        let receiver = ReplicaSetConfigValidator.Receiver(
            hosts: [address, MemberAddress(host: "localhost", port: port)],
            hasDefaultWriteConcern: hasDefaultWriteConcern
        )
        var made = generator
        let (base, force) = (base, force)
        verdicts += try await with { connection in
            var verdicts: [Verdict] = []
            for _ in 0..<count {
                let old = try await Self.present(connection)
                let new = made.next(after: old, force: force, hasWildSettings: hasWildSettings)
                let violations = validator.reconfig(from: old, to: new, force: force, on: receiver)
                // What would end the server is not sent; that rule is the library's own, or the server's last words.
                if violations.contains(where: \.rule.protectsServer) { continue }
                // No way would lead back from a version near the last one.
                if violations.isEmpty, new["version"]?.intValue ?? 0 > 1_000_000_000 { continue }
                guard let (isAccepted, code, said) = try await Self.ask(connection, new, force: force) else {
                    try await Self.reset(to: base, connection)
                    continue
                }
                verdicts.append(
                    Verdict(
                        old: old,
                        new: new,
                        violations: violations,
                        isAccepted: isAccepted,
                        code: code,
                        said: said
                    )
                )
                guard isAccepted else { continue }
                // Some changes build on each other; but not for long, or the set would lose its members.
                if !hasWildSettings || made.random.once(in: 3) { try await Self.reset(to: base, connection) }
                if !force { try await Self.waitUntilPrimary(connection) }
            }
            return verdicts
        }
        generator = made
    }

    func expectAgreement(seed: UInt64) {
        let wrong = verdicts.filter { !$0.isAgreed }
        for verdict in wrong.prefix(5) { Issue.record("seed \(seed): \(verdict.description)") }
        #expect(wrong.count == 0, "\(wrong.count) of \(verdicts.count) verdicts differ")
        // The generator must make both kinds in numbers, or the comparison would mean little.
        #expect(verdicts.count(where: \.isAccepted) > verdicts.count / 10)
        #expect(verdicts.count { !$0.isAccepted } > verdicts.count / 10)
    }

    // MARK: - The server

    private func with<Result: Sendable>(
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try await LibMongoCDriver.quiet.withConnection(
            to: address,
            as: .keyFile(members.keyFile),
            timeout: .seconds(20),
            body
        )
    }

    /// The config with the server's own marks, which `replSetGetConfig` hides.
    private static func present(_ connection: any MemberConnection) async throws -> BSONDocument {
        let reply = try await connection.run(
            ["find": "system.replset", "limit": 1],
            on: "local",
            timeout: .seconds(10)
        )
        guard let config = reply[path: "cursor", "firstBatch", "0"]?.documentValue else {
            throw TestFailure("no config: \(reply)")
        }
        return config
    }

    private static func reset(to base: BSONDocument, _ connection: any MemberConnection) async throws {
        let version = try await present(connection)["version"]?.intValue ?? 1
        // A primary that the last config made unelectable steps down first, which may take its time.
        let answer = try await ask(
            connection,
            base.setting(.integer(version), for: "version"),
            force: true,
            within: .seconds(60)
        )
        guard let answer, answer.isAccepted else {
            throw TestFailure("the first config is not taken back: \(String(describing: answer))")
        }
    }

    private static func waitUntilPrimary(_ connection: any MemberConnection) async throws {
        try await ContinuousClock().poll(for: "the member to be the primary") {
            let hello = try await connection.run(["hello": 1], on: "admin", timeout: .seconds(10))
            return hello["isWritablePrimary"]?.isTruthy == true
        }
    }

    /// Sends a reconfig. That members do not answer is nothing against the config, nor that the wait for them was short.
    ///
    /// - Returns: `nil` when the server judges nothing, because the config before does not spread.
    private static func ask(
        _ connection: any MemberConnection,
        _ config: BSONDocument,
        force: Bool,
        within limit: Duration = .seconds(5)
    ) async throws -> (isAccepted: Bool, code: Int, said: String)? {
        var command: BSONDocument = ["replSetReconfig": .document(config)]
        if force { command.append("force", true) } else { command.append("maxTimeMS", 300) }
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while true {
            do {
                _ = try await connection.run(command, on: "admin", timeout: .seconds(20))
                return (true, 0, "")
            } catch let error as ReplicaKitError {
                guard let server = error.server else { throw error }
                // Another reconfig, or the spread of the last one, is under way: no verdict yet.
                if [109, 308, 11602].contains(server.code) {
                    guard clock.now < deadline else { return nil }
                    try await clock.sleep(for: .milliseconds(20))
                    continue
                }
                let isAccepted = server.code == 50 || server.message.hasPrefix("Quorum check failed")
                return (isAccepted, server.code, server.message)
            }
        }
    }
}

extension ContinuousClock {
    fileprivate func poll(for what: String, until isSo: () async throws -> Bool) async throws {
        let seen = try await poll(for: .seconds(60), every: .milliseconds(20)) {
            try await isSo() ? true : nil as Bool?
        }
        if seen == nil { throw TestFailure("waited for \(what)") }
    }
}
