import ReplicaKit

/// Where a member is: its engine, and what its container and volume are called there.
struct ContainerPlace: Sendable {
    let set: ReplicaSetName
    let member: MemberSpec
    let runtime: DockerRuntime
    let engine: EngineClient

    static let setLabel = "replicakit.set"
    static let memberLabel = "replicakit.member"
    /// Where the keyfile and certificates lie inside the container.
    static let directory = "replicakit"
    static let keyFile = "/replicakit/keyfile"
    static let certificateFile = "/replicakit/server.pem"
    static let caFile = "/replicakit/ca.pem"
    static let data = "/data/db"
    /// Says of a container whose data it looks at: it is none of the set's.
    static let standaloneLabel = "replicakit.standalone"
    static let standaloneConfig = "/\(directory)/\(StandaloneConfig.fileName)"

    var name: String { runtime.container(of: member) }
    var volume: String { runtime.volume(of: member) }
    var labels: [String: String] { Self.labels(of: member.name, in: set) }

    /// What says of a container or volume whose it is.
    static func labels(of member: MemberName, in set: ReplicaSetName) -> [String: String] {
        [setLabel: set.rawValue, memberLabel: member.rawValue]
    }

    /// The member's container; `nil` when there is none.
    ///
    /// - Throws: ``ReplicaKit/ReplicaKitError/Code/nameTaken`` for a container that is not this member's.
    func container() async throws -> ContainerDetails? {
        guard let container = try await engine.container(name) else { return nil }
        let labels = container.Config?.Labels ?? [:]
        if claims(labels) { return container }
        throw taken("container", name, labels)
    }

    /// Whether a container of the member's name, with these labels, is the member's.
    func claims(_ labels: [String: String]) -> Bool {
        if labels[Self.setLabel] == set.rawValue, labels[Self.memberLabel] == member.name.rawValue { return true }
        // One that somebody else made is ours to run when the spec names it.
        return labels[Self.setLabel] == nil && member.docker.container == name
    }

    func taken(_ what: String, _ name: String, _ labels: [String: String]) -> ReplicaKitError {
        let owner = labels[Self.setLabel].map { "the member \(labels[Self.memberLabel] ?? "") of the set \($0)" }
        return ReplicaKitError(
            .nameTaken,
            "the \(what) \(name) at \(engine.endpoint) belongs to \(owner ?? "somebody else"), not to "
                + "the member \(member.name) of \(set)",
            member: member.host,
            hint: "Give the spec another prefix (runtime: {docker: {prefix: …}}), or remove that \(what) yourself."
        )
    }

    /// Whether a container that was made has all that its server needs: a run that was killed may have made no more
    /// than the container.
    func isComplete(_ container: ContainerDetails) async throws -> Bool {
        guard container.Config?.Labels?[Self.setLabel] != nil else { return true }
        return try await engine.hasPath(Self.keyFile, in: name)
    }
}

extension ContainerDetails {
    /// Whether its process is there. One that waits to be started again has none.
    var isUp: Bool { State.Running == true && State.Restarting != true }

    /// Whether its process is there, or will be in a moment without anybody's doing.
    var isActive: Bool { State.Running == true || State.Restarting == true }

    /// How it ended last.
    var exit: MemberExit {
        if State.Status == "created" { return .unseen }
        return State.ExitCode.map { MemberExit(exitCode: $0) } ?? .unseen
    }
}

extension MemberExit {
    /// What an exit code of a container means: one that was ended by a signal has 128 and its number.
    init(exitCode: Int) {
        self =
            switch exitCode {
            case 0: .clean
            case 129...192: .signal(exitCode - 128)
            default: .code(exitCode)
            }
    }
}
