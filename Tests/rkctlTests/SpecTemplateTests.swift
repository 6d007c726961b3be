import ReplicaKit
import Testing
import Yams

@testable import rkctl

@Suite("Spec template")
struct SpecTemplateTests {
    @Test("What is written is read back", arguments: [1, 3, 7, 8, 50])
    func roundTrip(count: Int) throws {
        let template = SpecTemplate(
            name: "größe-1",
            members: SpecTemplate.names(count).enumerated().map { index, name in
                (name: name, host: MemberAddress(host: "127.0.0.1", port: 30000 + index))
            },
            runtime: .process(ProcessRuntime(directory: "/da ta/\"x\"", mongod: "/opt/mongod-6.0"))
        )
        let spec = try SpecReader(file: "x").read(template.text)
        #expect(spec.name == "größe-1")
        #expect(spec.members.count == count && spec.members.count { $0.votes == 1 } == min(count, 7))
        #expect(spec.runtime == .process(ProcessRuntime(directory: "/da ta/\"x\"", mongod: "/opt/mongod-6.0")))
        // Everything that is written out is a default: the two must not drift apart.
        let plain = ReplicaSetSpec(name: spec.name, members: spec.members, runtime: spec.runtime)
        #expect(spec == plain)
    }

    @Test("Servers that someone else runs")
    func external() throws {
        let host = try MemberAddress("[2001:db8::1]:27017")
        let template = SpecTemplate(name: "rs", members: [(name: "a", host: host)], runtime: .external)
        let spec = try SpecReader(file: "x").read(template.text)
        #expect(spec.runtime == .external && spec.members[0].host == host)
    }

    @Test(
        "The effective spec is read back as the same",
        arguments: ["true", "123", "1e3", "~", "a: b", "#x", "", " é\n"]
    )
    func show(text: String) throws {
        var spec = ReplicaSetSpec(
            name: "rs0",
            members: [MemberSpec(name: "m1", host: MemberAddress(host: "::1", port: 1), tags: ["b": text, "a": "1"])],
            runtime: .process(ProcessRuntime(directory: text + "x", cacheSizeMB: 300, parameters: ["p": text]))
        )
        spec.security.tls = TLSSpec(caFile: "c", certificateKeyFile: "d")
        spec.settings.electionTimeoutMillis = 2000
        #expect(try SpecReader(file: "x").read(YAMLEncoder().encode(spec)) == spec)
    }

    @Test(
        "Text is quoted where YAML could read anything else",
        arguments: [
            ("rs0", "rs0"), ("/usr/bin/mongod-6.0", "/usr/bin/mongod-6.0"), ("yes", "\"yes\""), ("Null", "\"Null\""),
            ("0123", "\"0123\""), ("a b", "\"a b\""), ("a: b", "\"a: b\""), ("", "\"\""), ("~", "\"~\""),
            ("-x", "\"-x\""), ("é", "\"é\""), ("a\"b\\c", "\"a\\\"b\\\\c\""), ("a\nb", "\"a\\u000ab\""),
            ("127.0.0.1:27017", "\"127.0.0.1:27017\""),
        ]
    )
    func quoting(text: String, quoted: String) throws {
        #expect(SpecTemplate.quoted(text) == quoted)
        let node = try Parser(yaml: "{a: \(quoted)}", resolver: .default, encoding: .utf8).singleRoot()
        #expect(node?["a"]?.scalar?.string == text)
        #expect(node?["a"]?.tag == Tag(.str))
    }
}
