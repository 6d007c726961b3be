@testable import ReplicaKit
import Testing

/// Each rule once, on the smallest config that breaks it. That the rules are the servers' is shown beside real ones, in
/// the integration tests.
@Suite("Rules of a config")
struct ConfigRuleTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var rule: ConfigRule
        var code: Int
        var testDescription: String { "\(rule.rawValue), code \(code)" }
        let violations: @Sendable () -> [ConfigViolation]
    }

    @Test("Each is found, with the code that the server answers", arguments: initiateCases + reconfigCases)
    func rule(testCase: Case) throws {
        let violations = testCase.violations()
        let found = try #require(violations.first { $0.rule == testCase.rule }, "\(violations)")
        #expect(found.serverCode == testCase.code)
        #expect(!found.message.isEmpty)
    }

    @Test("No rule is without a case")
    func complete() {
        let missing = Set(ConfigRule.allCases).subtracting((Self.initiateCases + Self.reconfigCases).map(\.rule))
        #expect(missing.isEmpty)
    }

    @Test("A sensible config breaks none, in any version", arguments: ["4.4.2", "5.0.4", "6.0.5", "7.0.2", "8.0.0"])
    func sensible(version: String) throws {
        var validator = Self.validator
        validator.serverVersion = try ServerVersion(version)
        #expect(validator.initiate(Self.config(Self.three)).isEmpty)
        let next = Self.config(Self.three + [["_id": 3, "host": "localhost:4", "votes": 0, "priority": 0]], version: 2)
        #expect(validator.reconfig(from: Self.config(Self.three), to: next).isEmpty)
    }

    // MARK: - Configs

    private static let validator = ReplicaSetConfigValidator(serverVersion: ServerVersion(6, 0, 5), setName: "rs0")
    private static let three: [BSONDocument] = [
        ["_id": 0, "host": "localhost:1"], ["_id": 1, "host": "localhost:2"], ["_id": 2, "host": "localhost:3"],
    ]

    private static func config(_ members: [BSONDocument], version: Int = 1, _ more: BSONDocument = [:]) -> BSONDocument
    {
        var document: BSONDocument = [
            "_id": "rs0", "version": .integer(version), "members": .array(BSONArray(members.map { .document($0) })),
        ]
        for (key, value) in more { document.set(value, for: key) }
        return document
    }

    private static func initiate(
        _ rule: ConfigRule,
        code: Int = 93,
        version: ServerVersion = ServerVersion(6, 0, 5),
        on receiver: ReplicaSetConfigValidator.Receiver = .init(),
        isConfigServer: Bool = false,
        _ config: BSONDocument
    ) -> Case {
        Case(rule: rule, code: code) {
            var validator = validator
            validator.serverVersion = version
            validator.isConfigServer = isConfigServer
            return validator.initiate(config, on: receiver)
        }
    }

    /// A set of three of which the second member is changed.
    private static func member(_ changes: BSONDocument) -> BSONDocument {
        var members = three
        for (key, value) in changes { members[1].set(value, for: key) }
        return config(members)
    }

    private static func settings(_ settings: BSONDocument) -> BSONDocument {
        config(three, ["settings": .document(settings)])
    }

    private static let initiateCases: [Case] = [
        initiate(.unknownField, config(three, ["unknown": 1])),
        initiate(.duplicateField, BSONDocument(config(three).map { ($0.key, $0.value) } + [("_id", "rs0")])),
        initiate(.missingField, config(three).removing("members")),
        initiate(.wrongType, member(["votes": "1"])),
        initiate(.notIntegral, config(three, ["version": 1.5])),
        initiate(.outOfRange, member(["priority": 1001])),
        initiate(
            .arrayKeys,
            config(
                [],
                ["members": .array(BSONArray(document: BSONDocument([("x", .document(three[0]))])))]
            )
        ),
        initiate(.invalidHost, member(["host": "localhost:70000"])),
        initiate(.dollarPrefixedName, code: 52, version: ServerVersion(4, 4, 2), member(["tags": ["$x": "a"]])),
        initiate(.repaired, config(three, ["repaired": true])),
        initiate(.emptySetName, config(three, ["_id": ""])),
        initiate(.setNameMismatch, config(three, ["_id": "rs1"])),
        initiate(.memberCount, config([])),
        initiate(.voterCount, config((0..<8).map { ["_id": .integer($0), "host": .string("localhost:\($0 + 1)")] })),
        initiate(.noElectableMember, config([["_id": 0, "host": "localhost:1", "priority": 0]])),
        initiate(.duplicateMemberID, member(["_id": 0])),
        initiate(.duplicateHost, member(["host": "localhost:1"])),
        initiate(.mixedLocalHosts, member(["host": "db.example:1"])),
        initiate(
            .multipleArbiters,
            config(
                three
                    + [3, 4].map { ["_id": .integer($0), "host": .string("localhost:\($0 + 1)"), "arbiterOnly": true] }
            )
        ),
        initiate(.configServerRole, isConfigServer: true, config(three)),
        initiate(
            .configServerMember,
            isConfigServer: true,
            config([three[0], three[1].setting(true, for: "arbiterOnly")], ["configsvr": true])
        ),
        initiate(.priorityWithoutVote, member(["votes": 0])),
        initiate(.priorityWithDelay, member(["secondaryDelaySecs": 60])),
        initiate(.priorityOfHidden, member(["hidden": true])),
        initiate(.priorityWithoutIndexes, member(["buildIndexes": false])),
        initiate(.arbiterWithoutVote, member(["arbiterOnly": true, "votes": 0])),
        initiate(.arbiterWithTags, member(["arbiterOnly": true, "tags": ["a": "b"]])),
        initiate(.arbiterPriority, member(["arbiterOnly": true, "priority": 2])),
        initiate(.newlyAddedGiven, member(["newlyAdded": true])),
        initiate(
            .delayFieldName,
            version: ServerVersion(5, 0, 4),
            member(["slaveDelay": 60, "priority": 0])
        ),
        initiate(.horizonsEmpty, member(["horizons": [:]])),
        initiate(.horizonName, member(["horizons": ["": "a:1"]])),
        initiate(
            .horizonDuplicateName,
            member(["horizons": .document(BSONDocument([("a", "x:1"), ("a", "y:1")]))])
        ),
        initiate(.horizonDuplicateHost, member(["horizons": ["a": "x:1", "b": "x:2"]])),
        initiate(.horizonsDiffer, member(["horizons": ["a": "x:1"]])),
        initiate(
            .horizonAddressNotUnique,
            config(three.map { $0.setting(["a": "x:1"], for: "horizons") })
        ),
        initiate(.horizonIsIPAddress, member(["horizons": ["a": "1.2.3.4:5"]])),
        initiate(.unknownTag, settings(["getLastErrorModes": ["m": ["dc": 1]]])),
        initiate(
            .invalidWriteConcern,
            version: ServerVersion(4, 4, 2),
            settings(["getLastErrorDefaults": ["w": 4]])
        ),
        initiate(.customWriteConcernDefaults, code: 0, settings(["getLastErrorDefaults": ["w": "majority"]])),
        initiate(.timeTooLong, code: 0, settings(["electionTimeoutMillis": .int64(.max)])),
        initiate(.replicaSetIDAtInitiate, settings(["replicaSetId": .objectID(ObjectID(high: 1, low: 1))])),
        initiate(.emptyConfig, code: 0, [:]),
        initiate(.versionNotOne, config(three, version: 2)),
        initiate(.selfNotFound, on: .init(hosts: [MemberAddress(host: "localhost", port: 9)]), config(three)),
        initiate(
            .selfDuplicate,
            on: .init(hosts: [MemberAddress(host: "localhost", port: 1), MemberAddress(host: "localhost", port: 2)]),
            config(three)
        ),
        initiate(
            .selfNotElectable,
            on: .init(hosts: [MemberAddress(host: "localhost", port: 2)]),
            member(["priority": 0])
        ),
    ]

    private static func reconfig(
        _ rule: ConfigRule,
        code: Int = 103,
        from old: BSONDocument? = nil,
        on receiver: ReplicaSetConfigValidator.Receiver = .init(),
        _ new: BSONDocument
    ) -> Case {
        Case(rule: rule, code: code) {
            let old = old ?? config(three)
            let isVersionMeant = rule == .versionNotHigher
            return validator.reconfig(
                from: old,
                to: isVersionMeant ? new : new.setting(2, for: "version"),
                on: receiver
            )
        }
    }

    private static let arbiter: BSONDocument = ["_id": 5, "host": "localhost:6", "arbiterOnly": true]

    private static let reconfigCases: [Case] = [
        reconfig(.notPrimary, code: 10107, on: .init(isPrimary: false), config(three)),
        reconfig(.versionNotHigher, config(three)),
        reconfig(.replicaSetIDChanged, settings(["replicaSetId": .objectID(ObjectID(high: 1, low: 1))])),
        reconfig(.configServerRemoved, from: config(three, ["configsvr": true]), config(three)),
        reconfig(.memberIDChanged, member(["_id": 9])),
        reconfig(.buildIndexesChanged, member(["buildIndexes": false, "priority": 0])),
        reconfig(.arbiterChanged, member(["arbiterOnly": true])),
        reconfig(.manyVotersChanged, config([three[0]])),
        reconfig(
            .unsafeArbiterSet,
            from: config([three[0], arbiter, three[1].setting(0, for: "priority").setting(0, for: "votes")]),
            config([three[0], arbiter, three[1]])
        ),
        reconfig(
            .implicitWriteConcernChanged,
            on: .init(hasDefaultWriteConcern: false),
            config([three[0], three[1], arbiter])
        ),
        reconfig(.selfNotFound, code: 74, on: .init(hosts: [MemberAddress(host: "localhost", port: 9)]), config(three)),
        reconfig(
            .selfNotElectable,
            code: 104,
            on: .init(hosts: [MemberAddress(host: "localhost", port: 2)]),
            member(["priority": 0])
        ),
    ]
}
