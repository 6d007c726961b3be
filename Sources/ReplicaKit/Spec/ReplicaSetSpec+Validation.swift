extension ReplicaSetSpec {
    /// Checks all that can be known without a server.
    ///
    /// - Throws: One ``ReplicaKitError`` with ``ReplicaKitError/Code/invalidSpec`` that lists every problem.
    public func validate() throws(ReplicaKitError) {
        let problems = problems()
        guard !problems.isEmpty else { return }
        let list = problems.map(\.description)
        throw ReplicaKitError(
            .invalidSpec,
            list.count == 1
                ? "the spec is wrong: \(list[0])"
                : "the spec has \(list.count) problems:\n" + list.map { "  \($0)" }.joined(separator: "\n")
        )
    }

    /// Everything that is wrong with the spec, in the order of its keys; empty when it is good.
    public func problems() -> [SpecProblem] {
        setNameProblems() + countProblems() + memberProblems() + duplicateProblems() + runtimeProblems()
            + securityProblems() + writeConcernProblems() + settingsProblems() + healthProblems() + alertProblems()
            + backupProblems()
    }

    private func setNameProblems() -> [SpecProblem] {
        guard !name.rawValue.isEmpty else { return [SpecProblem(["name"], "the set's name is empty")] }
        guard name.rawValue.utf8.count <= 64 else {
            return [SpecProblem(["name"], "the set's name has more than 64 bytes")]
        }
        guard let odd = name.rawValue.first(where: { !$0.isLetter && !$0.isNumber && !"._-".contains($0) }) else {
            return []
        }
        return [
            SpecProblem(
                ["name"],
                "the set's name contains \(odd.debugDescription); letters, digits, \".\", \"_\" and \"-\" may stand in it"
            )
        ]
    }

    /// How many members there may be, and which of them can vote and be elected.
    private func countProblems() -> [SpecProblem] {
        guard !members.isEmpty else { return [SpecProblem(["members"], "a set needs at least one member")] }
        var problems: [SpecProblem] = []
        if members.count > 50 {
            problems.append(SpecProblem(["members"], "a set has at most 50 members, not \(members.count)"))
        }
        let voters = members.count { $0.votes == 1 }
        if voters > 7 {
            problems.append(
                SpecProblem(["members"], "\(voters) members vote and at most 7 may: give the others votes: 0")
            )
        }
        if !members.contains(where: { $0.priority > 0 && !$0.arbiter }) {
            problems.append(SpecProblem(["members"], "no member can become primary: give one a priority above 0"))
        }
        return problems
    }

    private func memberProblems() -> [SpecProblem] {
        members.enumerated().flatMap { index, member in
            member.problems().map { SpecProblem(["members", "\(index)"] + $0.path, $0.message) }
        }
    }

    private func duplicateProblems() -> [SpecProblem] {
        var problems: [SpecProblem] = []
        for (index, member) in members.enumerated() {
            let earlier = members[..<index]
            // Members' directories and containers are named after them, and some file systems ignore case.
            if let twin = earlier.first(where: { $0.name.rawValue.lowercased() == member.name.rawValue.lowercased() }) {
                let difference = twin.name == member.name ? "" : " but for upper and lower case"
                problems.append(
                    SpecProblem(
                        ["members", "\(index)", "name"],
                        "another member is named \"\(twin.name)\" too\(difference)"
                    )
                )
            }
            if let twin = earlier.first(where: { $0.host == member.host }) {
                problems.append(
                    SpecProblem(["members", "\(index)", "host"], "\(twin.name) has the address \(twin.host) already")
                )
            }
        }
        return problems
    }

    private func runtimeProblems() -> [SpecProblem] {
        switch runtime {
        case .process(let runtime): processProblems(runtime) + dockerMemberProblems()
        case .docker(let runtime): dockerProblems(runtime)
        case .external: dockerMemberProblems()
        }
    }

    /// What only containers have makes no sense elsewhere.
    private func dockerMemberProblems() -> [SpecProblem] {
        members.enumerated().filter { $0.element.docker != DockerMember() }.map { index, member in
            SpecProblem(["members", "\(index)", "docker"], "\(member.name) is no container: the runtime is another")
        }
    }

    private func processProblems(_ runtime: ProcessRuntime) -> [SpecProblem] {
        var problems = runtime.problems().map { SpecProblem(["runtime", "process"] + $0.path, $0.message) }
        var ports: [Int: MemberName] = [:]
        for (index, member) in members.enumerated() {
            let path = ["members", "\(index)", "host"]
            if member.host.isUnixSocket {
                problems.append(SpecProblem(path, "a local process listens at a port of the loopback, not at a path"))
            } else if !member.host.isLocal {
                problems.append(
                    SpecProblem(
                        path,
                        "\(member.host) is not on the loopback, where local processes listen; "
                            + "for servers that someone else runs, write runtime: {external: {}}"
                    )
                )
            } else if let twin = ports.updateValue(member.name, forKey: member.host.port),
                !members[..<index].contains(where: { $0.host == member.host })
            {
                problems.append(SpecProblem(path, "\(twin) has port \(member.host.port) on this machine already"))
            }
        }
        return problems
    }
}
