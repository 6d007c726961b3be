/// What a step can do: the closed list of everything the library changes on a set.
///
/// Every action looks first whether what it is for already holds, and is then done with; so a plan that was
/// interrupted anywhere can be made and run again.
public enum StepAction: Sendable, Hashable, Codable {
    /// Make directories, keyfiles and settings of members.
    case createMembers([MemberName])
    /// Start members' processes, all at once, and wait until each answers.
    case startMembers([MemberName])
    /// Read where the histories of all members end, those that do not run each as a standalone, and start these
    /// members, the one with the newest history first.
    case startNewestFirst([MemberName])
    /// Give the set its first config on the first of these members, after a look that all of them are empty.
    ///
    /// Only the first member votes yet, so that it is the primary at once instead of after the election timeout.
    case initiate([MemberName])
    /// Make the administrator of the spec.
    case createAdministrator
    /// Give the set the default write concern of the spec.
    case setDefaultWriteConcern
    /// Wait until members serve: PRIMARY, SECONDARY or ARBITER by their own word and by the primary's.
    case awaitMembers([MemberName])
    /// Edit the config as it stands then: at most one voting member more or less at a time.
    case editConfig([ConfigEdit])
    /// Wait for a primary; where there is none, ask the member with the newest history to run for election.
    case electPrimary
    /// Make a member the primary: it catches up, runs for election, and the old primary follows it.
    ///
    /// - `catchUpSeconds`: how long it may take to catch up before.
    /// - `holdSeconds`: for how long the old primary does not run for election again; 0 lets it.
    case makePrimary(MemberName, catchUpSeconds: Int, holdSeconds: Int)
    /// Edit the config on a survivor of a set without a majority, by force, while these members are still dead.
    case forceConfig(on: MemberName, [ConfigEdit], dead: [MemberName])
    /// Shut a secondary down, start it again and wait until it has caught up, if its process is still this one.
    case restartMember(MemberName, MemberProcess)
    /// Keep a member out of reads and elections while it is worked on, or let it back in.
    case setMaintenance(MemberName, isOn: Bool)
    /// Stop writes before the whole set is stopped: the primary steps down and no other member takes over, so all
    /// members end with the same history.
    case quiesce
    /// End members' processes by the `shutdown` command, and wait until they have ended.
    case shutDown([MemberName])
    /// End members' processes by signal: terminate, and kill after so many seconds.
    case stopProcesses([MemberName], graceSeconds: Int)
    /// Remove stopped members from their host.
    case removeMembers([MemberName], includingData: Bool)
}

extension StepAction {
    /// A short stable name of the kind of action, for scripts.
    public var kind: String {
        switch self {
        case .createMembers: "createMembers"
        case .startMembers: "startMembers"
        case .startNewestFirst: "startNewestFirst"
        case .initiate: "initiate"
        case .createAdministrator: "createAdministrator"
        case .setDefaultWriteConcern: "setDefaultWriteConcern"
        case .awaitMembers: "awaitMembers"
        case .editConfig: "editConfig"
        case .electPrimary: "electPrimary"
        case .makePrimary: "makePrimary"
        case .forceConfig: "forceConfig"
        case .restartMember: "restartMember"
        case .setMaintenance: "setMaintenance"
        case .quiesce: "quiesce"
        case .shutDown: "shutDown"
        case .stopProcesses: "stopProcesses"
        case .removeMembers: "removeMembers"
        }
    }

    /// One line for a person.
    public var description: String {
        switch self {
        case .createMembers(let members): "create \(listing(members))"
        case .startMembers(let members): "start \(listing(members)) and wait until each answers"
        case .startNewestFirst(let members):
            "read where each member's history ends, those that do not run apart from the set, one after the other; then "
                + "start \(listing(members)), the newest first"
        case .initiate(let members):
            "initiate the set with \(listing(members)), of which only \(members.first?.rawValue ?? "the first") votes yet"
        case .createAdministrator: "create the administrator of the spec"
        case .setDefaultWriteConcern: "set the default write concern of the spec"
        case .awaitMembers(let members): "wait until \(listing(members)) serve\(members.count == 1 ? "s" : "")"
        case .editConfig(let edits): "config: \(edits.map(\.description).joined(separator: ", "))"
        case .electPrimary: "wait for a primary; with none, the member with the newest history runs for election"
        case .makePrimary(let member, _, let hold):
            "make \(member) the primary"
                + (hold > 0 ? ", and keep the old one from running for election for \(hold) s" : "")
        case .forceConfig(let member, let edits, _):
            "config on \(member), by force: \(edits.map(\.description).joined(separator: ", "))"
        case .restartMember(let member, _): "restart \(member) and wait until it has caught up"
        case .setMaintenance(let member, let isOn):
            isOn ? "keep \(member) out of reads and elections" : "let \(member) back into reads and elections"
        case .quiesce: "stop writes: let all members catch up, then step the primary down without a successor"
        case .shutDown(let members): "shut down \(listing(members)) and wait until the processes have ended"
        case .stopProcesses(let members, let grace):
            grace == 0 ? "kill \(listing(members))" : "terminate \(listing(members)), and kill after \(grace) s"
        case .removeMembers(let members, let data):
            "remove \(listing(members))\(data ? " with all data" : ", keeping the data")"
        }
    }

    /// What an operator would type for the same in `mongosh` or a shell, without secrets; `nil` where nothing is typed.
    ///
    /// - Parameter spec: The set, which says what runs the members.
    public func command(in spec: ReplicaSetSpec) -> String? {
        if case .docker(let runtime) = spec.runtime, let text = dockerCommand(spec, runtime) { return text }
        return switch self {
        case .createMembers, .awaitMembers, .removeMembers: nil
        case .startMembers: "mongod --config mongod.conf --fork"
        case .startNewestFirst:
            "mongod --dbpath db --port PORT --keyFile keyfile; db.getSiblingDB(\"local\").oplog.rs.find()"
                + ".sort({$natural: -1}).limit(1); db.shutdownServer(); mongod --config mongod.conf --fork"
        case .initiate: "rs.initiate({...}); db.adminCommand({replSetStepUp: 1})"
        case .createAdministrator:
            "db.getSiblingDB(\"admin\").createUser({user, pwd: passwordPrompt(), roles: [\"root\"]})"
        case .setDefaultWriteConcern: "db.adminCommand({setDefaultRWConcern: 1, defaultWriteConcern: {...}})"
        case .editConfig: "cfg = rs.conf(); ...; rs.reconfig(cfg)"
        case .electPrimary: "db.adminCommand({replSetStepUp: 1})"
        case .makePrimary(let member, _, let hold):
            "db.adminCommand({replSetStepUp: 1}) on \(member)"
                + (hold > 0 ? "; rs.freeze(\(hold)) on the old primary" : "")
        case .forceConfig: "cfg = rs.conf(); ...; rs.reconfig(cfg, {force: true})"
        case .restartMember: "db.adminCommand({shutdown: 1, timeoutSecs: 1}); mongod --config mongod.conf --fork"
        case .setMaintenance(let member, let isOn): "db.adminCommand({replSetMaintenance: \(isOn)}) on \(member)"
        case .quiesce: "rs.freeze(120) on each secondary; rs.stepDown(120, 10)"
        case .shutDown: "db.adminCommand({shutdown: 1, timeoutSecs: 1})"
        case .stopProcesses(_, let grace): grace == 0 ? "kill -KILL" : "kill -TERM"
        }
    }

    /// The same where the members are containers; `nil` where nothing of it is about containers.
    private func dockerCommand(_ spec: ReplicaSetSpec, _ runtime: DockerRuntime) -> String? {
        func containers(_ members: [MemberName]) -> String {
            members.compactMap { try? spec.member($0) }.map(runtime.container(of:)).joined(separator: " ")
        }
        return switch self {
        case .createMembers(let members): "docker create --name NAME … for \(containers(members))"
        case .startMembers(let members): "docker start \(containers(members))"
        case .shutDown(let members): "docker stop --time 90 \(containers(members))"
        case .restartMember(let member, _): "docker restart --time 90 \(containers([member]))"
        case .stopProcesses(let members, let grace):
            grace == 0 ? "docker kill \(containers(members))" : "docker stop --time \(grace) \(containers(members))"
        case .removeMembers(let members, let data):
            "docker rm --volumes \(containers(members))" + (data ? "; docker volume rm …" : "")
        default: nil
        }
    }

    /// Members for a sentence.
    private func listing(_ members: [MemberName]) -> String {
        members.map(\.rawValue).joined(separator: ", ")
    }
}
