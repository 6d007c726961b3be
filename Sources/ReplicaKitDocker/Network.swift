import ReplicaKit

/// The network that the members on one engine share.
struct Network: Sendable {
    let place: ContainerPlace
    let runtime: DockerRuntime

    private var engine: EngineClient { place.engine }
    private var name: String { runtime.network.name }

    /// Makes the network, unless there is one that will do.
    func make() async throws {
        if let present = try await onlyOne() { return try check(present) }
        let others = try await engine.networks()
        if let subnet = runtime.network.subnet.flatMap(IPv4Subnet.init),
            let other = others.first(where: { $0.subnets.compactMap(IPv4Subnet.init).contains { $0.overlaps(subnet) } })
        {
            throw conflict(
                "its subnet \(runtime.network.subnet ?? "") overlaps that of the network \(other.Name) "
                    + "(\(other.subnets.joined(separator: ", ")))",
                hint: "Give the spec another subnet and the members addresses in it, or remove that network if nothing "
                    + "needs it: docker network rm \(other.Name)."
            )
        }
        do {
            try await engine.createNetwork(
                NetworkRequest(
                    Name: name,
                    Labels: [ContainerPlace.setLabel: place.set.rawValue],
                    IPAM: runtime.network.subnet.map { .init(Config: [.init(Subnet: $0)]) }
                )
            )
        } catch let refusal as EngineRefusal where refusal.status == 409 {
            // Somebody else made it in this moment: it is looked at below.
        } catch let refusal as EngineRefusal {
            throw conflict(
                "the engine would not make it: \(refusal.message)",
                hint: "Look at docker network ls, and at the routes of that machine: ip route."
            )
        }
        guard let made = try await onlyOne() else {
            throw conflict("it is not there although it was made", hint: "Look at docker network ls.")
        }
        try check(made)
    }

    /// Removes the network, when it was made for this set and nothing is in it.
    func removeIfUnused() async throws {
        for network in try await engine.networks(named: name)
        where network.Labels?[ContainerPlace.setLabel] == place.set.rawValue {
            // Stopped containers count too, whosever they are: they could not be started again without it.
            guard try await engine.containerCount(inNetwork: name) == 0 else { continue }
            _ = try await engine.removeNetwork(network.Id)
        }
    }

    private func onlyOne() async throws -> NetworkDetails? {
        let found = try await engine.networks(named: name)
        guard found.count <= 1 else {
            throw conflict(
                "there are \(found.count) networks of that name",
                hint: "Remove all but one, by their ids: docker network ls --filter name=\(name)."
            )
        }
        return found.first
    }

    private func check(_ network: NetworkDetails) throws(ReplicaKitError) {
        if let owner = network.Labels?[ContainerPlace.setLabel], owner != place.set.rawValue,
            runtime.network.subnet == nil
        {
            throw conflict("it was made for the set \(owner)", hint: "Give the spec a network of another name.")
        }
        guard let wanted = runtime.network.subnet, !network.subnets.contains(wanted) else { return }
        throw conflict(
            "it is there with the subnet \(network.subnets.joined(separator: ", ")), and the spec has \(wanted)",
            hint: "Correct the spec, or give it a network of another name."
        )
    }

    private func conflict(_ why: String, hint: String) -> ReplicaKitError {
        ReplicaKitError(
            .networkConflict,
            "the network \(name) at \(engine.endpoint) cannot be used: \(why)",
            hint: hint
        )
    }
}
