extension StepPerformer {
    /// Gives the set its first config. Afterwards the first member knows the config; a primary is another step's affair.
    func initiate(_ members: [MemberName]) async throws -> StepOutcome {
        guard let first = members.first else { return .alreadyHeld }
        let leader = try spec.member(first).host
        let addresses = spec.members.filter { members.contains($0.name) }.map(\.host)
        let words = await access.answers(of: addresses) { [access] in
            try await access.run(Hello(), on: $0, as: .nobody)
        }
        if words.values.contains(where: { $0.setName == spec.name }) { return .alreadyHeld }
        // With `ok: 1` a server wipes members that hold data, to copy another's.
        try await forEach(members) { name in
            try await EmptinessProof(name: name, address: spec.member(name).host, access: access).require()
        }
        let config = try await firstConfig(leader: first, members: members)
        do {
            _ = try await access.run(ReplSetInitiate(config: config), on: leader)
        } catch let error as ReplicaKitError where error.code == .connectionTimedOut {
            // It asks every member and makes the oplog's file, which a busy disk can make long, and goes on when nobody
            // waits for its answer any more. Whether it took effect is seen below.
        }
        try await toolbox.clock.wait(for: "\(first) to know the config", within: limits.agreement) {
            let hello = try await access.run(Hello(), on: leader, as: .nobody)
            return hello.setName == spec.name
        }
        return .done
    }

    private func firstConfig(leader: MemberName, members: [MemberName]) async throws -> ReplicaSetConfig {
        let address = try spec.member(leader).host
        let version = try await access.run(BuildInfo(), on: address, as: .nobody).version
        var draft = spec
        draft.members = spec.members.filter { members.contains($0.name) }.map { member in
            var member = member
            if member.name != leader { (member.votes, member.priority) = (0, 0) }
            return member
        }
        if SetUpMark.isUsed(for: spec) {
            draft.settings.heartbeatIntervalMillis = SetUpMark.heartbeatIntervalMillis(for: spec)
        }
        let config = try ReplicaSetConfig(spec: draft, serverVersion: version)
        try ReplicaSetConfigValidator(serverVersion: version, setName: spec.name).initiate(config.document).refuseAny()
        return config
    }

    /// Makes the administrator on the primary: through the localhost exception where that is open, else as the
    /// internal user.
    func createAdministrator() async throws -> StepOutcome {
        let primary = try await primaryAddress()
        let credential = Credential(
            user: spec.security.admin.user,
            password: try secrets.readOrCreatePassword(spec.security.admin.password)
        )
        if try await administratorCanLogIn(to: primary) { return .alreadyHeld }
        let known = try await access.run(UsersInfo(), on: primary).users
        guard !known.contains(where: { $0.name == credential.user }) else {
            throw ReplicaKitError(
                .authenticationFailed,
                "the user \(credential.user) exists with another password than the spec's",
                member: primary,
                hint: "Put the right password where security.admin.password points, or change the user's."
            )
        }
        let command = CreateUser(user: credential.user, password: credential.password, roles: [.root])
        do {
            _ = try await access.run(command, on: primary, as: primary.isLocal && known.isEmpty ? .nobody : .setItself)
        } catch let error as ReplicaKitError where error.code == .notAuthorized {
            // The exception is closed (enableLocalhostAuthBypass: false, or a server that takes us for remote).
            _ = try await access.run(command, on: primary)
        }
        guard try await administratorCanLogIn(to: primary) else {
            throw ReplicaKitError(
                .authenticationFailed,
                "the administrator was made and cannot log in",
                member: primary,
                hint: "Look at security.authenticationMechanisms of the members."
            )
        }
        return .done
    }

    func administratorCanLogIn(to address: MemberAddress) async throws -> Bool {
        do {
            _ = try await access.run(Ping(), on: address, as: .administrator)
            return true
        } catch let error as ReplicaKitError where error.code == .authenticationFailed { return false }
    }

    /// Sets the default write concern, unless someone has set one: theirs stays.
    func setDefaultWriteConcern(_ note: (String) -> Void) async throws -> StepOutcome {
        let primary = try await primaryAddress()
        let present = try await access.run(GetDefaultRWConcern(), on: primary)
        if present.isExplicit {
            if present.writeConcern?["w"] != spec.writeConcern.document["w"] {
                note("the set's default write concern differs from the spec's; it stays")
            }
            return .alreadyHeld
        }
        // Acknowledged by the primary alone: while the others copy the data, a majority may still be one member.
        _ = try await access.run(SetDefaultRWConcern(writeConcern: spec.writeConcern), on: primary)
        try await toolbox.clock.wait(for: "the default write concern", within: limits.agreement) {
            try await access.run(GetDefaultRWConcern(), on: primary).isExplicit
        }
        return .done
    }
}
