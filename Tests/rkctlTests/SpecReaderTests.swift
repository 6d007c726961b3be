import Foundation
import ReplicaKit
import Testing
import Yams

@testable import rkctl

@Suite("Spec in YAML")
struct SpecReaderTests {
    private static let good = """
        name: rs0
        members:
          - {name: m1, host: "127.0.0.1:27017"}
          - name: m2
            host: 127.0.0.1:27018
            priority: 0.5
            tags: {dc: 1, rack: yes}

        """

    private static let s3 =
        "{endpoint: \"https://s3.example.com\", bucket: kept, accessKeyID: AKIA1, secretAccessKeyFile: secrets/s3}"

    @Test("A bucket is read, and written as it is read")
    func bucket() throws {
        let spec = try read(Self.good + "backup: {s3: \(Self.s3), retentionDays: 7}")
        let place = try #require(spec.backup.s3)
        #expect(place.endpoint == "https://s3.example.com" && place.region == "us-east-1" && place.prefix.isEmpty)
        #expect(place.accessKeyID == "AKIA1" && place.secretAccessKeyFile == "secrets/s3")
        let text = try YAMLEncoder().encode(spec)
        #expect(!text.contains("directory: backups"))
        #expect(try read(text) == spec)
    }

    private func read(_ text: String) throws -> ReplicaSetSpec { try SpecReader(file: "rs.yaml").read(text) }

    private func failure(_ text: String) -> ReplicaKitError? {
        do {
            _ = try read(text)
            return nil
        } catch {
            return error as? ReplicaKitError
        }
    }

    @Test("A spec is read, with its defaults, and text may look like anything")
    func reading() throws {
        let spec = try read(Self.good)
        #expect(spec.members.map(\.name) == ["m1", "m2"])
        #expect(spec.members[1].priority == 0.5)
        #expect(spec.members[1].tags == ["dc": "1", "rack": "yes"])
        #expect(spec.runtime == .process(ProcessRuntime()))
        let numbers = try read(Self.good.replacing("rs0", with: "0123").replacing("m1", with: "1e3"))
        #expect(numbers.name == "0123" && numbers.members[0].name == "1e3")
        #expect(try read(Self.good.replacing("rs0", with: "größe")).name == "größe")
        #expect(try read(Self.good.replacing("\n", with: "\r\n")) == spec)
        #expect(try read(Self.good + "settings:\nsecurity: ~\nruntime: {process: }\n") == spec)
        #expect(try read(Self.good + "writeConcern: {w: 2}").writeConcern.w == .members(2))
        #expect(try read(Self.good + "writeConcern: {w: \"2\"}").writeConcern.w == .tag("2"))
        #expect(try read(Self.good.replacing("{dc: 1,", with: "&t {dc: 1,")) == spec)
    }

    @Test(
        "Every mistake is named with its line and column",
        arguments: [
            ("", "rs.yaml: it is empty"),
            ("# nothing\n", "rs.yaml: it is empty"),
            ("- a\n", "rs.yaml:1:1: expected keys and values, such as `name: rs0`"),
            ("name: rs0\n", "rs.yaml:1:1: the key \"members\" is missing"),
            (
                "name: rs0\nmembers:\n  - {name: m1}\n",
                "rs.yaml:3:5: members[0]: the key \"host\" is missing"
            ),
            (
                "name: rs0\nmember: []\n",
                "rs.yaml:2:1: unknown key \"member\" (did you mean \"members\"?); known here: name, members, runtime, "
                    + "security, writeConcern, readPreference, settings"
            ),
            (
                "name: rs0\nmembers:\n  - {name: m1, host: a, prioritty: 2}",
                "rs.yaml:3:25: members[0]: unknown key \"prioritty\" (did you mean \"priority\"?); known here: name, "
                    + "host, priority, votes, hidden, arbiter, delaySeconds, tags"
            ),
            ("name: [a]\nmembers: []", "rs.yaml:1:1: name: expected text, found a list"),
            ("name:\nmembers: []", "rs.yaml:1:6: name: expected text, found nothing"),
            ("name: rs0\nmembers: 3", "rs.yaml:2:10: members: expected a list, found 3"),
            ("name: rs0\nmembers:\n- m1", "rs.yaml:3:3: members[0]: expected keys and values, found m1"),
            (
                "name: rs0\nmembers:\n- name: m1\n  host: a:b\n",
                "rs.yaml:4:9: members[0].host: \"a:b\" is not a member address: "
                    + "the port is not a number from 1 to 65535"
            ),
            (good + "name: rs1\n", "rs.yaml:1:1: the same key is given more than once: \"name\""),
            (good + "? [x]\n: 1\n", "rs.yaml:1:1: a key must be a word"),
            ("name: rs0\nmembers:\n\t- a", "rs.yaml:3:1: a tab: YAML is indented with spaces only"),
            (
                good + "runtime: {process: {}, external: {}}",
                "rs.yaml:8:1: runtime: give exactly one of: process, docker, external"
            ),
            (
                good + "runtime:\n  procces: {}",
                "rs.yaml:9:3: runtime: unknown key \"procces\" (did you mean \"process\"?)"
            ),
            (
                good + "security: {admin: {password: hunter2}}",
                "rs.yaml:8:30: security.admin.password: expected keys and values, found hunter2"
            ),
            (
                good + "readPreference: {analytics: nearby}",
                "rs.yaml:8:29: readPreference.analytics: \"nearby\" is no read preference; there are: primary, "
            ),
            (
                good + "backup: {directory: d, s3: {}}",
                "rs.yaml:8:24: backup.s3: the key \"endpoint\" is missing"
            ),
            (
                good + "backup: {directory: d, s3: \(s3)}",
                "rs.yaml:8:24: backup.s3: backups are kept in one place: give directory or s3, not both"
            ),
            (
                good + "backup: {s3: {secretAccessKey: x}}",
                "rs.yaml:8:15: backup.s3: unknown key \"secretAccessKey\" (did you mean \"secretAccessKeyFile\"?)"
            ),
            (
                good + "backup:\n  s3: \(s3.replacing("https", with: "http"))",
                "rs.yaml:9:18: backup.s3.endpoint: http://s3.example.com would send the backups unencrypted"
            ),
            (
                good + "backup:\n  s3: \(s3.replacing("kept", with: "a/b"))",
                "rs.yaml:9:52: backup.s3.bucket: \"a/b\" is no name of a bucket"
            ),
            (good + "a: {", "rs.yaml:9:1: this is not YAML: while parsing a flow node: did not find expected node"),
            (good + "a: b: c", "rs.yaml:8:5: this is not YAML: mapping values are not allowed in this context"),
            (good + "a: *b", "rs.yaml:8:4: this is not YAML: found undefined alias"),
            (good + "---\nname: b\n", "rs.yaml:8:1: this is not YAML: expected a single document"),
            ("name: rs\u{7}0", "rs.yaml:1:9: this is not YAML: control characters are not allowed"),
            ("<<: {name: rs0}\nmembers: []", "rs.yaml:1:1: unknown key \"<<\""),
        ]
    )
    func mistakes(text: String, message: String) throws {
        let error = try #require(failure(text))
        #expect(error.code == .invalidSpec)
        #expect(error.message.hasPrefix(message), "\(error.message)")
    }

    @Test(
        "Numbers and truth are written in one way only",
        arguments: [
            ("votes: 1", nil), ("votes: +1", nil), ("votes: \"1\"", "a whole number, found the text \"1\""),
            ("votes: 01", "a whole number, found 01"), ("votes: 1.0", "a whole number, found 1.0"),
            ("votes: 0x1", "a whole number, found 0x1"), ("votes: 1_0", "a whole number, found 1_0"),
            ("votes: yes", "a whole number, found yes"), ("votes: 99999999999999999999", "a whole number, found 9999"),
            ("hidden: false", nil), ("hidden: no", "true or false, found no"), ("hidden: 0", "true or false, found 0"),
            ("hidden: \"false\"", "true or false, found the text \"false\""), ("priority: 1e2", nil),
            ("priority: .5", nil), ("priority: 2", nil), ("priority: .inf", "a number, found .inf"),
            ("priority: nan", "a number, found nan"), ("priority: 0x10", "a number, found 0x10"),
            ("priority: 007", "a number, found 007"), ("priority: [1]", "a number, found a list"),
            ("priority: high", "a number, found high"), ("tags: {a: [b]}", "text, found a list"),
            ("tags: {a: ~}", "text, found nothing"), ("tags: a", "keys and values, found a"),
        ]
    )
    func scalars(line: String, problem: String?) {
        let text = "name: rs0\nmembers:\n  - name: m1\n    host: localhost\n    \(line)\n"
        let error = failure(text)
        if let problem {
            #expect(error?.message.contains("expected \(problem)") == true, "\(error?.message ?? "accepted")")
            #expect(error?.message.hasPrefix("rs.yaml:5:") == true)
        } else {
            #expect(error == nil)
        }
    }

    @Test("All problems of a readable spec are listed, each with its line")
    func problems() {
        let text = """
            name: "a/b"
            members:
              - {name: m1, host: "127.0.0.1:27017"}
              - name: m1
                host: "db.example:27018"
                votes: 2
            """
        #expect(
            failure(text)?.message == """
                rs.yaml has 4 problems:
                  rs.yaml:1:7: name: the set's name contains "/"; letters, digits, ".", "_" and "-" may stand in it
                  rs.yaml:6:12: members[1].votes: 2 is not 0 or 1
                  rs.yaml:4:11: members[1].name: another member is named "m1" too
                  rs.yaml:5:11: members[1].host: db.example:27018 is not on the loopback, where local processes \
                listen; for servers that someone else runs, write runtime: {external: {}}
                """
        )
    }

    @Test("A bomb of aliases is refused before it goes off")
    func bombs() {
        var text = "a0: &a0 [x, x]\n"
        for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
        #expect(failure(text)?.message.contains("aliases") == true)
        #expect(failure(text + "? *a40\n: 1\n")?.message.contains("aliases") == true)
        let wide = "a: [" + String(repeating: "x,", count: 30_000) + "]"
        #expect(failure(wide)?.message == "rs.yaml: it has too many values for a spec")
        for open in ["[", "{a: ", "- ", "? "] {
            #expect(failure(String(repeating: open, count: 100_000)) != nil)
        }
    }

    @Test("Damaged specs never crash the reader", arguments: 0..<8)
    func mutations(seed: UInt64) {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let interesting = Array("{}[]:,-*&!|>'\"%@`#?~ \n\t\0\u{FEFF}a0é".utf8)
        for _ in 0..<500 {
            var bytes = Array(Self.good.utf8)
            for _ in 0...random(6) {
                let place = random(bytes.count)
                switch random(3) {
                case 0: bytes[place] = interesting[random(interesting.count)]
                case 1: bytes.remove(at: place)
                default: bytes.insert(interesting[random(interesting.count)], at: place)
                }
            }
            _ = failure(String(decoding: bytes, as: UTF8.self))
        }
    }
}
