extension ReplicaSetSpec {
    /// What is wrong with containers, before an engine is asked: nothing of it reaches one.
    func dockerProblems(_ runtime: DockerRuntime) -> [SpecProblem] {
        var problems = runtime.problems().map { SpecProblem(["runtime", "docker"] + $0.path, $0.message) }
        let subnet = runtime.network.subnet.flatMap(IPv4Subnet.init)
        var names: [String: MemberName] = [:]
        for (index, member) in members.enumerated() {
            func add(_ key: String..., message: String) {
                problems.append(SpecProblem(["members", "\(index)"] + key, message))
            }
            let engine = runtime.endpoint(of: member) ?? ""
            for (key, name) in [("container", runtime.container(of: member)), ("volume", runtime.volume(of: member))] {
                if !name.isLegalDockerName {
                    add("docker", key, message: "\(name.debugDescription) is no name for a \(key) of Docker")
                } else if let twin = names.updateValue(member.name, forKey: "\(engine) \(key) \(name)") {
                    add("docker", key, message: "\(twin) has the \(key) \(name) already")
                }
            }
            if let endpoint = member.docker.endpoint, !endpoint.isEndpoint {
                add("docker", "endpoint", message: endpoint.endpointProblem)
            }
            for key in member.docker.labels.keys.sorted() where key.isEmpty || key.utf8.contains(0) {
                add("docker", "labels", message: "\(key.debugDescription) is no name of a label")
            }
            if let problem = hostProblem(of: member, subnet: subnet, network: runtime.network) {
                add("host", message: problem)
            }
        }
        return problems
    }

    private func hostProblem(of member: MemberSpec, subnet: IPv4Subnet?, network: DockerNetwork) -> String? {
        let host = member.host
        if host.isUnixSocket { return "a container listens at a port, not at a path" }
        if host.isLocal { return "\(host) is the container itself to every container: give it an address of its own" }
        guard let address = IPv4Subnet.address(host.host) else {
            // A name: the container gets it as an alias, and whoever asks must be able to resolve it.
            return host.host.contains(":") ? "\(host) is IPv6, which the members' network has not" : nil
        }
        guard let subnet else {
            return "a fixed address needs a subnet: runtime: {docker: {network: {subnet: …}}}"
        }
        guard subnet.contains(address) else {
            return "\(host.host) is not in the subnet \(network.subnet ?? "") of the network \(network.name)"
        }
        guard subnet.isForHosts(address) else {
            return "\(host.host) is not for a member: the first address of \(network.subnet ?? "") is the network's, "
                + "the second the gateway's, the last the broadcast's"
        }
        return nil
    }
}

extension DockerRuntime {
    /// What is wrong with the settings of containers.
    func problems() -> [SpecProblem] {
        var problems = serverProblems(cacheSizeMB: cacheSizeMB, oplogSizeMB: oplogSizeMB, parameters: parameters)
        if !image.isImageReference {
            problems.append(SpecProblem(["image"], "\(image.debugDescription) is no reference to an image"))
        }
        if !prefix.isEmpty, !(prefix + "x").isLegalDockerName {
            problems.append(SpecProblem(["prefix"], "\(prefix.debugDescription) cannot begin a name of Docker"))
        }
        if let endpoint, !endpoint.isEndpoint { problems.append(SpecProblem(["endpoint"], endpoint.endpointProblem)) }
        if !network.name.isLegalDockerName || ["host", "none", "bridge", "default"].contains(network.name) {
            problems.append(
                SpecProblem(
                    ["network", "name"],
                    "\(network.name.debugDescription) is no name for a network of its own"
                )
            )
        }
        if let subnet = network.subnet, IPv4Subnet(subnet) == nil {
            problems.append(
                SpecProblem(["network", "subnet"], "\(subnet.debugDescription) is no subnet such as 172.22.0.0/24")
            )
        }
        return problems
    }
}

extension String {
    /// `[a-zA-Z0-9][a-zA-Z0-9_.-]+`, as the engine wants it, and short enough for a host name.
    fileprivate var isLegalDockerName: Bool {
        guard let first = utf8.first, (2...63).contains(utf8.count) else { return false }
        return first.isAlphanumeric && utf8.allSatisfy { $0.isAlphanumeric || "_.-".utf8.contains($0) }
    }

    fileprivate var isImageReference: Bool {
        guard let first = utf8.first, utf8.count <= 255 else { return false }
        return first.isAlphanumeric && utf8.allSatisfy { $0.isAlphanumeric || "_.-/:@".utf8.contains($0) }
            && !contains("//") && !contains("..")
    }

    fileprivate var isEndpoint: Bool {
        ["unix:///", "tcp://", "ssh://", "http://", "https://"].contains { hasPrefix($0) && count > $0.count }
            && !contains(where: \.isWhitespace)
    }

    fileprivate var endpointProblem: String {
        "\(debugDescription) is no engine: write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST"
    }
}

extension UInt8 {
    fileprivate var isAlphanumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "a")...UInt8(ascii: "z"): true
        default: false
        }
    }
}
