import ReplicaKit

/// Draws a spec from what was found out about a set's containers and servers, and says what it could not.
struct SetInference: Sendable {
    /// The set's config.
    var config: ReplicaSetConfig
    /// The containers that were looked at.
    var containers: [ContainerDetails]
    /// What members that run say of themselves that they are in the config, by their container's id.
    var ownAddresses: [String: MemberAddress] = [:]
    /// The labels of images, by their ids.
    var imageLabels: [String: [String: String]] = [:]
    /// The engine's networks.
    var networks: [NetworkDetails]
    /// The engine, where it was named.
    var endpoint: String?
    /// The set's users; `nil` where they could not be asked for.
    var users: [UsersInfo.User]?
    /// The set's default write concern; `nil` where it could not be asked for.
    var writeConcern: DefaultRWConcernReply?
    /// The administrator, where one was named.
    var administrator: String?
    /// Whether the set's keyfile was found.
    var hasKeyFile: Bool

    /// One member of the config with its container.
    struct Found: Sendable {
        var member: ReplicaSetConfig.Member
        var container: ContainerDetails
        var commandLine: MongodCommandLine
        var name: MemberName

        var label: String { container.displayName }
    }

    /// The spec, and a sentence for each thing that is not in it or not known.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/refused`` when no member's container was found, or a spec cannot say
    ///   what was found.
    func result() throws(ReplicaKitError) -> (spec: ReplicaSetSpec, remarks: [String]) {
        let found = found()
        guard !found.isEmpty else {
            throw ReplicaKitError(
                .refused,
                "none of the members of \(config.setName) (\(config.members.map(\.host.description).joined(separator: ", "))) "
                    + "is at an address or a name of a container that was looked at",
                hint: "Members that are reached through published ports are described with runtime: {external: {}}: "
                    + "rkctl spec init --external HOST:PORT…"
            )
        }
        var remarks: [String] = []
        let network = network(of: found, &remarks)
        var spec = ReplicaSetSpec(
            name: config.setName,
            members: found.map { memberSpec($0, &remarks) },
            runtime: .docker(runtime(of: found, network: network, &remarks))
        )
        spec.settings = settings()
        spec.security = security(of: found, &remarks)
        spec.writeConcern = writeConcern(spec.writeConcern, &remarks)
        for item in found { remarks += Self.remarks(about: item, network: network) }
        remarks += leftOut(found)
        let problems = spec.problems()
        guard problems.isEmpty else {
            throw ReplicaKitError(
                .refused,
                "\(config.setName) cannot be described by a spec of containers: "
                    + problems.map(\.description).joined(separator: "; "),
                hint: "Look at it with runtime: {external: {}}: rkctl spec init --external HOST:PORT…"
            )
        }
        return (spec, remarks)
    }

    // MARK: - Members

    /// The members of the config that have a container, in the config's order.
    private func found() -> [Found] {
        let matches = config.members.compactMap { member in
            let own = containers.first { ownAddresses[$0.Id] == member.host }
            // One that does not run says nothing: its place in the network does.
            let container =
                own
                ?? containers.first { container in
                    ownAddresses[container.Id] == nil && container.names.contains(member.host.host)
                        && MongodCommandLine(container).port == member.host.port
                }
            return container.map { (member, $0) }
        }
        let services = matches.compactMap { $0.1.label(ComposeLabel.service) }
        return matches.map { member, container in
            let service = container.label(ComposeLabel.service).flatMap { name in
                services.count { $0 == name } == 1 ? name : nil
            }
            let own =
                container.label(ContainerPlace.setLabel) == config.setName.rawValue
                ? container.label(ContainerPlace.memberLabel) : nil
            return Found(
                member: member,
                container: container,
                commandLine: MongodCommandLine(container),
                name: MemberName(rawValue: own ?? service ?? container.displayName)
            )
        }
    }

    private func memberSpec(_ found: Found, _ remarks: inout [String]) -> MemberSpec {
        let member = found.member
        if !member.buildsIndexes || !member.horizons.isEmpty {
            remarks.append(
                "\(found.name): buildIndexes and horizons of the config are not in the spec; they stay as they are"
            )
        }
        let image = imageLabels[found.container.Image ?? ""] ?? [:]
        let labels = (found.container.Config?.Labels ?? [:]).filter { key, value in
            key != ContainerPlace.setLabel && key != ContainerPlace.memberLabel && image[key] != value
        }
        return MemberSpec(
            name: found.name,
            host: member.host,
            priority: member.priority,
            votes: member.votes,
            hidden: member.isHidden,
            arbiter: member.isArbiter,
            delaySeconds: member.delaySeconds,
            tags: member.tags,
            docker: DockerMember(
                container: found.container.displayName,
                volume: volume(of: found, &remarks),
                labels: labels
            )
        )
    }

    /// The named volume of a member's data.
    private func volume(of found: Found, _ remarks: inout [String]) -> String? {
        let directory = found.commandLine.dataDirectory
        let mount = found.container.Mounts?.first { $0.Destination == directory }
        func add(_ what: String) {
            remarks.append(
                "\(found.label) keeps its data in \(what), which the spec cannot name: rkctl runs that container, does not "
                    + "remove it without its data, and would make it anew with an empty volume"
            )
        }
        switch mount?.Type {
        case "volume" where mount?.Name?.count != 64: return mount?.Name
        case "volume": add("a volume without a name")
        case "bind": add("the directory \(mount?.Source ?? "?") of the machine")
        default: add("itself")
        }
        return nil
    }

    // MARK: - Settings of all

    private func network(of found: [Found], _ remarks: inout [String]) -> DockerNetwork {
        let names = found.compactMap { item in
            let places = (item.container.NetworkSettings?.Networks ?? [:]).sorted { $0.key < $1.key }
            // The one in which the config's address is its own, else one that it has a place in.
            return (places.first { $0.value.names.contains(item.member.host.host) } ?? places.first)?.key
        }
        let name = Self.mostFrequent(names) ?? DockerNetwork().name
        for (item, other) in zip(found, names) where other != name {
            remarks.append(
                "\(item.label) is in the network \(other) and others in \(name): a container made again is in \(name)"
            )
        }
        let details = networks.first { $0.Name == name }
        return DockerNetwork(name: name, subnet: details?.subnets.first { IPv4Subnet($0) != nil })
    }

    private func runtime(of found: [Found], network: DockerNetwork, _ remarks: inout [String]) -> DockerRuntime {
        let lines = found.map(\.commandLine)
        func common<Value: Hashable>(_ what: String, _ values: [Value?]) -> Value? {
            let usual = Self.mostFrequent(values) ?? nil
            if Set(values).count > 1 {
                remarks.append("the members have different \(what): a container made again gets what most of them have")
            }
            return usual
        }
        let parameters = lines.map(\.parameters)
        return DockerRuntime(
            image: common("images", found.map { $0.container.Config?.Image }) ?? DockerRuntime().image,
            endpoint: endpoint,
            network: network,
            cacheSizeMB: common("cache sizes", lines.map { $0["wiredTigerCacheSizeGB"].flatMap(Self.megabytes) }),
            oplogSizeMB: common("oplog sizes", lines.map { $0["oplogSize"].flatMap { Int($0) } }),
            parameters: common("server parameters", parameters.map { Optional($0) }) ?? [:]
        )
    }

    /// Only what is not the server's default, which the config spells out.
    private func settings() -> SettingsSpec {
        let present = config.settings
        return SettingsSpec(
            chainingAllowed: present.isChainingAllowed ? nil : false,
            heartbeatIntervalMillis: Self.unless(present.heartbeatIntervalMillis, 2000),
            heartbeatTimeoutSecs: Self.unless(present.heartbeatTimeoutSecs, 10),
            electionTimeoutMillis: Self.unless(present.electionTimeoutMillis, 10000),
            catchUpTimeoutMillis: Self.unless(present.catchUpTimeoutMillis, -1)
        )
    }

    private static func unless(_ value: Int, _ usual: Int) -> Int? { value == usual ? nil : value }

    private func security(of found: [Found], _ remarks: inout [String]) -> SecuritySpec {
        var security = SecuritySpec()
        let open = found.filter { !$0.commandLine.has("keyFile") && !$0.commandLine.has("config") }
        if hasKeyFile {
            // Nothing is missing.
        } else if open.isEmpty {
            remarks.append(
                "the keyfile cannot be read: put a copy of the set's keyfile at \(security.keyFile), mode 0400"
            )
        } else {
            let names = open.map(\.label).joined(separator: ", ")
            remarks.append(
                "no keyfile in \(names): the set runs without authentication, and rkctl cannot work with it until it has a "
                    + "keyfile and an administrator"
            )
        }
        if let administrator {
            security.admin.user = administrator
            return security
        }
        let candidates = (users ?? []).filter { $0.database == "admin" && $0.roles.contains(.root) }.map(\.name)
            .sorted()
        if let user = candidates.first {
            security.admin.user = user
            if candidates.count > 1 {
                remarks.append(
                    "several users have the role root (\(candidates.joined(separator: ", "))): the spec names \(user)"
                )
            }
        } else {
            remarks.append(
                users == nil
                    ? "the set's users could not be listed: name its administrator in security.admin.user"
                    : "no user of the set has the role root: name its administrator in security.admin.user"
            )
        }
        if case .file(let path) = security.admin.password {
            remarks.append(
                "the administrator's password cannot be found out: put it into \(path), mode 0600; rkctl status needs it"
            )
        }
        return security
    }

    private func writeConcern(_ plain: WriteConcernSpec, _ remarks: inout [String]) -> WriteConcernSpec {
        guard let reply = writeConcern else {
            remarks.append("the set's default write concern could not be asked for: the spec has ReplicaKit's own")
            return plain
        }
        guard reply.isExplicit, let document = reply.writeConcern else {
            remarks.append("nobody has set a default write concern: rkctl up would set the spec's")
            return plain
        }
        let w: WriteConcernW? =
            document["w"]?.intValue.map { .members($0) } ?? document["w"]?.stringValue.map { .tag($0) }
        return WriteConcernSpec(
            w: w ?? plain.w,
            j: document["j"]?.boolValue,
            wtimeoutMS: document["wtimeout"]?.intValue ?? 0
        )
    }

    // MARK: - Helpers

    /// The most frequent value; of several as frequent, one of them.
    private static func mostFrequent<Value: Hashable>(_ values: [Value]) -> Value? {
        let counts = values.reduce(into: [Value: Int]()) { $0[$1, default: 0] += 1 }
        return values.max { (counts[$0] ?? 0) < (counts[$1] ?? 0) }
    }

    private static func megabytes(_ gigabytes: String) -> Int? {
        Double(gigabytes).flatMap { Int(exactly: ($0 * 1024).rounded()) }
    }
}

extension ContainerNetworks.Place {
    /// What the container goes by in the network.
    var names: [String] {
        ([IPAddress, IPAMConfig?.IPv4Address].compactMap(\.self) + (Aliases ?? [])).filter { !$0.isEmpty }
    }
}

extension ContainerDetails {
    func label(_ key: String) -> String? { Config?.Labels?[key] }

    /// What other containers may know it by.
    var names: [String] {
        [displayName, Config?.Hostname].compactMap(\.self)
            + (NetworkSettings?.Networks ?? [:]).values.flatMap(\.names)
    }
}
