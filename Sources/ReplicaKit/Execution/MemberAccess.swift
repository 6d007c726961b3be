/// Reaches the members of a spec by name, as whoever a step needs to be.
///
/// Lifecycle steps speak as the internal user of the keyfile: they work before there are users, on arbiters, which
/// have none, and while there is no primary. What concerns the administrator speaks as the administrator.
package struct MemberAccess: Sendable {
    package let spec: ReplicaSetSpec
    package let driver: any MemberDriver
    package let secrets: SecretStore
    /// The longest that connecting, and each single command, may take.
    package let timeout: Duration

    package init(spec: ReplicaSetSpec, driver: any MemberDriver, secrets: SecretStore, timeout: Duration) {
        self.spec = spec
        self.driver = driver
        self.secrets = secrets
        self.timeout = timeout
    }

    package enum Identity {
        /// The internal user of the keyfile.
        case setItself
        /// The administrator of the spec.
        case administrator
        /// Nobody: what servers answer to anyone, and the localhost exception.
        case nobody
    }

    package func with<Result: Sendable>(
        _ address: MemberAddress,
        as identity: Identity,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try await driver.withConnection(to: address, as: authentication(identity), timeout: timeout, body)
    }

    package func with<Result: Sendable>(
        _ name: MemberName,
        as identity: Identity,
        _ body: (any MemberConnection) async throws -> Result
    ) async throws -> Result {
        try await with(spec.member(name).host, as: identity, body)
    }

    /// Runs one command on a connection of its own.
    package func run<Command: ServerCommand>(
        _ command: Command,
        on address: MemberAddress,
        as identity: Identity = .setItself
    ) async throws -> Command.Reply {
        try await with(address, as: identity) { try await $0.run(command, timeout: timeout) }
    }

    package func authentication(_ identity: Identity) throws -> MemberAuthentication {
        switch identity {
        case .nobody: .none
        case .setItself: .keyFile(try secrets.readKeyFile(spec.security.keyFile))
        case .administrator:
            .password(
                Credential(user: spec.security.admin.user, password: try secrets.read(spec.security.admin.password))
            )
        }
    }

    /// Asks several members the same at the same time; what fails is left out.
    package func answers<Answer: Sendable>(
        of addresses: [MemberAddress],
        _ ask: @escaping @Sendable (MemberAddress) async throws -> Answer
    ) async -> [MemberAddress: Answer] {
        await withTaskGroup(of: (MemberAddress, Answer?).self) { group in
            for address in addresses {
                group.addTask { (address, try? await ask(address)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    /// The member that says it accepts writes, of several the one that was elected last.
    ///
    /// `hello` needs no login, so this is cheap enough to be asked before each thing that the primary must do.
    package func writableMember() async -> MemberAddress? {
        let answers = await answers(of: spec.members.filter { !$0.arbiter }.map(\.host)) {
            try await run(Hello(), on: $0, as: .nobody)
        }
        let claims = answers.filter { $0.value.isWritablePrimary && $0.value.setName == spec.name }
        return claims.max { ($0.value.electionTerm ?? -1) < ($1.value.electionTerm ?? -1) }?.key
    }
}
