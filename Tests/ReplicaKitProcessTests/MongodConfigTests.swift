import ReplicaKit
import Testing

@testable import ReplicaKitProcess

@Suite("The config file")
struct MongodConfigTests {
    private func config(host: String, name: MemberName = "a", root: String = "/srv/rs") throws -> MongodConfig {
        MongodConfig(
            setName: "rs0",
            member: MemberSpec(name: name, host: try MemberAddress(host)),
            paths: MemberPaths(root: root, member: name),
            cacheGigabytes: 0.25,
            oplogSizeMB: 990,
            parameters: [:],
            tls: nil
        )
    }

    @Test("is of no set for a standalone, with a log and a process file of its own")
    func standalone() throws {
        var config = try config(host: "127.0.0.1:27101")
        config.setName = nil
        config.paths = config.paths.standalone
        #expect(!config.text.contains("replication:"))
        #expect(config.text.contains("authorization: enabled"))
        for path in ["/srv/rs/a/replicakit-standalone.log", "/srv/rs/a/replicakit-standalone.pid", "/srv/rs/a/db"] {
            #expect(config.text.contains("\"\(path)\""), "\(config.text)")
        }
        #expect(config.paths.config == "/srv/rs/a/replicakit-standalone.conf")
    }

    @Test("holds every option of a plain member")
    func plain() throws {
        #expect(
            try config(host: "127.0.0.1:27101").text == """
                # Written by ReplicaKit from the set's spec, again at every start: change the spec, not this file.
                storage:
                  dbPath: "/srv/rs/a/db"
                  wiredTiger:
                    engineConfig:
                      cacheSizeGB: 0.25
                systemLog:
                  destination: file
                  path: "/srv/rs/a/mongod.log"
                  logAppend: true
                  logRotate: rename
                processManagement:
                  fork: true
                  pidFilePath: "/srv/rs/a/mongod.pid"
                net:
                  bindIp: "127.0.0.1"
                  port: 27101
                  unixDomainSocket:
                    enabled: true
                    pathPrefix: "/srv/rs/a"
                security:
                  authorization: enabled
                  keyFile: "/srv/rs/a/keyfile"
                replication:
                  replSetName: "rs0"
                  oplogSizeMB: 990

                """
        )
    }

    @Test(
        "binds loopback, and another address only when the spec names it",
        arguments: [
            ("127.0.0.1:1", "127.0.0.1", false), ("127.0.0.7:1", "127.0.0.7", false),
            ("localhost:1", "localhost", false), ("[::1]:1", "::1", true),
            ("10.1.2.3:1", "127.0.0.1,10.1.2.3", false), ("db1.example:1", "127.0.0.1,db1.example", false),
            ("[fd00::5]:1", "127.0.0.1,fd00::5", true), ("/run/m/a.sock", "/run/m/a.sock", false),
        ]
    )
    func binding(host: String, bound: String, ipv6: Bool) throws {
        let text = try config(host: host).text
        #expect(text.contains("  bindIp: \"\(bound)\"\n"))
        #expect(text.contains("  ipv6: true\n") == ipv6)
        #expect(text.contains("  port: ") == !host.hasPrefix("/"))
    }

    @Test("turns the Unix socket off where its path would be too long for one")
    func longSocketPath() throws {
        let text = try config(host: "127.0.0.1:27101", root: "/" + String(repeating: "x", count: 100)).text
        #expect(text.contains("  unixDomainSocket:\n    enabled: false\n"))
        #expect(!text.contains("pathPrefix"))
    }

    @Test("asks clients for a certificate only when the spec gives them one", arguments: [true, false])
    func tls(needed: Bool) throws {
        var config = try config(host: "127.0.0.1:27101")
        config.tls = MongodConfig.TLS(
            certificateKeyFile: "/tls/member.pem",
            caFile: "/tls/ca.pem",
            clientsNeedCertificate: needed
        )
        #expect(
            config.text.contains(
                """
                  tls:
                    mode: requireTLS
                    certificateKeyFile: "/tls/member.pem"
                    CAFile: "/tls/ca.pem"
                    allowConnectionsWithoutCertificates: \(!needed)

                """
            )
        )
    }

    @Test(
        "quotes any text into one scalar",
        arguments: [
            ("plain", #""plain""#), ("", #""""#), ("a\"b", #""a\"b""#), (#"C:\x"#, #""C:\\x""#),
            ("line\nbreak: {}", #""line\nbreak: {}""#), ("tab\tcr\r", #""tab\tcr\r""#), ("\u{1}\u{7F}", #""\x01\x7f""#),
            ("# no comment", ##""# no comment""##), ("ümläut 🐟", #""ümläut 🐟""#),
            ("\u{85}\u{2028}", #""\x85\u2028""#), ("%YAML &a *a !!x", #""%YAML &a *a !!x""#),
        ]
    )
    func quoting(text: String, expected: String) { #expect(quotedYAML(text) == expected) }

    @Test("cannot be broken out of by any value: each line is still one of ours")
    func hostileValues() throws {
        let hostile = "x\"\nsecurity:\n  authorization: disabled\n#\\"
        var config = try config(host: "127.0.0.1:27101", name: MemberName(rawValue: hostile), root: "/srv/\(hostile)")
        config.setName = ReplicaSetName(rawValue: hostile)
        config.parameters = [hostile: hostile, "ok": "true"]
        let lines = config.text.split(separator: "\n")
        #expect(lines.filter { $0.hasPrefix("security:") }.count == 1)
        #expect(!lines.contains { $0.contains("authorization: disabled") && !$0.contains("\"") })
        #expect(
            lines.last
                == #"  "x\"\nsecurity:\n  authorization: disabled\n#\\": "x\"\nsecurity:\n  authorization: disabled\n#\\""#
        )
    }
}
