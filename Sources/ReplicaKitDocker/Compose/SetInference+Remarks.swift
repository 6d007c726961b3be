import ReplicaKit

extension SetInference {
    /// What is with a member's container that its spec does not say.
    static func remarks(about found: Found, network: DockerNetwork) -> [String] {
        let (container, line, label) = (found.container, found.commandLine, found.label)
        var remarks: [String] = []
        if line.has("config") {
            remarks.append("\(label) reads a configuration file: what is in it is not in the spec")
        } else if line["replSet"] == nil {
            remarks.append("\(label) starts its server by a script: what that says is not in the spec")
        }
        let options = Set(line.unknownOptions).sorted().map { "--\($0)" }
        if !options.isEmpty {
            remarks.append("\(label) has \(options.joined(separator: ", ")): a container made again has not")
        }
        let ports = (container.HostConfig?.PortBindings ?? [:]).sorted { $0.key < $1.key }.flatMap { port, places in
            (places ?? []).map { place in
                let address = place.HostIp.flatMap { $0.isEmpty ? nil : $0 } ?? "0.0.0.0"
                return "\(port) at \(address):\(place.HostPort ?? "?")"
            }
        }
        if !ports.isEmpty {
            remarks.append(
                "\(label) publishes \(ports.joined(separator: ", ")): a container made again publishes nothing"
            )
        }
        let place = container.NetworkSettings?.Networks?[network.name]
        let isAddress = IPv4Subnet.address(found.member.host.host) != nil
        if isAddress, place?.IPAMConfig?.IPv4Address != found.member.host.host {
            remarks.append(
                "\(label) has its address \(found.member.host.host) by chance: its next start may get another"
            )
        } else if !isAddress {
            remarks.append(
                "\(found.member.host.host) is known in the network \(network.name) only: this machine must resolve it too, "
                    + "for instance by /etc/hosts"
            )
        }
        if (container.Config?.StopTimeout ?? 10) < 30 {
            remarks.append(
                "docker stop kills \(label) after \(container.Config?.StopTimeout ?? 10) s, before a server of 5.0 and later "
                    + "has ended: give it stop_grace_period: 60s (Compose) or --stop-timeout 60; rkctl stop does it right"
            )
        }
        let policy = container.HostConfig?.RestartPolicy?.Name ?? ""
        if policy.isEmpty || policy == "no" {
            remarks.append("\(label) has no restart policy: it stays down when it or its engine ends")
        }
        if container.Config?.Env?.contains(where: { $0.hasPrefix("MONGO_INITDB_ROOT_PASSWORD=") }) == true {
            remarks.append(
                "\(label) has a password in its environment, where everyone who may use the engine reads it"
            )
        }
        return remarks
    }

    /// Members without a container, and containers that were looked at and are none's.
    func leftOut(_ found: [Found]) -> [String] {
        let present = Set(found.map(\.member.host))
        let missing = config.members.filter { !present.contains($0.host) }.map { member in
            "\(member.host) is in the config, and no container was found for it: it is not in the spec"
        }
        let ids = Set(found.map(\.container.Id))
        // A container that runs another program is no news.
        let others = containers.filter { container in
            !ids.contains(container.Id) && MongodCommandLine(container)["replSet"] == config.setName.rawValue
        }
        return missing
            + others.map {
                "\($0.displayName) was started for \(config.setName) and is not in its config: it is left out"
            }
    }
}
