import ReplicaKit

/// The config file of a member: every option that its `mongod` runs with. Pure, so that tests can read it.
///
/// All options are in this file and none is an argument: what is an argument is seen by every user of the machine.
/// The file names the keyfile and never has its content.
struct MongodConfig: Sendable, Hashable {
    /// The set that the server is a member of; `nil` for a standalone.
    var setName: ReplicaSetName?
    var member: MemberSpec
    var paths: MemberPaths
    /// WiredTiger's cache, in GiB.
    var cacheGigabytes: Double
    var oplogSizeMB: Int?
    var parameters: [String: String]
    var tls: TLS?

    /// TLS as the server needs it: absolute paths.
    struct TLS: Sendable, Hashable {
        var certificateKeyFile: String
        var caFile: String
        /// Whether clients must show a certificate.
        var clientsNeedCertificate: Bool
    }

    /// The file's text.
    var text: String {
        let sections = [
            storage, systemLog, processManagement, network, security, replication, setParameter,
        ]
        return Self.header + sections.compactMap(\.self).joined()
    }

    private static let header = """
        # Written by ReplicaKit from the set's spec, again at every start: change the spec, not this file.

        """

    private var storage: String {
        """
        storage:
          dbPath: \(quotedYAML(paths.database))
          wiredTiger:
            engineConfig:
              cacheSizeGB: \(cacheGigabytes)

        """
    }

    /// `rename`: the server's logRotate command works without another tool, and old logs are the server's own.
    private var systemLog: String {
        """
        systemLog:
          destination: file
          path: \(quotedYAML(paths.log))
          logAppend: true
          logRotate: rename

        """
    }

    private var processManagement: String {
        """
        processManagement:
          fork: true
          pidFilePath: \(quotedYAML(paths.pidFile))

        """
    }

    /// The server listens where the spec says the member is and, for the localhost exception and local tools, on
    /// IPv4's loopback; nowhere else.
    private var network: String {
        let bind = Self.bindAddresses(of: member.host)
        var text = "net:\n  bindIp: \(quotedYAML(bind.joined(separator: ",")))\n"
        if !member.host.isUnixSocket { text += "  port: \(member.host.port)\n" }
        if member.host.host.contains(":") { text += "  ipv6: true\n" }
        text += "  unixDomainSocket:\n"
        if member.host.isUnixSocket {
            text += "    enabled: true\n"
        } else if paths.socket(port: member.host.port) != nil {
            text += "    enabled: true\n    pathPrefix: \(quotedYAML(paths.directory))\n"
        } else {
            text += "    enabled: false\n"
        }
        if let tls {
            text += """
                  tls:
                    mode: requireTLS
                    certificateKeyFile: \(quotedYAML(tls.certificateKeyFile))
                    CAFile: \(quotedYAML(tls.caFile))
                    allowConnectionsWithoutCertificates: \(!tls.clientsNeedCertificate)

                """
        }
        return text
    }

    /// A keyfile turns authorization on, and is how members know each other.
    private var security: String {
        """
        security:
          authorization: enabled
          keyFile: \(quotedYAML(paths.keyFile))

        """
    }

    private var replication: String? {
        guard let setName else { return nil }
        var text = "replication:\n  replSetName: \(quotedYAML(setName.rawValue))\n"
        if let oplogSizeMB { text += "  oplogSizeMB: \(oplogSizeMB)\n" }
        return text
    }

    private var setParameter: String? {
        guard !parameters.isEmpty else { return nil }
        return parameters.sorted { $0.key < $1.key }.reduce("setParameter:\n") {
            $0 + "  \(quotedYAML($1.key)): \(quotedYAML($1.value))\n"
        }
    }

    /// The addresses that a member at this address binds.
    static func bindAddresses(of address: MemberAddress) -> [String] {
        address.isLocal ? [address.host] : ["127.0.0.1", address.host]
    }
}
