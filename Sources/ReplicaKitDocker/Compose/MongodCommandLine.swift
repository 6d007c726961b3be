/// What a container's command line tells of the `mongod` in it.
///
/// Source: the reference of `mongod`: options begin with `--`, and take their value after `=` or as the next word.
struct MongodCommandLine: Sendable {
    /// The options in their order; one without a value has none.
    private(set) var options: [(name: String, value: String?)] = []

    /// Reads the words of a command, an entrypoint in front or not.
    init(_ words: [String]) {
        var rest = words[...]
        while let word = rest.popFirst() {
            // `-f` is the one short option that says where something is.
            let text = word == "-f" ? "--config" : word
            guard text.hasPrefix("--"), text.count > 2 else { continue }
            let parts = text.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 {
                options.append((String(parts[0]), String(parts[1])))
            } else if let next = rest.first, !next.hasPrefix("-") {
                options.append((String(parts[0]), next))
                rest = rest.dropFirst()
            } else {
                options.append((String(parts[0]), nil))
            }
        }
    }

    /// Reads the command of a container.
    init(_ container: ContainerDetails) {
        self.init([container.Path].compactMap(\.self) + (container.Args ?? []))
    }

    /// The last value of an option.
    subscript(name: String) -> String? { options.last { $0.name == name }?.value }

    func has(_ name: String) -> Bool { options.contains { $0.name == name } }

    /// Where it listens.
    var port: Int { self["port"].flatMap(Int.init) ?? 27017 }

    /// The directory of its data.
    var dataDirectory: String { self["dbpath"] ?? ContainerPlace.data }

    /// The server parameters.
    var parameters: [String: String] {
        options.reduce(into: [:]) { parameters, option in
            guard option.name == "setParameter", let value = option.value else { return }
            let parts = value.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { parameters[String(parts[0])] = String(parts[1]) }
        }
    }

    /// Whether clients must speak TLS.
    var requiresTLS: Bool { self["tlsMode"] == "requireTLS" || self["sslMode"] == "requireSSL" }

    /// The options that a container made anew by ``MemberContainer`` does not have.
    var unknownOptions: [String] {
        let known = [
            "replSet", "port", "bind_ip", "bind_ip_all", "dbpath", "keyFile", "wiredTigerCacheSizeGB", "oplogSize",
            "setParameter", "auth", "config",
        ]
        return options.map(\.name).filter { !known.contains($0) }
    }
}
