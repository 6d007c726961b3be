import ReplicaKit

/// The arguments of a member's `mongod` in its container. Every user of the engine sees them: nothing in them is secret.
struct ServerArguments: Sendable, Hashable {
    /// `nil` for a standalone.
    var set: ReplicaSetName?
    var port: Int
    /// `nil` leaves it to the server, which takes half of the machine.
    var cacheGigabytes: Double?
    var oplogSizeMB: Int?
    var parameters: [String: String]
    var hasTLS: Bool
    /// Whether clients must show a certificate.
    var clientsNeedCertificate = false

    /// The arguments after `mongod`.
    ///
    /// It listens at all addresses of the container: its own network, which the members share, and the container's
    /// loopback. Nothing is published to the engine's machine.
    var list: [String] {
        var list = set.map { ["--replSet", $0.rawValue] } ?? ["--config", ContainerPlace.standaloneConfig]
        list += [
            "--port", String(port), "--bind_ip_all", "--dbpath", ContainerPlace.data,
            "--keyFile", ContainerPlace.keyFile,
        ]
        if let cacheGigabytes { list += ["--wiredTigerCacheSizeGB", String(cacheGigabytes)] }
        if let oplogSizeMB { list += ["--oplogSize", String(oplogSizeMB)] }
        for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
            list += ["--setParameter", "\(name)=\(value)"]
        }
        if hasTLS {
            list += [
                "--tlsMode", "requireTLS", "--tlsCertificateKeyFile", ContainerPlace.certificateFile,
                "--tlsCAFile", ContainerPlace.caFile,
            ]
            if !clientsNeedCertificate { list.append("--tlsAllowConnectionsWithoutCertificates") }
        }
        return list
    }

    /// The whole command for an image: with `mongod` in front, unless that is what the image runs anyway.
    func command(for image: ContainerConfig?) -> [String] {
        let program = image?.Entrypoint?.last?.split(separator: "/").last
        return program == "mongod" ? list : ["mongod"] + list
    }
}

/// Who the server runs as inside a container, to whom the keyfile must belong.
struct ServerUser: Sendable, Hashable {
    var user: Int
    var group: Int

    /// - Parameters:
    ///   - image: What the image says of itself.
    ///   - passwd: The container's `/etc/passwd`, if it has one.
    init(image: ContainerConfig?, passwd: String?) {
        let entries = (passwd ?? "").split(separator: "\n").map {
            $0.split(separator: ":", omittingEmptySubsequences: false)
        }
        func entry(_ name: some StringProtocol) -> ServerUser? {
            entries.first { $0.count > 3 && $0[0] == name }.flatMap { entry in
                Int(entry[2]).flatMap { user in Int(entry[3]).map { ServerUser(user: user, group: $0) } }
            }
        }
        let written = (image?.User ?? "").split(separator: ":").map(String.init)
        if let name = written.first {
            let known = Int(name).map { ServerUser(user: $0, group: 0) } ?? entry(name) ?? ServerUser(user: 0, group: 0)
            self = known
            if written.count > 1, let group = Int(written[1]) { self.group = group }
        } else if image?.Entrypoint?.contains(where: { $0.hasSuffix("docker-entrypoint.sh") }) == true {
            // The official image begins as root and goes on as this user.
            self = entry("mongodb") ?? ServerUser(user: 0, group: 0)
        } else {
            self.init(user: 0, group: 0)
        }
    }

    init(user: Int, group: Int) { (self.user, self.group) = (user, group) }
}
