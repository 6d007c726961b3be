public import ReplicaKit

extension DockerHost: MemberInspection {
    /// What a member's container uses: of all its processes together, as `docker stats` shows it.
    public func resources(of member: MemberName) async throws -> MemberResources {
        try await speaking(of: member) { place in
            _ = try await running(place)
            let first = try await place.engine.stats(of: place.name)
            try await clock.sleep(for: .milliseconds(500))
            return try await place.engine.stats(of: place.name).resources(after: first)
        }
    }

    /// The processes in a member's container, with their numbers on the engine's machine, as `docker top` shows them.
    public func processes(of member: MemberName) async throws -> [MemberProcessLine] {
        try await speaking(of: member) { place in
            _ = try await running(place)
            return try await place.engine.processes(of: place.name).lines
        }
    }

    /// Runs a program in a member's container, as `docker exec` does without `-i`.
    public func run(_ arguments: [String], in member: MemberName, timeout: Duration) async throws -> ProgramResult {
        guard let program = arguments.first, !program.isEmpty else {
            throw ReplicaKitError(.invalidArgument, "no program was named to run in \"\(member)\"")
        }
        return try await speaking(of: member) { place in
            _ = try await running(place)
            if let result = try await place.engine.run(arguments, in: place.name, limit: timeout) { return result }
            throw ReplicaKitError(
                .programTimedOut,
                "\(program) in the container \(place.name) did not end within \(timeout)",
                member: place.member.host,
                hint: "It may go on there: docker top \(place.name) shows it."
            )
        }
    }

    /// What the container's `HEALTHCHECK` says, where its image or its creator gave it one.
    public func health(of member: MemberName) async throws -> MemberProcessHealth {
        try await speaking(of: member) { place in
            let status = try await running(place).State.Health?.Status
            return status.flatMap { MemberProcessHealth(rawValue: $0) } ?? .unchecked
        }
    }

    private func running(_ place: ContainerPlace) async throws -> ContainerDetails {
        guard let container = try await place.container() else { throw absent(place.member.name) }
        guard container.isUp else {
            throw ReplicaKitError(
                .memberNotRunning,
                "the container \(place.name) does not run: it \(container.exit.description)",
                member: place.member.host,
                hint: "rkctl start \(place.member.name)"
            )
        }
        return container
    }
}

extension ContainerStats {
    /// What is used now, given an earlier look.
    func resources(after earlier: ContainerStats) -> MemberResources {
        var resources = MemberResources()
        if let from = earlier.read.flatMap({ EngineTime($0) }), let to = read.flatMap({ EngineTime($0) }), to > from,
            let used = cpu_stats?.cpu_usage?.total_usage, let before = earlier.cpu_stats?.cpu_usage?.total_usage,
            used >= before
        {
            resources.processors = Double(used - before) / Double(to.nanoseconds - from.nanoseconds)
        }
        if let memory = memory_stats, let usage = memory.usage {
            let cached = memory.stats?.inactive_file ?? memory.stats?.total_inactive_file ?? 0
            resources.memory = usage > cached ? usage - cached : usage
            resources.memoryLimit = memory.limit
        }
        if let transfers = blkio_stats?.io_service_bytes_recursive {
            func sum(_ op: String) -> UInt64 {
                transfers.filter { $0.op?.lowercased() == op }.reduce(0) { $0 &+ ($1.value ?? 0) }
            }
            (resources.diskRead, resources.diskWritten) = (sum("read"), sum("write"))
        }
        if let networks {
            resources.networkReceived = networks.values.reduce(0) { $0 &+ ($1.rx_bytes ?? 0) }
            resources.networkSent = networks.values.reduce(0) { $0 &+ ($1.tx_bytes ?? 0) }
        }
        return resources
    }
}

extension ContainerProcesses {
    /// The lines that name a process; which columns there are depends on the engine and its `ps`.
    var lines: [MemberProcessLine] {
        guard let titles = Titles, let pid = titles.firstIndex(of: "PID"),
            let command = titles.firstIndex(where: { ["CMD", "COMMAND"].contains($0) })
        else { return [] }
        return (Processes ?? []).compactMap { line in
            guard line.count > max(pid, command), let number = Int(line[pid]) else { return nil }
            return MemberProcessLine(pid: number, command: line[command])
        }
    }
}
