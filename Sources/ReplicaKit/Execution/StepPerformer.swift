/// Carries out the actions of steps on real members.
///
/// Every action looks first whether what it is for already holds, acts, and then observes that it has come about:
/// no answer of a command is taken for its effect.
struct StepPerformer: StepPerforming {
    let spec: ReplicaSetSpec
    var toolbox: Toolbox
    let secrets: SecretStore
    var limits: StepLimits

    var access: MemberAccess {
        MemberAccess(spec: spec, driver: toolbox.driver, secrets: secrets, timeout: limits.call)
    }

    func perform(_ action: StepAction, note: @escaping @Sendable (String) -> Void) async throws -> StepOutcome {
        switch action {
        case .createMembers(let members): try await createMembers(members, note)
        case .startMembers(let members): try await startMembers(members)
        case .startNewestFirst(let members): try await startNewestFirst(members, note)
        case .initiate(let members): try await initiate(members)
        case .createAdministrator: try await createAdministrator()
        case .setDefaultWriteConcern: try await setDefaultWriteConcern(note)
        case .awaitMembers(let members): try await awaitMembers(members, note)
        case .editConfig(let edits): try await ConfigChange(performer: self, edits: edits, note: note).apply()
        case .electPrimary: try await electPrimary(note)
        case .makePrimary(let member, let catchUp, let hold):
            try await makePrimary(member, catchUp: .seconds(catchUp), hold: .seconds(hold), note)
        case .forceConfig(let member, let edits, let dead): try await forceConfig(on: member, edits, dead: dead, note)
        case .restartMember(let member, let process): try await restartMember(member, process, note)
        case .setMaintenance(let member, let isOn): try await setMaintenance(member, isOn: isOn, note)
        case .quiesce: try await quiesce(note)
        case .shutDown(let members): try await shutDown(members, note)
        case .stopProcesses(let members, let grace): try await stopProcesses(members, .seconds(grace), note)
        case .removeMembers(let members, let data): try await removeMembers(members, includingData: data)
        }
    }
}

/// How long the parts of steps may take before the run gives up and says what it was waiting for.
public struct StepLimits: Sendable, Hashable {
    /// One connection or command.
    public var call: Duration
    /// A started process until it answers.
    public var start: Duration
    /// An election, a step-down or a config until it is everywhere.
    public var agreement: Duration
    /// A member until it serves: an initial sync is in it, so it must fit the data.
    public var sync: Duration
    /// A process until it has ended.
    public var stop: Duration

    /// Creates limits.
    public init(
        call: Duration = .seconds(5),
        start: Duration = .seconds(60),
        agreement: Duration = .seconds(60),
        sync: Duration = .seconds(24 * 3600),
        stop: Duration = .seconds(90)
    ) {
        self.call = call
        self.start = start
        self.agreement = agreement
        self.sync = sync
        self.stop = stop
    }
}
