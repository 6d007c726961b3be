import Testing

@testable import ReplicaKit

@Suite("Spec validation")
struct SpecValidationTests {
    /// Three local members, changed.
    private static func spec(_ change: (inout ReplicaSetSpec) -> Void = { _ in }) -> ReplicaSetSpec {
        var spec = ReplicaSetSpec(
            name: "rs0",
            members: (1...3).map {
                MemberSpec(
                    name: MemberName(rawValue: "m\($0)"),
                    host: MemberAddress(host: "127.0.0.1", port: 27016 + $0)
                )
            }
        )
        change(&spec)
        return spec
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var problem: String
        var change: @Sendable (inout ReplicaSetSpec) -> Void
        var testDescription: String { problem }
        init(_ problem: String, _ change: @escaping @Sendable (inout ReplicaSetSpec) -> Void) {
            (self.problem, self.change) = (problem, change)
        }
    }

    @Test("A plain spec and unusual good ones have no problems")
    func good() throws {
        try Self.spec().validate()
        try Self.spec { $0.name = "größe_1.rs-東京" }.validate()
        try Self.spec { $0.members[2] = MemberSpec(name: "m3", host: $0.members[2].host, arbiter: true) }.validate()
        try Self.spec { $0.members[2] = MemberSpec(name: "m3", host: $0.members[2].host, delaySeconds: 9) }.validate()
        try Self.spec { spec in
            spec.runtime = .external
            spec.members = (1...50).map {
                MemberSpec(
                    name: MemberName(rawValue: "M.\($0)_a-b"),
                    host: MemberAddress(host: "db\($0)", port: 27017),
                    votes: $0 > 7 ? 0 : 1
                )
            }
        }.validate()
    }

    @Test("Each problem is found alone, at its path", arguments: cases)
    func problem(_ given: Case) {
        #expect(Self.spec(given.change).problems().map(\.description) == [given.problem])
    }

    private static let cases = [
        Case("name: the set's name is empty") { $0.name = "" },
        Case("name: the set's name has more than 64 bytes") {
            $0.name = .init(rawValue: String(repeating: "é", count: 33))
        },
        Case(
            "name: the set's name contains \"/\"; letters, digits, \".\", \"_\" and \"-\" may stand in it"
        ) { $0.name = "rs/0" },
        Case(
            "name: the set's name contains \"\\n\"; letters, digits, \".\", \"_\" and \"-\" may stand in it"
        ) { $0.name = "rs\n0" },
        Case("members: a set needs at least one member") { $0.members = [] },
        Case("members: no member can become primary: give one a priority above 0") { spec in
            for index in spec.members.indices { spec.members[index].priority = 0 }
        },
        Case("members: 8 members vote and at most 7 may: give the others votes: 0") { spec in
            spec.members += (4...8).map {
                MemberSpec(name: MemberName(rawValue: "m\($0)"), host: .init(host: "127.0.0.1", port: $0))
            }
        },
        Case("members[1].name: another member is named \"m1\" too") { $0.members[1].name = "m1" },
        Case("members[1].name: another member is named \"m1\" too but for upper and lower case") {
            $0.members[1].name = "M1"
        },
        Case("members[2].host: m1 has the address 127.0.0.1:27017 already") { $0.members[2].host = $0.members[0].host },
        Case("members[2].host: m1 has port 27017 on this machine already") {
            $0.members[2].host = .init(host: "localhost", port: 27017)
        },
        Case(
            "members[0].host: db:27017 is not on the loopback, where local processes listen; "
                + "for servers that someone else runs, write runtime: {external: {}}"
        ) { $0.members[0].host = .init(host: "db", port: 27017) },
        Case("members[0].host: a local process listens at a port of the loopback, not at a path") {
            $0.members[0].host = .init(host: "/tmp/m.sock", port: 0)
        },
        Case("members[0].priority: 1000.5 is not from 0 to 1000") { $0.members[0].priority = 1000.5 },
        Case("members[0].priority: -1 is not from 0 to 1000") { $0.members[0].priority = -1 },
        Case("members[0].priority: nan is not from 0 to 1000") { $0.members[0].priority = .nan },
        Case("members[0].priority: a hidden member cannot become primary: its priority must be 0") {
            $0.members[0].hidden = true
        },
        Case("members[0].priority: an arbiter cannot become primary: its priority must be 0") {
            $0.members[0].arbiter = true
        },
        Case("members[0].priority: a member without a vote cannot become primary: its priority must be 0") {
            $0.members[0].votes = 0
        },
        Case("members[0].votes: 2 is not 0 or 1") { $0.members[0].votes = 2 },
        Case("members[0].delaySeconds: -1 is not from 0 to 31622400 (366 days)") { $0.members[0].delaySeconds = -1 },
        Case("members[0].tags: an arbiter holds no data and has no tags") {
            $0.members[0] = MemberSpec(name: "m1", host: $0.members[0].host, arbiter: true, tags: ["dc": "a"])
        },
        Case("runtime.process.directory: \"\" is no path") { $0.runtime = .process(ProcessRuntime(directory: "")) },
        Case("runtime.process.cacheSizeMB: 0 is not from 256 to 10000000") {
            $0.runtime = .process(ProcessRuntime(cacheSizeMB: 0))
        },
        Case("runtime.process.parameters: \"a b\" is no name of a parameter") {
            $0.runtime = .process(ProcessRuntime(parameters: ["a b": "1"]))
        },
        Case("security.admin.user: \"\" is no name of a user") { $0.security.admin.user = "" },
        Case("security.admin.password.env: \"A=B\" is no name of an environment variable") {
            $0.security.admin.password = .env("A=B")
        },
        Case("security.admin.password.file: \"\" is no path") { $0.security.admin.password = .file("") },
        Case("security.keyFile: it is the file of the administrator's password") {
            $0.security.admin.password = .file($0.security.keyFile)
        },
        Case("security.tls: local processes need a certificate: certificateKeyFile") {
            $0.security.tls = TLSSpec(caFile: "ca.pem")
        },
        Case("writeConcern.w: the default must ask for at least one member") { $0.writeConcern.w = .members(0) },
        Case("writeConcern.w: 4 members can never acknowledge: 3 hold data") { $0.writeConcern.w = .members(4) },
        Case("writeConcern.wtimeoutMS: -1 is not from 0 to 2147483647") { $0.writeConcern.wtimeoutMS = -1 },
        Case("settings.electionTimeoutMillis: 0 is not from 1 to 2147483647") { $0.settings.electionTimeoutMillis = 0 },
        Case("settings.catchUpTimeoutMillis: -2 is not from -1 to 2147483647") {
            $0.settings.catchUpTimeoutMillis = -2
        },
    ]

    @Test(
        "Names of members that name directories and containers safely",
        arguments: [
            ("a", true), ("A1._-", true), ("9", true), (String(repeating: "x", count: 63), true), ("", false),
            (String(repeating: "x", count: 64), false), (".hidden", false), ("-n", false), ("..", false),
            ("a/b", false),
            ("a b", false), ("é", false), ("a\n", false),
        ]
    )
    func memberNames(name: String, good: Bool) {
        let spec = Self.spec { $0.members[0].name = MemberName(rawValue: name) }
        #expect(spec.problems().isEmpty == good)
    }

    @Test("One error lists all problems")
    func all() {
        let error = #expect(throws: ReplicaKitError.self) {
            try Self.spec {
                $0.name = ""
                $0.members[1].votes = 3
            }.validate()
        }
        #expect(error?.code == .invalidSpec)
        #expect(
            error?.message
                == "the spec has 2 problems:\n  name: the set's name is empty\n  members[1].votes: 3 is not 0 or 1"
        )
    }

    @Test("Connection strings say what each purpose needs, and no secret")
    func connectionStrings() {
        let spec = Self.spec {
            $0.name = "größe"
            $0.security.admin.user = "a:b@c"
            $0.members[1] = MemberSpec(name: "m2", host: .init(host: "::1", port: 2), hidden: true)
            $0.members[2] = MemberSpec(name: "m3", host: .init(host: "fe80::1", port: 3))
            $0.readPreference.application = .secondaryPreferred
            $0.security.tls = TLSSpec(caFile: "ca.pem")
        }
        #expect(
            spec.connectionString(for: .application, baseDirectory: "/etc/rs")
                == "mongodb://a%3Ab%40c@127.0.0.1:27017,[fe80::1]:3/?replicaSet=gr%C3%B6%C3%9Fe&authSource=admin"
                + "&readPreference=secondaryPreferred&tls=true&tlsCAFile=%2Fetc%2Frs%2Fca.pem"
        )
        #expect(spec.connectionString(for: .transactions, baseDirectory: "").contains("readPreference=primary&"))
        #expect(spec.connectionString(for: .analytics, baseDirectory: "").contains("readPreference=secondary&"))
    }

    @Test(
        "A misspelt key finds the one that was meant",
        arguments: [("prioritty", "priority"), ("Host", "host"), ("keyfile", "keyFile"), ("x", nil), ("tag", "tags")]
    )
    func nearestKey(word: String, meant: String?) {
        #expect(nearest(to: word, among: ["name", "host", "priority", "keyFile", "tags"]) == meant)
    }
}
