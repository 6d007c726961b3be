public import Logging
public import ReplicaKit

/// Finds a set that somebody else started as containers, with Compose or `docker run`, and describes it.
///
/// It only looks: at the engine's containers, networks and images, at the keyfile in a member's container, and at what
/// the members answer to `hello`, `replSetGetConfig`, `usersInfo` and `getDefaultRWConcern`. Nothing is changed or
/// restarted.
public struct SetDiscovery: Sendable {
    let endpoint: String?
    let engine: EngineClient
    let driver: any MemberDriver
    let logger: Logger
    let timeout: Duration

    /// Creates the search. Nothing is asked yet.
    ///
    /// - Parameters:
    ///   - endpoint: The engine; `nil` is the one that the `docker` command would talk to, and the spec then names none.
    ///   - resolver: Finds the engine.
    ///   - driver: Asks the servers.
    ///   - logger: Receives what is found.
    ///   - clock: Measures the limits of requests to the engine.
    ///   - timeout: How long a server may take to answer.
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/invalidArgument`` for an endpoint that is none,
    ///   ``ReplicaKit/ReplicaKitError/Code/tlsConfiguration``.
    public init(
        endpoint: String? = nil,
        resolver: DockerEndpointResolver = DockerEndpointResolver(),
        driver: any MemberDriver,
        logger: Logger = Logger(label: "replicakit.docker"),
        clock: any Clock<Duration> = ContinuousClock(),
        timeout: Duration = .seconds(5)
    ) throws {
        self.endpoint = endpoint
        engine = try EngineClient(resolver.endpoint(endpoint), clock: clock)
        self.driver = driver
        self.logger = logger
        self.timeout = timeout
    }

    /// Looks for the one set that runs in some containers, and describes it.
    ///
    /// The members are asked as the internal user of the keyfile that is found in one of their containers; where there
    /// is none, as the administrator; without either, as nobody.
    ///
    /// - Parameters:
    ///   - selection: Where to look.
    ///   - administrator: A user of the set, who then is the spec's administrator.
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/refused`` when there is no such set, more than one, or one that a spec
    ///   cannot describe; what reaching the engine and the members throws.
    public func find(_ selection: ContainerSelection, as administrator: Credential? = nil) async throws -> DiscoveredSet
    {
        do {
            let containers = try await containers(selection)
            let greetings = await greetings(of: containers)
            let set = try onlySet(of: greetings, among: containers)
            let members = containers.filter { greetings[$0.Id]?.reply.setName == set }
            let keyFile = try await keyFile(of: members)
            let authentication: MemberAuthentication =
                if let keyFile { .keyFile(keyFile) } else if let administrator { .password(administrator) } else {
                    .none
                }
            let answers = try await answers(of: members.compactMap { greetings[$0.Id] }, as: authentication)
            var imageLabels: [String: [String: String]] = [:]
            for image in Set(containers.compactMap(\.Image)) {
                imageLabels[image] = try await engine.image(image)?.Config?.Labels ?? [:]
            }
            let inference = SetInference(
                config: answers.config,
                containers: containers,
                ownAddresses: greetings.compactMapValues { $0.reply.setName == set ? $0.reply.me : nil },
                imageLabels: imageLabels,
                networks: try await engine.networks(),
                endpoint: endpoint,
                users: answers.users,
                writeConcern: answers.writeConcern,
                administrator: administrator?.user,
                hasKeyFile: keyFile != nil
            )
            let (spec, remarks) = try inference.result()
            return DiscoveredSet(spec: spec, keyFile: keyFile, remarks: remarks)
        } catch let refusal as EngineRefusal {
            throw refusal.error(at: engine.endpoint)
        }
    }

    // MARK: - The engine

    private func containers(_ selection: ContainerSelection) async throws -> [ContainerDetails] {
        let names: [String]
        switch selection {
        case .all: names = try await engine.containerIDs()
        case .project(let project):
            names = try await engine.containerIDs(where: ["label": ["\(ComposeLabel.project)=\(project)"]])
            guard !names.isEmpty else {
                throw ReplicaKitError(
                    .invalidArgument,
                    "there is no container of a Compose project \"\(project)\" at \(engine.endpoint)",
                    hint: "docker ps --all --format '{{.Names}} {{.Label \"\(ComposeLabel.project)\"}}' lists projects."
                )
            }
        case .named(let given): names = given
        }
        var containers: [ContainerDetails] = []
        for name in names {
            if let container = try await engine.container(name) {
                if !containers.contains(where: { $0.Id == container.Id }) { containers.append(container) }
            } else if case .named = selection {
                throw ReplicaKitError(
                    .invalidArgument,
                    "there is no container \(name) at \(engine.endpoint)",
                    hint: "docker ps --all lists them."
                )
            }
        }
        return containers
    }

    /// The content of the keyfile of the first container that has one that can be read.
    private func keyFile(of members: [ContainerDetails]) async throws -> Secret? {
        for container in members {
            guard let path = MongodCommandLine(container)["keyFile"],
                let bytes = try await engine.file(path, in: container.Id)
            else { continue }
            let key = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
            // A list of keys, or one in quotes, is not what a spec's keyfile can hold.
            guard KeyFileText.problem(in: key) == nil, key.first != "-", key.first != "\"", key.first != "'" else {
                continue
            }
            logger.debug("found the keyfile", metadata: ["container": "\(container.displayName)", "path": "\(path)"])
            return Secret(key)
        }
        return nil
    }

    // MARK: - The servers

    struct Greeting: Sendable {
        var address: MemberAddress
        var reply: HelloReply
    }

    /// What the containers that run answer to `hello`, by their ids; what does not answer is left out.
    private func greetings(of containers: [ContainerDetails]) async -> [String: Greeting] {
        await withTaskGroup(of: (String, Greeting?).self) { group in
            for container in containers where container.isUp {
                group.addTask {
                    for address in container.reachableAddresses {
                        let reply = try? await driver.withConnection(to: address, as: .none, timeout: timeout) {
                            try await $0.run(Hello(), timeout: timeout)
                        }
                        if let reply { return (container.Id, Greeting(address: address, reply: reply)) }
                    }
                    return (container.Id, nil)
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private func onlySet(
        of greetings: [String: Greeting],
        among containers: [ContainerDetails]
    ) throws -> ReplicaSetName {
        try Task.checkCancellation()
        let sets = Set(greetings.values.compactMap(\.reply.setName))
        if let set = sets.first, sets.count == 1 { return set }
        func names(where isSo: (ContainerDetails) -> Bool) -> String {
            containers.filter(isSo).map(\.displayName).sorted().joined(separator: ", ")
        }
        guard sets.isEmpty else {
            let found = sets.map { set in "\(set) (\(names { greetings[$0.Id]?.reply.setName == set }))" }.sorted()
            throw ReplicaKitError(
                .refused,
                "there are \(sets.count) sets at \(engine.endpoint): \(found.joined(separator: "; "))",
                hint: "Say which, by its Compose project or its containers: --project NAME, or --container NAME…"
            )
        }
        let uninitiated = names { greetings[$0.Id]?.reply.awaitsConfig == true }
        guard uninitiated.isEmpty else {
            throw ReplicaKitError(
                .refused,
                "\(uninitiated): the servers run and were never initiated, so there is no set to adopt",
                hint: "Write a spec that names these containers, and run `rkctl up`."
            )
        }
        let encrypted = names { $0.isUp && MongodCommandLine($0).requiresTLS }
        throw ReplicaKitError(
            .refused,
            "no container at \(engine.endpoint) that runs and was looked at answers as a member of a set"
                + (encrypted.isEmpty ? "" : "; \(encrypted): TLS is required, and such a set cannot be adopted yet"),
            hint: "Start the members first; this machine must reach their addresses in their network."
        )
    }

    private struct Answers: Sendable {
        var config: ReplicaSetConfig
        var users: [UsersInfo.User]?
        var writeConcern: DefaultRWConcernReply?
    }

    /// What the set says of itself: the primary, where it answers, else the others in turn.
    private func answers(of greetings: [Greeting], as authentication: MemberAuthentication) async throws -> Answers {
        func rank(_ greeting: Greeting) -> Int {
            greeting.reply.isWritablePrimary ? 0 : greeting.reply.isSecondary ? 1 : 2
        }
        var failure: (any Error)?
        for greeting in greetings.sorted(by: { rank($0) < rank($1) }) {
            do {
                return try await driver.withConnection(to: greeting.address, as: authentication, timeout: timeout) {
                    connection in
                    let config = try await connection.run(ReplSetGetConfig(), timeout: timeout).config
                    // An arbiter has no users, and who asks may not be allowed to see them.
                    let users = try? await connection.run(UsersInfo(), timeout: timeout).users
                    let concern = try? await connection.run(GetDefaultRWConcern(), timeout: timeout)
                    return Answers(config: config, users: users, writeConcern: concern)
                }
            } catch let error as ReplicaKitError {
                failure = failure ?? error
            }
        }
        if authentication == .none, let error = failure as? ReplicaKitError, error.code.family == .authentication {
            throw ReplicaKitError(
                error.code,
                "the config of the set cannot be read: \(error.message)",
                member: error.member,
                server: error.server,
                hint: "No keyfile was found in the containers: name a user with --admin-user and --admin-password-file."
            )
        }
        throw failure ?? ReplicaKitError(.noMemberReachable, "no member answers any more")
    }
}

extension ContainerDetails {
    /// Its name as people know it.
    var displayName: String {
        guard let Name, !Name.isEmpty else { return String(Id.prefix(12)) }
        return Name.hasPrefix("/") ? String(Name.dropFirst()) : Name
    }

    /// Where its server may listen, as far as this machine can reach it: its addresses in its networks.
    var reachableAddresses: [MemberAddress] {
        let places = (NetworkSettings?.Networks ?? [:]).sorted { $0.key < $1.key }
        let port = MongodCommandLine(self).port
        return places.compactMap { $0.value.IPAddress }.filter { !$0.isEmpty }.map {
            MemberAddress(host: $0, port: port)
        }
    }
}
